"""How pyspf or checkdmarc reads records: lines of JSON in, one line of JSON out for each.

    read.py pyspf|checkdmarc

In: {"kind", "record"}, the record as characters of which each is a byte. Out: {"valid": true, "facts":
{...}}, {"valid": false, "why": "..."}, or null for a kind that the program does not read. Nothing is asked
of the network: whatever a record refers to is there, and says nothing.
"""

import json
import sys

DOMAIN = "read.test"
SIGNS = {"pass": "+", "fail": "-", "softfail": "~", "neutral": "?"}
HARMLESS = b"v=spf1 ?all"


def invalid(error):
    return {"valid": False, "why": f"{type(error).__name__}: {error}"}


def pyspf():
    """One function for each kind that pyspf reads."""
    import spf

    def read(record):
        query = spf.query(i="203.0.113.9", s=f"user@{DOMAIN}", h="mail.example.net")
        terms = []
        validate = query.validate_mechanism

        def noted(term):
            terms.append(validate(term))
            return terms[-1]

        def dns(name, qtype, *_, **__):
            if qtype != "TXT":
                return []
            return [(record if name == DOMAIN and not terms else HARMLESS,)]

        # What it finds out by asking is no part of reading.
        query.validate_mechanism, query.dns, query.check_lookups = noted, dns, lambda: None
        result, _, why = query.check()
        if result == "none":
            return {"valid": False, "why": "none: no SPF record"}
        if result == "permerror":
            return {"valid": False, "why": why}
        before = [term for term in terms]
        sign = "?"
        for at, (_, name, _, _, result) in enumerate(terms):
            if name == "all":
                before, sign = terms[:at], SIGNS[result]
                break
        return {"valid": True, "facts": {"mechanisms": len(before), "all": sign}}

    return {"spf": read}


def checkdmarc():
    """One function for each kind that checkdmarc reads."""
    import requests
    from checkdmarc import bimi, dmarc, mta_sts, smtp_tls_reporting, spf

    def unreachable(*_, **__):
        raise requests.RequestException("no network here")

    requests.Session.get = unreachable
    dmarc.verify_dmarc_report_destination = lambda *_, **__: None
    dmarc.get_mx_records = lambda *_, **__: ["mail.example.org"]
    spf.get_a_records = lambda *_, **__: ["192.0.2.1"]
    spf.get_mx_records = lambda *_, **__: [{"hostname": "mail.example.org", "preference": 0}]
    spf.get_txt_records = lambda *_, **__: ["text"]
    harmless = HARMLESS.decode()
    spf.query_spf_record = lambda *_, **__: {"record": harmless, "warnings": []}
    # Limits of lookups are no part of reading.
    limits = (spf.SPFTooManyDNSLookups, spf.SPFTooManyVoidDNSLookups, spf.SPFIncludeLoop, spf.SPFRedirectLoop)

    def read_spf(text):
        if not spf._is_spf_record(text):
            return {"valid": False, "why": "no SPF record"}
        try:
            parsed = spf.parse_spf_record(text, DOMAIN)["parsed"]
        except limits:
            return None
        terms = [term for term in parsed["mechanisms"] if term["mechanism"] != "all"]
        return {"valid": True, "facts": {"mechanisms": len(terms), "all": SIGNS[parsed["all"]]}}

    def read_dmarc(text):
        if not dmarc._is_dmarc_record(text):
            return {"valid": False, "why": "no DMARC record"}
        tags = dmarc.parse_dmarc_record(text, DOMAIN)["tags"]
        facts = {tag: tags[tag]["value"] for tag in ("p", "sp", "np", "adkim", "aspf", "psd", "t")}
        for tag in ("rua", "ruf"):
            facts[tag] = len(tags[tag]["value"]) if tag in tags else 0
        return {"valid": True, "facts": facts}

    def read_mta_sts(text):
        return {"valid": True, "facts": {"id": mta_sts.parse_mta_sts_record(text)["tags"]["id"]}}

    def read_policy(text):
        policy = mta_sts.parse_mta_sts_policy(text)["policy"]
        facts = {"mode": policy["mode"], "max_age": policy["max_age"]}
        return {"valid": True, "facts": facts | {"mx": [name.lower() for name in policy["mx"]]}}

    def read_tls_rpt(text):
        tags = smtp_tls_reporting.parse_smtp_tls_reporting_record(text)["tags"]
        return {"valid": True, "facts": {"rua": len(tags["rua"]["value"])}}

    def read_bimi(text):
        tags = bimi.parse_bimi_record(text, domain=DOMAIN)["tags"]
        return {"valid": True, "facts": {tag: tags[tag]["value"] if tag in tags else "" for tag in ("l", "a")}}

    readers = {"spf": read_spf, "dmarc": read_dmarc, "mta_sts": read_mta_sts, "mta_sts_policy": read_policy,
               "tls_rpt": read_tls_rpt, "bimi": read_bimi}

    def decoded(read):
        # Its resolver decodes strings as UTF-8 before they are read.
        return lambda record: read(record.decode("utf-8", "replace"))

    return {kind: decoded(read) for kind, read in readers.items()}


def main(peer):
    readers = {"pyspf": pyspf, "checkdmarc": checkdmarc}[peer]()
    for line in sys.stdin:
        asked = json.loads(line)
        read = readers.get(asked["kind"])
        try:
            answer = read and read(asked["record"].encode("latin-1"))
        except Exception as error:  # whatever it raises is what it makes of the record
            answer = invalid(error)
        print(json.dumps(answer))


main(sys.argv[1])
