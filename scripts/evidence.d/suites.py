"""Prints every record that stands in the tests of somebody's parser, each once, as lines of JSON.

    suites.py FILE-OR-FOLDER...

Reads string literals of Python (.py) and Rust (.rs), and strings of YAML (.yml). A record is a string that
begins as one: {"kind", "record"}, the record as characters of which each is a byte. YAML needs PyYAML.
"""

import ast
import json
import re
import sys
from pathlib import Path

KINDS = {
    "spf": r"\s*\"?v\s*=\s*spf",
    "dmarc": r"\s*\"?v\s*=\s*dmarc",
    "dkim": r"\s*\"?(v\s*=\s*dkim|k\s*=\s*(rsa|ed25519)|p\s*=\s*[A-Za-z0-9+/]{60})",
    "mta_sts": r"\s*\"?v\s*=\s*sts",
    "mta_sts_policy": r"\s*version\s*:\s*sts",
    "tls_rpt": r"\s*\"?v\s*=\s*tlsrpt",
    "bimi": r"\s*\"?v\s*=\s*bimi",
}
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def of_python(text):
    return [node.value for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def of_rust(text):
    def unescaped(match):
        word = match[1]
        return chr(int(word[1:], 16)) if word[0] == "x" else ESCAPES.get(word, word)

    literals = re.findall(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    joined = [re.sub(r"\\\n\s*", "", literal) for literal in literals]
    return [re.sub(r"\\(x[0-9a-fA-F]{2}|.)", unescaped, literal, flags=re.DOTALL) for literal in joined]


def of_yaml(text):
    import yaml

    def strings(node):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            for value in node.values():
                yield from strings(value)
        elif isinstance(node, list):
            # The strings of a TXT record are one record.
            if all(isinstance(part, str) for part in node):
                yield "".join(node)
            for part in node:
                yield from strings(part)

    # mail-auth has the records of a case as one line each, all by the same key.
    lines = re.findall(r"^\s*spf:\s+\S+\s+(.*)$", text, re.MULTILINE)
    return lines + [found for document in yaml.safe_load_all(text) for found in strings(document)]


READERS = {".py": of_python, ".rs": of_rust, ".yml": of_yaml}


def main(paths):
    files = [file for path in map(Path, paths) for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
    seen = set()
    for file in files:
        if file.suffix not in READERS:
            continue
        for found in READERS[file.suffix](file.read_text("utf-8" if file.suffix != ".yml" else "latin-1")):
            kind = next((kind for kind, begin in KINDS.items() if re.match(begin, found, re.IGNORECASE)), None)
            if kind and (kind, found) not in seen:
                seen.add((kind, found))
                as_bytes = found.encode("latin-1" if file.suffix == ".yml" else "utf-8", "replace")
                print(json.dumps({"kind": kind, "record": as_bytes.decode("latin-1")}))


main(sys.argv[1:])
