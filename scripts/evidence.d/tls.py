"""Surveys the real servers and puts beside each other what is said of their TLS: by the survey, by
sslscan, by `openssl s_client`, by posttls-finger and by the configuration in tls.table.

Runs inside the lab: tls.py BINARY DIR. Leaves the survey, what each tool said and matrix.txt in DIR.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

VERSIONS = {"1.0": "-tls1", "1.1": "-tls1_1", "1.2": "-tls1_2", "1.3": "-tls1_3"}
WEAK = "aNULL:eNULL:@SECLEVEL=0"
# Hosts that are set up as Debian does it, beside those of the table.
USUAL = {"mx-plain": "Debian's Postfix as it comes", "mx-plain-exim": "Debian's Exim as it comes"}
PATIENCE = 200
# Why a version may be unknown at standard depth.
UNKNOWN = {
    "1.0": "the server was only seen to answer with a newer version that it has",
    "1.1": "no hello with old versions was answered",
    "1.2": "the server was only seen to answer with TLS 1.3",
    "1.3": "the full handshake, which offers it, was refused, and that may have been for want of something else",
}


def main(binary, out):
    out = Path(out)
    (out / "tools").mkdir(parents=True, exist_ok=True)
    survey(binary, out / "survey")
    hosts = [Host(out, *row) for row in ours(out / "survey")]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(Host.ask_around, hosts))
    text = "\n".join(host.block() for host in hosts) + "\n" + summary(hosts)
    (out / "matrix.txt").write_text(text)
    print(text)
    return any(host.unexplained for host in hosts)


def survey(binary, out):
    lab = dict(line.strip().split("=", 1) for line in open(Path(os.environ["LAB_DIR"], "lab.env")))
    command = [binary, "survey", f"{lab['DIR']}/domains.txt", "--out", str(out), "--resolver", lab["RESOLVER"],
               "--extra-root", lab["CA"], "--operator-rate", "50", "--rate", "100", "--dns-rate", "0",
               "--address-window", "5", "--min-interval", "0"]
    for status in ("secure", "bogus", "unsigned"):
        command += ["--preflight", f"{status}={lab[status.upper()]}"]
    for prefix in lab["LAB_CIDRS"].strip('"').split():
        command += ["--lab", prefix]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def ours(out):
    """A row for each host of tls.table, with its line, and for the usual ones."""
    lines = [re.split(r" +\| +", line.strip()) for line in open("scripts/real-servers.d/tls.table")
             if line.strip() and not line.startswith("#")]
    lines += [[name, "ecdsa", words] for name, words in USUAL.items()]
    rows = duckdb.sql(f"""SELECT host, ip, tls, versions, weak_cipher, dh_bits, connections,
                             [{{'kind': h.kind, 'outcome': h.outcome, 'alert': h.alert}} FOR h IN hellos]
                          FROM '{out}/endpoints/*.parquet'""").fetchall()
    rows = {row[0]: row for row in rows}
    return [(line, *rows[f"{line[0]}.mailhost.cz"]) for line in lines]


class Host:
    def __init__(self, out, line, host, ip, tls, versions, weak, dh, connections, hellos):
        self.out, self.line, self.host, self.ip, self.tls = out, line, host, ip, tls
        self.versions, self.weak, self.dh, self.connections, self.hellos = versions, weak, dh, connections, hellos
        self.unexplained = []

    def run(self, tool, *command):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return ""
        with open(self.out / "tools" / f"{self.line[0]}.txt", "a", encoding="utf-8") as log:
            log.write(f"$ {tool} {' '.join(command[1:])}\n{done.stdout}{done.stderr}\n")
        return done.stdout + done.stderr

    def client(self, *options):
        """(version, suite, group, signature), or the number of the alert, or none."""
        text = self.run("openssl", "openssl", "s_client", "-starttls", "smtp", "-brief", "-servername", self.host,
                        "-connect", f"{self.ip}:25", *options)
        found = re.search(r"Protocol version: TLSv(\S+)\nCiphersuite: (\S+)", text)
        if not found:
            alert = re.search(r"SSL alert number (\d+)", text)
            return alert and int(alert[1])
        after = lambda word: (re.search(rf"^{word}: (.*)$", text, re.M) or ["", ""])[1]
        return ("1.0" if found[1] == "1" else found[1], found[2], after("Server Temp Key"),
                f"{after('Signature type')} {after('Hash used')}".strip())

    def ask_around(self):
        self.scan = self.run("sslscan", "sslscan", "--starttls-smtp", "--xml=-", "--no-colour", "--no-heartbleed",
                             "--no-fallback", "--no-compression", f"--sni-name={self.host}", f"{self.ip}:25")
        # As Postfix, it takes from strangers what it would not have from friends.
        self.usual = self.client("-cipher", "ALL:@SECLEVEL=0")
        self.each = {version: self.client(option, "-cipher", "ALL:eNULL:@SECLEVEL=0") for version, option in VERSIONS.items()}
        self.weak_client = self.client("-tls1_2", "-cipher", WEAK)
        self.finger = self.run("posttls-finger", "posttls-finger", "-c", "-l", "may", "-t", "5", f"[{self.ip}]")

    def scanned(self, version):
        return re.search(rf'type="tls" version="{version}" enabled="(.)"', self.scan)[1] == "1"

    def suites(self, version=""):
        """What sslscan lists: OpenSSL's name, or the IANA name of a suite that OpenSSL no longer has."""
        return re.findall(rf'<cipher [^>]*sslversion="TLSv{version}[^>]*cipher="([^"]*)"', self.scan)

    def block(self):
        name, key, settings = self.line[:3]
        lines = [f"{name} ({key}): {settings}", f"  {self.connections} connections: full handshake {self.tls['outcome']}"
                 + "".join(f", {hello['kind']} {hello['outcome']}" + (f" (alert {hello['alert']})" if hello["alert"] else "")
                           for hello in self.hellos),
                 row("", "survey", "sslscan", "s_client", "posttls-finger", "tls.table")]
        finger = re.search(r"established to .*?: TLSv(\S+) with cipher (\S+)", self.finger)
        for version in VERSIONS:
            client = self.each[version]
            told = "yes" if isinstance(client, tuple) else f"alert {client}" if client else "closed"
            fact = self.versions[f"tls{version.replace('.', '_')}"]
            mine = fact["result"] + (f" ({fact['alert']})" if fact["alert"] else "")
            table = ("yes" if version in self.line[7].split() else "no") if len(self.line) > 7 else ""
            theirs = "yes" if finger and finger[1].replace("1", "1.0", finger[1] == "1") == version else ""
            lines.append(row(f"TLS {version}", mine, "yes" if self.scanned(version) else "no", told, theirs, table))
            self.note(f"TLS {version}", fact["result"], isinstance(client, tuple), self.scanned(version))
        suite = self.usual[1] if isinstance(self.usual, tuple) else f"alert {self.usual}"
        best = [self.tls["version"] or "", self.tls["cipher"] or ""]
        listed = f"{len(self.suites())} listed"
        table = self.line[4:] if len(self.line) > 4 else [""] * 6
        lines.append(row("suite", best[1], listed, suite, finger[2] if finger else "none", table[0]))
        group = self.usual[2] if isinstance(self.usual, tuple) else ""
        exchange = re.search(r"key-exchange (\S+(?: \(\w+\))?)", self.finger)
        lines.append(row("group", self.tls["group"] or "", f"{len(re.findall('<group ', self.scan))} listed", group, exchange[1] if exchange else "", table[1]))
        signature = self.usual[3] if isinstance(self.usual, tuple) else ""
        lines.append(row("signature", self.tls["signature_scheme"] or "", "", signature, "", table[2]))
        weak = [suite for suite in self.suites() if re.search("ADH|AECDH|NULL|RC4|3DES|anon", suite)]
        told = self.weak_client[1] if isinstance(self.weak_client, tuple) else f"alert {self.weak_client}"
        lines.append(row("weak", self.weak or "none", f"{len(weak)} listed", told, "", table[4]))
        lines.append(row("dh bits", str(self.dh or ""), ",".join(sorted(set(re.findall(r' dhebits="(\d+)"', self.scan)))), "", "", table[5]))
        return "\n".join(lines + [f"  {words}" for words in self.explained()]) + "\n"

    def note(self, cell, mine, client, scan):
        accepted = {"accepted": True, "refused": False, "implied_refused": False}.get(mine)
        if accepted is not None and self.tls["outcome"] != "failed" and (accepted, accepted) != (client, scan):
            self.unexplained.append((cell, mine, client, scan))

    def explained(self):
        """Why cells differ that do, by rules; what no rule covers is told as well."""
        gone = re.search("_RC4_|_3DES_", self.tls["cipher"] or "")
        for cell, mine, client, scan in self.unexplained[:]:
            if mine == "accepted" and scan and not client and gone:
                yield f"{cell}: Debian's OpenSSL no longer has {self.tls['cipher']}"
                self.unexplained.remove((cell, mine, client, scan))
            else:
                yield f"{cell}: NOT EXPLAINED: survey {mine}, s_client {client}, sslscan {scan}"
        unknown = [version for version in VERSIONS if self.versions[f"tls{version.replace('.', '_')}"]["result"] == "unknown"]
        for version in unknown:
            yield f"TLS {version} unknown: {UNKNOWN[version]}"
        if gone and not self.suites():
            yield "sslscan lists none of the suites that its OpenSSL does not have, where it has none in common at all"
        if self.tls["outcome"] == "failed":
            yield "no handshake ends well: a ServerHello, which sslscan takes for a yes, is all that comes"


def row(name, *cells):
    widths = (40, 11, 30, 30, 0)
    return ("  " + f"{name:<9} " + "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths))).rstrip()


def summary(hosts):
    cells = len(hosts) * len(VERSIONS)
    open_ = sum(host.versions[f"tls{version.replace('.', '_')}"]["result"] == "unknown" for host in hosts for version in VERSIONS)
    wrong = sum(len(host.unexplained) for host in hosts)
    return (f"{len(hosts)} servers, {cells} cells of versions: {cells - open_} known, {open_} unknown at standard depth, "
            f"{wrong} that differ without an explanation")


sys.exit(main(*sys.argv[1:]))
