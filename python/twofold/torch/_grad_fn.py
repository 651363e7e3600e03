"""tensor.grad_fn: the step of the tape that made a tensor, under PyTorch's names."""

from __future__ import annotations

from typing import Any

from twofold import _core

# Where PyTorch's name of the step is not that of the function.
_NAMES = {
    "product": "Mm",
    "identity": "Clone",
    "cast": "ToCopy",
    "sub": "Sub",
    "concat": "Cat",
    "take": "IndexSelect",
    "amax": "Amax",
    "amin": "Amin",
    "overwrite": "CopySlices",
    "view": "View",
    "expand_as": "Expand",
    "reshape_as": "View",
    "merge": "View",
    "tile": "Repeat",
    "pad": "ConstantPadNd",
    "boolean_mask": "MaskedSelect",
}
_types: dict[str, type] = {}


class Node:
    """One step: `name()`, and the steps that its inputs came from in `next_functions`."""

    __slots__ = ("_facts",)

    def __init__(self, record: Any) -> None:
        self._facts = _core.record_facts(record)

    def name(self) -> str:
        return type(self).__name__

    @property
    def next_functions(self) -> tuple:
        return tuple((_next(record, leaf), output) for record, output, leaf in self._facts[4])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._facts[5] == other._facts[5]

    def __hash__(self) -> int:
        return hash(self._facts[5])


class AccumulateGrad:
    """Where the tape ends: at a leaf, here `variable`."""

    __slots__ = ("variable",)

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"


def _next(record: Any, leaf: Any) -> Node | AccumulateGrad | None:
    if record is not None:
        return _node(record)
    return None if leaf is None else AccumulateGrad(leaf)


def _node(record: Any) -> Node:
    node = Node(record)
    row = node._facts[0]
    name = _NAMES.get(row) or "".join(part.capitalize() for part in row.split("_"))
    if row == "product" and node._facts[3] > 2:
        name = "Bmm"
    node.__class__ = _types.setdefault(
        name, type(f"{name}Backward0", (Node,), {"__slots__": (), "__module__": "builtins"})
    )
    return node


def grad_fn_of(tensor: Any) -> Node | None:
    record = tensor._record
    return None if record is None else _node(record)
