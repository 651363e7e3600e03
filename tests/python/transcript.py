"""Transcripts: sessions recorded from PyTorch, as text, for tests/python and for tools/oracle.

    each: t = torch.arange(6.).view(2, 3)          before every example below
    >>> t + torch.ones(2, 4)
    RuntimeError: The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1
    >>> torch.zeros_like(t.t()).stride()
    (1, 2)
    != (3, 1)          why ours means to differ

An example gives what it prints and its value's repr; nothing for None. <BLANKLINE> stands for an empty line, as in
doctest. An error may go on after the recorded words; what ends in "..." is compared up to there. Addresses are not.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "transcripts"
_ERROR = re.compile(r"\w*(Error|Iteration|Exception): ?")


@dataclass
class Example:
    line: int
    code: str
    expected: str = ""  # PyTorch's
    ours: str | None = None  # where it means to differ
    reason: str = ""
    setup: str = ""


@dataclass
class Transcript:
    path: Path
    head: list[str] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)


def _unescaped(lines: list[str]) -> str:
    return "\n".join("" if line == "<BLANKLINE>" else line for line in lines)


def read(path: Path) -> Transcript:
    made, setup, expected = Transcript(path), "", []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        last = made.examples[-1] if made.examples else None
        if line.startswith("each: "):
            setup, expected = line[6:], []
        elif line.startswith(">>> "):
            made.examples.append(Example(number, line[4:], setup=setup))
            expected = []
        elif line.startswith("... ") and last and not expected:
            last.code += "\n" + line[4:]
        elif line.startswith("!= ") and last:
            ours, _, last.reason = line[3:].partition("     ")
            last.ours, last.reason = ours.replace("\\n", "\n"), last.reason.strip()
        elif line and last and last.ours is None:
            expected.append(line)
            last.expected = _unescaped(expected)
        elif last is None:
            made.head.append(line)
    return made


def value_of(code: str, namespace: dict[str, Any]) -> Any:
    """The value of the last statement, as an interactive session shows it."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<example>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value), "<example>", "eval"), namespace) if last else None


def outcome(code: str, namespace: dict[str, Any]) -> str:
    """What an example prints and gives; for an error its class and words."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = value_of(code, namespace)
        text = printed.getvalue() + ("" if value is None else repr(value))
    except Exception as e:
        text = f"{type(e).__name__}: {e}"
    return re.sub(r"0x[0-9a-f]{6,}", "0x...", text).rstrip("\n")


def matches(expected: str, got: str) -> bool:
    expected = expected.rstrip("\n")
    if expected.endswith("..."):
        return got.startswith(expected[:-3])
    return got.startswith(expected) if _ERROR.match(expected) else got == expected


def run(example: Example, namespace: dict[str, Any]) -> str:
    if example.setup:
        exec(example.setup, namespace)
    return outcome(example.code, namespace)


def namespace_of(torch: Any) -> dict[str, Any]:
    import numpy

    return {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "np": numpy, "Variable": torch.autograd.Variable}
