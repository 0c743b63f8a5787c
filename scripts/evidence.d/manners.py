"""Lets programs that nobody here wrote talk to one mail server of each manner, inside the lab.

Reads $LAB_DIR/manners.tsv and writes a transcript for each line into the directory given: the
command, what it said, and whether the word is there that the table of manners wants.
"""

import os
import re
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CA = os.environ["CA"]
RESOLVER = os.environ["RESOLVER"].split(":")[0]
PATIENCE = 15
SCANNERS = os.environ["SCANNERS"]
# Where Debian keeps the data of testssl.
os.environ["TESTSSL_INSTALL_DIR"] = f"{SCANNERS}/etc/testssl"


def openssl(host, ip):
    command = ["openssl", "s_client", "-starttls", "smtp", "-connect", f"{ip}:25", "-servername", host,
               "-CAfile", CA, "-verify_hostname", host]
    return run(command, b"QUIT\r\n")


def old_openssl(host, ip):
    """Up to TLS 1.1, as far as the first flight of the server: no key is agreed on."""
    command = ["openssl", "s_client", "-starttls", "smtp", "-connect", f"{ip}:25", "-servername", host,
               "-CAfile", CA, "-trace", "-tls1_1", "-min_protocol", "TLSv1", "-cipher", "ALL:@SECLEVEL=0"]
    shown, said = run(command, b"QUIT\r\n").split("\n", 1)
    # What we offer is no news, and random bytes differ in every run.
    said = re.sub(r"Sent Record.*?(?=Received Record|---|\Z)", "", said, flags=re.S)
    said = re.sub(r"-----details-----.*?------------------\n", "", said, flags=re.S)
    said = re.sub(r"(?m)(\(len=\d+\)): [0-9A-F.]+$|^ *gmt_unix_time=.*\n", r"\1", said)
    return f"{shown}\n{said}"


def sslscan(_host, ip):
    """Which versions there are."""
    said = run([f"{SCANNERS}/usr/bin/sslscan", "--no-colour", "--starttls-smtp", "--no-ciphersuites", "--no-groups",
                "--no-heartbleed", "--no-fallback", f"{ip}:25"])
    return said.replace(f"{SCANNERS}/usr/bin/", "")


def testssl(_host, ip):
    """Which weak suites there are, by its own hellos."""
    said = run([f"{SCANNERS}/usr/bin/testssl", "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "min",
                "-t", "smtp", "--std", f"{ip}:25"], patience=120)
    said = re.sub(r"(Start|Done) \d.*", r"\1", said)
    return said.replace(f"{SCANNERS}/usr/bin/", "")


def posttls_finger(host, ip):
    """Postfix's TLS prober out of the unpacked packages, which asks the lab's resolver for TLSA."""
    tree = max(Path(os.environ.get("MAILCENSUS_CACHE", "/var/cache/mailcensus"), "real-servers").glob("*/usr/sbin/posttls-finger")).parents[2]
    with tempfile.TemporaryDirectory() as config:
        Path(config, "main.cf").write_text("smtp_dns_support_level = dnssec\nsmtp_host_lookup = dns\n"
                                           "mail_owner = daemon\nsetgid_group = mail\n")
        Path(config, "resolv.conf").write_text(f"nameserver {RESOLVER}\noptions edns0 trust-ad\n")
        libraries = f"{tree}/usr/lib/postfix:{tree}/usr/lib/{os.uname().machine}-linux-gnu"
        shell = (f"mount --bind {config}/resolv.conf $(readlink -f /etc/resolv.conf) && "
                 f"MAIL_CONFIG={config} LD_LIBRARY_PATH={libraries} exec {tree}/usr/sbin/posttls-finger "
                 f"-c -l dane-only -F {CA} '[{host}]'")
        said = run(["unshare", "-m", "bash", "-c", shell])
    return "$ posttls-finger -c -l dane-only -F ca.pem '[" + host + "]'\n" + said.split("\n", 1)[1]


