"""Checks every domain of the real servers, and puts beside it what delv says of the MX answer,
`openssl s_client` of STARTTLS and the certificate, and posttls-finger of DANE.

Runs inside the lab: check.py BINARY [DIR]. Prints a line for each comparison that differs, with the
class of its explanation, and a summary; with DIR keeps check.json and what each tool said there.
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
UNEXPLAINED = "NOT EXPLAINED"
# Suites without certificate, or that Debian's OpenSSL no longer has.
NAMELESS = re.compile("_RC4_|_3DES_|_NULL_|_anon_")


def main(binary, out=None):
    out = out and Path(out)
    lab = (line.strip().split("=", 1) for line in open(Path(os.environ["LAB_DIR"], "lab.env")))
    lab = {key: value.strip('"') for key, value in lab}
    names = [line.strip() for line in open(f"{lab['DIR']}/domains.txt") if line.strip() and not line.startswith("#")]
    seen = check(binary, lab, names)
    tools = Tools(lab, out)
    if out:
        (out / "check.json").write_text(json.dumps(seen, indent=1))
    jobs = {}
    for one in seen:
        domain = one["domain"]["domain"]
        jobs[f"delv {domain}"] = lambda one=one: delv(one, tools)
        for host in one["hosts"]:
            jobs[f"posttls-finger {host['host']}"] = lambda host=host: finger(host, tools)
            for endpoint in host["endpoints"]:
                jobs[f"openssl {host['host']} {endpoint['ip']}"] = lambda host=host, endpoint=endpoint: openssl(host, endpoint, tools)
    with ThreadPoolExecutor(6) as pool:
        found = dict(zip(jobs, pool.map(lambda job: job(), jobs.values())))
    counts, lines = Counter(), []
    for job, said in found.items():
        if said is None:
            continue
        mine, theirs, why = said
        tool, subject = job.split(" ", 1)
        outcome = "agree" if mine == theirs else why or UNEXPLAINED
        counts[tool, outcome] += 1
        if outcome != "agree":
            lines.append(f"{tool:<15} {subject:<44} check: {mine:<22} {tool}: {theirs:<22} {outcome}")
    print("\n".join(sorted(lines)), end="\n\n")
    for tool in sorted({tool for tool, _ in counts}):
        of = sorted((count, outcome) for (name, outcome), count in counts.items() if name == tool)
        print(f"{tool:<15} {sum(count for count, _ in of):>4} compared: " + "; ".join(f"{count} {outcome}" for count, outcome in reversed(of)))
    wrong = sum(count for (_, outcome), count in counts.items() if outcome == UNEXPLAINED)
    print(f"{len(seen)} domains, {sum(counts.values())} comparisons, {wrong} that differ without an explanation")
    return wrong > 0


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
        self.lab, self.out = lab, out
        if out:
            (out / "tools").mkdir(parents=True, exist_ok=True)

    def run(self, subject, *command):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
            said = done.stdout + done.stderr
        except subprocess.TimeoutExpired:
            said = "timed out"
        if self.out:
            with open(self.out / "tools" / f"{subject}.txt", "a", encoding="utf-8") as log:
                log.write(f"$ {' '.join(command)}\n{said}\n")
        return said


def delv(one, tools):
    """Whether the MX answer is secure."""
    mx, domain = one["domain"]["mx"], one["domain"]["domain"]
    mine = "failed" if mx["outcome"] == "failed" else mx["security"]
    if one["domain"]["existence"] == "failed" and mx["outcome"] == "not_attempted":
        mine = "failed"
    said = tools.run(domain, "delv", f"{domain}.", "MX")
    if re.search("; unsigned answer|; negative response, unsigned", said):
        theirs = "insecure"
    elif "fully validated" in said:
        theirs = "secure"
    elif re.search("broken trust chain|insecurity proof failed|no valid signature", said):
        theirs = "bogus"
    else:
        theirs = "failed" if "resolution failed" in said or "timed out" in said else "?"
    why = None
    if mine == "not_checked" and theirs == "secure":
        why = "nobody asks for the MX of a name that does not exist"
    return mine, theirs, why


def openssl(host, endpoint, tools):
    """STARTTLS, and whether the certificate is good for the host."""
    row, chains = endpoint["leans_on"] or endpoint, endpoint["chains"]
    errors = (row["tcp"]["error"], row["starttls"]["error"])
    if errors[0] in ("special_purpose", "excluded"):
        return None
    name, ip = host["host"], endpoint["ip"]
    said = tools.run(name, "openssl", "s_client", "-starttls", "smtp", "-brief", "-servername", name, "-verify_hostname", name,
                     "-CAfile", tools.lab["CA"], "-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1", "-connect",
                     f"[{ip}]:25" if ":" in ip else f"{ip}:25")
    if "Protocol version:" in said:
        theirs = "good certificate" if "Verification: OK" in said else "bad certificate"
    elif "didn't find STARTTLS" in said.replace("Didn't", "didn't"):
        theirs = "no STARTTLS"
    elif re.search("alert|unexpected eof|no protocols|unsupported", said):
        theirs = "broken"
    else:
        theirs = "unreached"
    if row["tls"]["outcome"] in ("completed", "hello_only"):
        mine = "good certificate" if chains and all(map(is_good, chains)) else "bad certificate"
    elif row["starttls"]["outcome"] == "not_offered":
        mine = "no STARTTLS"
    elif row["tls"]["outcome"] == "failed":
        mine = "broken"
    else:
        mine = "unreached"
    why = None
    if "budget" in errors:
        why = "budget: one machine behind several addresses gets three connections"
    elif not chains and endpoint["tls"]["error"] == "sni_budget":
        why = "sni_budget: another name of the address was asked for"
    elif row["tls"]["outcome"] == "hello_only" and NAMELESS.search(row["tls"]["cipher"] or ""):
        why = "OpenSSL no longer has the suite, or it has no certificate"
    elif mine == "unreached" and "blocked" in errors and theirs == "no STARTTLS":
        why = "turned away: OpenSSL goes on after a greeting with 5xx"
    return mine, theirs, why


def is_good(chain):
    trusted = all(pkix == "valid" for pkix in chain["pkix"].values())
    return trusted and chain["dates"] == "current" and chain["name_match"] in ("san", "san_wildcard")


def finger(host, tools):
    """DANE, as the sender that goes by it."""
    if "tlsa" not in host or not any(one["banner_code"] == 220 for one in endpoints(host)):
        return None
    said = tools.run(host["host"], "posttls-finger", "-c", "-l", "dane-only", "-t", "5", f"[{host['host']}]")
    if re.search("TLSA lookup error|address lookup failed", said):
        theirs = "lookup fails"
    elif "no TLSA records found" in said:
        theirs = "no DANE"
    elif "no usable TLSA records found" in said:
        theirs = "unusable"
    elif not said.strip():
        theirs = "no STARTTLS"
    elif "Matched DANE" in said and "Verified TLS connection" in said:
        theirs = "verified"
    elif "verification failed" in said or "Untrusted TLS connection" in said:
        theirs = "mismatch"
    else:
        theirs = "?"
    results = [one["result"] for endpoint in host["endpoints"] for one in endpoint["dane"] or []]
    if "bogus" in (host["addresses"]["security"], host["tlsa"]["security"]):
        mine = "lookup fails"
    elif not results or "insecure" in results:
        mine = "no DANE"
    elif all(result in ("usage", "selector", "matching_type", "data") for result in results):
        mine = "unusable"
    elif all(one["starttls"]["outcome"] == "not_offered" for one in endpoints(host)):
        mine = "no STARTTLS"
    else:
        mine = "verified" if any(result.startswith("matches") for result in results) else "mismatch"
    return mine, theirs, None


def endpoints(host):
    return [endpoint["leans_on"] or endpoint for endpoint in host["endpoints"]]


sys.exit(main(*sys.argv[1:]))
