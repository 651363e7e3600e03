"""Runs the tutorial's code blocks, S01 to S53, in order in one namespace, and prints what each one did as JSON.

    python tutorial.py PATH_OF_THE_SPEC {verbatim,repaired} {modern,legacy}
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import warnings
from typing import Any

# What the notebook's cells got wrong: cell -> (what stands there, what was meant).
REPAIRS = {
    29: ("reshape(tensor0", "reshape(tf_tensor0"),
    30: ("reshape(tensor0", "reshape(tf_tensor0"),
    31: ("reshape(tensor0", "reshape(tf_tensor0"),
    38: ("weprint(", "print("),
}


def code_blocks(path: str) -> list[str]:
    with open(path, encoding="utf-8") as f:
        return re.findall(r"^```python\n(.*?)^```", f.read(), re.MULTILINE | re.DOTALL)


def run_cell(code: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """What the cell printed, its warnings, and the error that ended it."""
    out, error = io.StringIO(), None
    with contextlib.redirect_stdout(out), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            exec(compile(code, "<cell>", "exec"), namespace)
        except Exception as e:
            error = [type(e).__name__, str(e)]
    return {"out": out.getvalue(), "error": error, "warnings": [str(w.message) for w in warned]}


def main() -> None:
    path, form, style = sys.argv[1:4]
    import twofold

    twofold.install()
    if style == "legacy":
        import torch

        torch.set_printoptions(profile="legacy")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    cells = []
    for number, code in enumerate(code_blocks(path), 1):
        if form == "repaired" and number in REPAIRS:
            code = code.replace(*REPAIRS[number])
        cells.append(run_cell(code, namespace))
    names = {name: type(value).__name__ for name, value in namespace.items() if not name.startswith("__")}
    json.dump({"cells": cells, "names": names}, sys.stdout)


if __name__ == "__main__":
    main()