def smtplib_(_host, ip):
    """Command by command, so that each answer can be seen."""
    lines = ["$ python3, smtplib: connect, EHLO, STARTTLS"]
    try:
        lines += talk(ip)
    except (OSError, smtplib.SMTPException) as problem:
        what = "connecting: " if isinstance(problem, TimeoutError) and len(lines) == 1 else ""
        lines.append(f"{what}{type(problem).__name__}: {problem}")
    return "\n".join(lines) + "\n"


def talk(ip):
    client = smtplib.SMTP(timeout=PATIENCE)
    # The greeting is read by hand: smtplib would raise without showing what came.
    client.sock = socket.create_connection((ip, 25), PATIENCE)
    client.file = client.sock.makefile("rb")
    lines = ["connected"]
    try:
        greet(client, lines.append)
    except (OSError, smtplib.SMTPException) as problem:
        lines.append(f"{type(problem).__name__}: {problem}")
    client.close()
    return lines


def greet(client, say):
    waiting = client.sock.recv(8192, socket.MSG_PEEK)
    if waiting and b"\n" not in waiting and len(waiting) < 512:
        time.sleep(3)
        more = client.sock.recv(8192, socket.MSG_PEEK)
        if b"\n" not in more and len(more) < 512:
            say(f"bytes of no line, such as {more[:8]!r}, still coming after 3 seconds")
            return
    if waiting.startswith(b"220-and"):
        for _ in range(200):
            line = client.file.readline(4096)
        say(f"greeting, line 200: {line.decode().strip()}")
        return
    code, text = client.getreply()
    say(f"greeting: {code} {text.decode()}")
    if code != 220:
        return
    code, text = client.ehlo("foreign.example")
    say(f"EHLO: {code} {text.decode()!r}")
    if code != 250:
        say("HELO: {} {!r}".format(*client.helo("foreign.example")))
        return
    say(f"starttls offered: {client.has_extn('starttls')}")
    if client.has_extn("starttls"):
        code, text = client.docmd("STARTTLS")
        say(f"STARTTLS: {code} {text.decode()}")
        client.sock.settimeout(1)
        if code == 220:
            try:
                say(f"behind the 220: {client.file.readline(4096)!r}")
            except TimeoutError:
                say("behind the 220: nothing")
    else:
        say("QUIT: {} {!r}".format(*client.docmd("QUIT")))


def run(command, words=b"", patience=PATIENCE):
    """The end of its input would end openssl before it has said everything."""
    shown = " ".join(map(str, command)).replace(CA, "ca.pem")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said, _ = process.communicate(words, patience)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        said += f"(killed after {patience} seconds)\n".encode()
    return f"$ {shown}\n{said.decode(errors='replace')}"


def tidy(text):
    """Without what differs in every run: key material, sessions, dates, lengths."""
    text = re.sub(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", "", text, flags=re.S)
    text = re.sub(r"---\nPost-Handshake New Session Ticket arrived:.*?(?=---\n(?:read|Post)|\Z)", "", text, flags=re.S)
    lines = [re.sub(r"^[0-9A-F]{16}:error", "error", line.rstrip()) for line in text.splitlines()]
    private = re.compile(r"Session-ID|Master-Key|Resumption|Start Time|^ +00|NotBefore|fingerprint|TLS session ticket")
    return "\n".join(line for line in lines if not private.search(line)) + "\n"


TOOLS = {"OpenSsl": openssl, "OldOpenSsl": old_openssl, "SslScan": sslscan, "TestSsl": testssl, "Posttls": posttls_finger, "Smtplib": smtplib_}


def main(folder):
    missing = []
    Path(folder).mkdir(parents=True, exist_ok=True)
    for old in Path(folder).glob("*.txt"):
        old.unlink()
    for line in Path(os.environ["LAB_DIR"], "manners.tsv").read_text().splitlines():
        name, host, ip, tool, word = line.split("\t")
        start = time.monotonic()
        said = tidy(TOOLS[tool](host, ip))
        Path(folder, f"{name}.txt").write_text(said)
        found = word in said
        print(f"{'ok ' if found else 'NOT'} {name}: {tool} says {word!r} ({time.monotonic() - start:.1f} s)", flush=True)
        if not found:
            missing.append(name)
    if missing:
        sys.exit(f"not confirmed: {', '.join(missing)}")


main(sys.argv[1])
