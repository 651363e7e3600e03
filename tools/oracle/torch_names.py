"""The face's public names: does some section try each one, and do those written in Python take PyTorch's arguments?"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from oracle.report import Section
from oracle.torch_calls import ROWS
from oracle.torch_known import SIGNATURES
from oracle.torch_side import OURS, THEIRS
from oracle.torch_transcripts import FOLDER

PLACES = ["", "Tensor", "Generator", "autograd", "autograd.functional", "nn", "nn.Module", "nn.functional", "nn.init", "nn.utils", "optim",
          "optim.Optimizer", "optim.lr_scheduler", "utils.data"]  # fmt: skip
SUBJECTS = ("expressions", "streams", "training", "control")
RECEIVERS = {"self", "input", "tensor", "iterable", "sizes"}  # what stands first and is not named by callers


def shared(place: str) -> Iterator[tuple[str, Any, Any]]:
    """(path, PyTorch's, ours) of the public names that both have."""
    theirs, ours = (side.find(place) if place else side.module for side in (THEIRS, OURS))
    for name in dir(ours):
        a, b = getattr(theirs, name, None), getattr(ours, name)
        imported = a is b or isinstance(b, ModuleType)
        if not name.startswith("_") and hasattr(theirs, name) and not imported:
            yield f"{place}.{name}".lstrip("."), a, b


def tried() -> set[str]:
    """Every word of the subjects' sources and of the transcripts; the rows' functions, and their in-place forms."""
    sources = [Path(__file__).with_name(f"torch_{subject}.py") for subject in SUBJECTS] + list(FOLDER.glob("*.txt"))
    words = set(re.findall(r"\w+", " ".join(path.read_text() for path in sources)))
    functions = {row["torch"].partition("(")[0].rpartition(".")[2] for row in ROWS.values() if row["torch"]}
    return words | functions | {f"{name}_" for name in functions}


def arguments(function: Any) -> dict[str, str] | None:
    """{name: default}, None where Python does not know; "out" is a matter of its own."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = {p.kind for p in parameters}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return None
    found = [(p.name, "" if p.default is p.empty else re.sub(" at 0x.*", "", repr(p.default))) for p in parameters if p.name != "out"]
    if found and found[0][0] in RECEIVERS:
        found[0] = ("the first", found[0][1])
    return dict(found)


def compare_names(section: Section) -> None:
    known, untried, signatures = tried(), [], 0
    for path, theirs, ours in section.each(pair for place in PLACES for pair in shared(place)):
        section.compared += 1
        if path.rpartition(".")[2] not in known:
            untried.append(path)
        a, b = arguments(theirs), arguments(ours)
        signatures += a is not None and b is not None
        if a is not None and b is not None and a != dict(list(b.items())[: len(a)]):
            section.differ(path, f"{a} there, {b} here", SIGNATURES.get(path))
    for path in untried:
        section.differ(path, "no section tries it")
    section.note(f"{section.compared} public names, {signatures} of them with arguments that Python can tell.")
