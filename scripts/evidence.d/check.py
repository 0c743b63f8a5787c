"""Checks every domain of the real servers, and puts beside it what posttls-finger, `openssl s_client`
and delv say: STARTTLS, the version, the certificate, DANE, and whether the MX answer is secure.

Runs inside the lab: check.py BINARY [DIR]. Prints a line for each cell that differs, with why, and a
summary; with DIR keeps check.json and what each tool said there.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PATIENCE = 60
DNSSEC = {"secure": "pass", "insecure": "fail", "bogus": "fail"}


def main(binary, out=None):
    out = out and Path(out)
    lab = dict(line.strip().split("=", 1) for line in open(Path(os.environ["LAB_DIR"], "lab.env")))
    lab = {key: value.strip('"') for key, value in lab.items()}
    names = [line.strip() for line in open(f"{lab['DIR']}/domains.txt") if line.strip() and not line.startswith("#")]
    seen = check(binary, lab, names)
    tools = Tools(lab, out)
    if out:
        (out / "check.json").write_text(json.dumps(seen, indent=1))
    cells = Counter()
    differ = []
    with ThreadPoolExecutor(6) as pool:
        for verdicts in pool.map(lambda one: list(compared(one, tools)), seen):
            for subject, tool, mine, theirs, why in verdicts:
                same = "agree" if mine == theirs else why or "NOT EXPLAINED"
                cells[tool, same] += 1
                if mine != theirs:
                    differ.append(f"{subject:<52} {tool:<14} check {mine:<14} {tool} {theirs:<14} {same}")
    print("\n".join(sorted(set(differ))))
    print()
    for tool in sorted({tool for tool, _ in cells}):
        of = {same: count for (name, same), count in cells.items() if name == tool}
        print(f"{tool:<15} {sum(of.values()):>4} compared: " + ", ".join(f"{count} {same}" for same, count in sorted(of.items())))
    unexplained = sum(count for (_, same), count in cells.items() if same == "NOT EXPLAINED")
    print(f"{len(seen)} domains, {sum(cells.values())} comparisons, {cells_of(cells, 'agree')} agree, {unexplained} that differ without an explanation")
    return unexplained > 0


def cells_of(cells, same):
    return sum(count for (_, what), count in cells.items() if what == same)


def check(binary, lab, names):
    command = [binary, "check", "--json", "--state", f"{lab['DIR']}/state", "--resolver", lab["RESOLVER"],
               "--extra-root", lab["CA"], "--operator-rate", "50", "--rate", "100", "--dns-rate", "0"]
    for status in ("secure", "bogus", "unsigned"):
        command += ["--preflight", f"{status}={lab[status.upper()]}"]
    for prefix in lab["LAB_CIDRS"].split():
        command += ["--lab", prefix]
    done = subprocess.run(command + names, stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"check ended with {done.returncode}")
    return json.loads(done.stdout)


class Tools:
    def __init__(self, lab, out):
        self.lab, self.out, self.known = lab, out, {}
        if out:
            (out / "tools").mkdir(parents=True, exist_ok=True)

    def run(self, name, *command):
        """What a tool says; asked once, whoever wants to know."""
        if command not in self.known:
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
                self.known[command] = done.stdout + done.stderr
            except subprocess.TimeoutExpired:
                self.known[command] = ""
            if self.out:
                with open(self.out / "tools" / f"{name}.txt", "a", encoding="utf-8") as log:
                    log.write(f"$ {' '.join(command)}\n{self.known[command]}\n")
        return self.known[command]

    def openssl(self, host, ip):
        return self.run(host, "openssl", "s_client", "-starttls", "smtp", "-brief", "-servername", host, "-verify_hostname", host,
                        "-CAfile", self.lab["CA"], "-cipher", "ALL:@SECLEVEL=0", "-connect", f"{'[' + ip + ']' if ':' in ip else ip}:25")

    def finger(self, domain, level, host):
        # By the destination that a sender would use, so that DNSSEC of every name on the way counts.
        return self.run(host, "posttls-finger", "-t", "10", "-T", "10", "-c", "-l", level, "-F", self.lab["CA"], domain)

    def delv(self, name, kind):
        server, _, port = self.lab["RESOLVER"].rpartition(":") if ":" in self.lab["RESOLVER"] else (self.lab["RESOLVER"], "", "53")
        return self.run(name, "delv", f"@{server}", "-p", port, "-a", self.anchor(), "+root=.", name, kind)

    def anchor(self):
        return f"{self.lab['DIR']}/delv.keys"


def compared(one, tools):
    """(subject, tool, what we say, what it says, why that may differ), as far as both say something."""
    domain = one["domain"]["domain"]
    checks = {item["id"]: item for item in one["checks"]}
    yield from dnssec(domain, checks, tools)
    for host in one["hosts"]:
        for endpoint in host["endpoints"]:
            if endpoint["tcp"]["error"] in ("special_purpose", "no_ipv6_vantage"):
                continue
            yield from servers(host, endpoint, tools)
            yield from dane(host, endpoint, tools)


def dnssec(domain, checks, tools):
    said = tools.delv(domain, "MX")
    mine = checks["dnssec_domain"]["result"]
    if "fully validated" in said:
        theirs = "pass"
    elif "unsigned answer" in said:
        theirs = "fail"
    elif re.search("insecurity proof failed|no valid|broken trust chain|verify failure|expired|bad cache hit", said):
        theirs = "fail"
    else:
        theirs = "unknown"
    why = None
    if mine == "not_applicable":
        mine, theirs = "nxdomain", "nxdomain" if "ncache nxdomain" in said or "NXDOMAIN" in said else theirs
    elif mine == "unknown" and theirs == "fail":
        why = "delv calls no answer of a server that is down a failure"
    elif (mine, theirs) == ("fail", "unknown"):
        why = "delv gets SERVFAIL of what does not validate"
    yield domain, "delv", mine, theirs, why


def servers(host, endpoint, tools):
    """STARTTLS and the certificate, address by address."""
    row = endpoint["leans_on"] or endpoint
    name, ip = host["host"], endpoint["ip"]
    subject = f"{name} {ip}"
    said = tools.openssl(name, ip)
    shaken = re.search(r"Protocol version: (\S+)", said)
    offered = shaken or "alert" in said or "unexpected eof" in said or "CONNECTION ESTABLISHED" in said
    if row["tls"]["outcome"] == "completed":
        mine = "TLS"
    elif row["tls"]["outcome"] == "hello_only":
        mine = "TLS"
    elif row["starttls"]["outcome"] == "not_offered":
        mine = "no STARTTLS"
    elif row["tls"]["outcome"] == "failed":
        mine = "broken"
    elif row["tcp"]["error"] == "budget" or row["starttls"]["error"] == "budget":
        mine = "budget"
    else:
        mine = "unreached"
    theirs = "TLS" if shaken else "no STARTTLS" if "Didn't find STARTTLS" in said else "broken" if offered else "unreached"
    why = None
    if mine == "budget":
        why = "budget: addresses that are one machine share three connections"
    elif mine == "TLS" and theirs == "broken" and re.search("RC4|3DES|NULL|anon", row["tls"]["cipher"] or ""):
        why = "OpenSSL has no suite in common with it here"
    elif mine == "TLS" and theirs == "no STARTTLS":
        why = None
    elif mine == "unreached" and theirs == "no STARTTLS" and (row["banner_code"] or 0) >= 400:
        why = "the server turns us away; OpenSSL reads on"
    yield subject, "openssl", mine, theirs, why
    if mine == theirs == "TLS" and endpoint["chains"]:
        chain = endpoint["chains"][0]
        faults = [f"{pkix}" for pkix in chain["pkix"].values() if pkix != "valid"]
        if chain["dates"] != "current":
            faults.append(chain["dates"])
        if chain["name_match"] not in ("san", "san_wildcard"):
            faults.append("name")
        verified = re.search(r"^Verification: OK", said, re.M)
        why = None
        if not faults and not verified and "anon" in (row["tls"]["cipher"] or ""):
            why = "no certificate in the suite that OpenSSL took"
        if not verified and re.search("ADH|AECDH|anon", said):
            why = "OpenSSL took an anonymous suite, which has no certificate"
        yield subject, "openssl cert", "good" if not faults else "bad", "good" if verified else "bad", why


def dane(host, endpoint, tools):
    """What the TLSA records come to, by the sender that goes by them."""
    name, ip = host["host"], endpoint["ip"]
    if endpoint["dane"] is None:
        return
    results = {one["result"] for one in endpoint["dane"]}
    said = tools.finger(f"[{name}]", "dane", name)
    if re.search("Verified TLS connection established", said):
        theirs = "matches"
    elif re.search("Server certificate not (trusted|verified)|Untrusted TLS connection|certificate verification failed|Trusted TLS connection|Anonymous TLS|TLSA lookup error|not trusted", said):
        theirs = "no match"
    else:
        theirs = "unreached"
    has_tlsa = bool(results)
    if not has_tlsa:
        return
    why = None
    if results & {"matches_leaf", "matches_ca"}:
        mine = "matches"
    elif "mismatch" in results or results & {"insecure", "usage", "selector", "matching_type", "data"}:
        mine = "no match"
    else:
        mine = "unreached"
    row = endpoint["leans_on"] or endpoint
    chain = endpoint["chains"][0] if endpoint["chains"] else None
    if (mine, theirs) == ("matches", "no match") and chain and chain["name_match"] not in ("san", "san_wildcard") and any(
            record["usage"] == 2 for record in host["tlsa"]["records"]):
        why = "usage 2: the record matches, and the name does not (RFC 7672 3.1.2)"
    elif mine == "unreached" and row["starttls"]["outcome"] == "not_offered":
        why = "no STARTTLS: nothing to match"
    elif mine == "unreached" and "budget" in (row["tcp"]["error"], row["starttls"]["error"]):
        why = "budget: addresses that are one machine share three connections"
    yield f"{name} {ip}", "posttls-finger", mine, theirs, why


sys.exit(main(*sys.argv[1:]))
