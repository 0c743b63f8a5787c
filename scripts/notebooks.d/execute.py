"""Executes the notebooks, checks what they show, and keeps it where --out says.

    execute.py [--out DIR] [NOTEBOOK...]
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CEILING = 400_000  # bytes of a notebook with what it shows, so that it opens fast everywhere
ROWS = 2_000  # rows in a chart: add up in SQL first
CHART = "application/vnd.vegalite.v6+json"
# A path of the machine that made it, in what others are to read.
PATHS = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|var|usr|opt|Users)/\w")


def execute(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(notebook, timeout=300, startup_timeout=180, kernel_name="python3", record_timing=False,
                            extra_arguments=["--log-level=ERROR"], resources={"metadata": {"path": str(FOLDER)}})
    try:
        client.execute()
    except CellExecutionError:
        pass  # the cell shows it
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                         "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


def faults(notebook):
    """What is wrong with what a notebook shows."""
    charts = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" or output.get("name") == "stderr":
                yield f"{cell.id}: {output.get('text') or ': '.join((output.ename, output.evalue))}"
            data = output.get("data", {})
            if CHART in data:
                charts += 1
                if "image/png" not in data:
                    yield f"{cell.id}: a chart without a picture"
                rows = sum(map(len, data[CHART].get("datasets", {}).values()))
                if not 0 < rows <= ROWS:
                    yield f"{cell.id}: {rows} rows in a chart"
    if not charts:
        yield "no chart"
    text = nbformat.writes(notebook)
    for found in PATHS.finditer(re.sub(r'"image/png": "[^"]*"', "", text)):
        yield f"a path of this machine: {found.group()}…"
    if len(text) > CEILING:
        yield f"{len(text)} bytes"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(FOLDER.glob("*.ipynb")))
    given = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        # Nothing of the user's own: neither settings nor history.
        for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            os.environ[variable] = f"{scratch}/{variable}"
        for path in given.notebooks:
            begun = time.monotonic()
            notebook = execute(path)
            wrong = list(faults(notebook))
            for fault in wrong:
                print(f"{path.name}: {fault}", file=sys.stderr)
            good &= not wrong
            said = [output.text.strip() for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name") == "stdout"]
            print(f"{path.name}: {time.monotonic() - begun:.0f} s, {len(nbformat.writes(notebook)) // 1000} kB; {'; '.join(said)}")
            if given.out:
                given.out.mkdir(parents=True, exist_ok=True)
                nbformat.write(notebook, given.out / path.name)
    sys.exit(0 if good else 1)


main()
