"""docs/notebook.ipynb: its cells print what stands under them, in order and out of order (TWOFOLD_UPDATE=1 writes it anew).

Cells are executed as IPython does it: a last expression is shown, `%load_ext name` calls the module's own loader.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

PATH = ROOT / "docs/notebook.ipynb"
NOTEBOOK = json.loads(PATH.read_text())
CELLS = [c for c in NOTEBOOK["cells"] if c["cell_type"] == "code"]
LAST = len(CELLS) - 1
ORDERS = {
    "in order": [*range(LAST + 1)],
    "every cell twice": [k for k in range(LAST + 1) for _ in range(2)],
    "backwards, after all": [*range(LAST + 1), *range(LAST, -1, -1)],
    "the graph anew between": [0, 1, 3, 4, 3, 5, 4, 6, 3, 2, 4, 5],
}
KERNEL = """
import ast, contextlib, importlib, io, json, sys, warnings

names = {}

def run(source):
    if source.startswith("%load_ext "):
        return importlib.import_module(source.split()[1]).load_ipython_extension(None)
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names) if last else None

warnings.simplefilter("error")
shown = []
for source in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        value = run(source)
    shown.append([out.getvalue(), "" if value is None else repr(value)])
print(json.dumps(shown))
"""


def outputs(cell: dict) -> list[str]:
    """What a cell prints and what its last expression shows."""
    out = {o["output_type"]: "".join(o["text"] if o["output_type"] == "stream" else o["data"]["text/plain"]) for o in cell["outputs"]}
    return [out.get("stream", ""), out.get("execute_result", "")]


def write(found: list[list[str]]) -> None:
    for number, (cell, (printed, value)) in enumerate(zip(CELLS, found), 1):
        stream = {"name": "stdout", "output_type": "stream", "text": printed.splitlines(True)}
        result = {"data": {"text/plain": value.splitlines(True)}, "execution_count": number, "metadata": {}, "output_type": "execute_result"}
        cell.update(execution_count=number, outputs=[stream] * bool(printed) + [result] * bool(value))
    PATH.write_text(json.dumps(NOTEBOOK, indent=1) + "\n")


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_cells(order: list[int]) -> None:
    sources = ["".join(CELLS[k]["source"]) for k in order]
    done = subprocess.run([sys.executable, "-c", KERNEL], input=json.dumps(sources), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if os.environ.get("TWOFOLD_UPDATE") and order == ORDERS["in order"]:
        return write(found)
    # A node made once more has a name of its own.
    assert [[re.sub(r"_\d+:0", ":0", text) for text in texts] for texts in found] == [outputs(CELLS[k]) for k in order]
