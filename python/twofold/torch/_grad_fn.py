"""tensor.grad_fn: the step of the tape that made a tensor, under PyTorch's names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from twofold import _core

# A step's name, its output's rank, its attributes as texts, and what it stands on.
Facts = tuple[str, int, list[str], list, int]


def _of_product(f: Facts) -> str:
    return ["Dot", "Mv", "Mm"][f[1]] if f[1] < 3 else "Bmm"


def _overload(name: str) -> Callable[[Facts], str]:
    """PyTorch numbers the overloads of a function: 0 over everything, 1 over some dimensions."""
    return lambda f: f"{name}Backward{int(f[2][0] not in ('[]', ''))}"


def _by_operand(name: str, k: int, number: str, tensor: str) -> Callable[[Facts], str]:
    """The overload says whether operand k was a number."""
    return lambda f: name + (number if _number(f, k) else tensor)


# Where PyTorch's name of the step is not that of the function: the row's name, and what is before Backward0 or all of it.
_NAMES: dict[str, str | Callable[[Facts], str]] = {
    "product": lambda f: "BmmBackward0" if f[1] > 2 else "MmBackward0",
    "matmul": lambda f: f"{_of_product(f)}Backward0",
    "sum": _overload("Sum"),
    "mean": _overload("Mean"),
    "pow": lambda f: f"PowBackward{0 if _number(f, 1) else 2 if _number(f, 0) else 1}",
    "sub": lambda f: "RsubBackward1" if _number(f, 0) else "SubBackward0",
    "squeeze": "SqueezeBackward1",
    "prod": _overload("Prod"),
    "clamp": _by_operand("ClampBackward", 1, "1", "0"),
    "clamp_min": _by_operand("Clamp", 1, "Backward1", "MinBackward1"),
    "clamp_max": _by_operand("Clamp", 1, "Backward1", "MaxBackward1"),
    "fmod": _by_operand("FmodBackward", 1, "0", "1"),
    "remainder": _by_operand("RemainderBackward", 1, "0", "1"),
    "lerp": _by_operand("LerpBackward", 2, "0", "1"),
    "logsigmoid": "LogSigmoid",
    "relu6": "Hardtanh",
    "selu": "Elu",
    "softsign": "Div",
    "movedim": "Permute",
    "copy_": "CopyBackwards",
    "overwrite": "CopySlices",
    "identity": "Clone",
    "cast": "ToCopy",
    "concat": "Cat",
    "take": "IndexSelect",
    "take_add": "IndexAdd",
    "gather_nd": "Index",
    "expand_as": "Expand",
    "reshape": "View",
    "reshape_as": "View",
    "square": "Pow",
    "log1p": "Log1P",
    "merge": "View",
    "flatten": "View",
    "tile": "Repeat",
    "pad": "ConstantPadNd",
    "boolean_mask": "MaskedSelect",
}


def _number(f: Facts, k: int) -> bool:
    """Is this operand a number (or a scalar without history, which looks the same)?"""
    if k >= len(f[3]):
        return False
    record, _, leaf, rank = f[3][k]
    return record is None and leaf is None and rank == 0


class Node:
    """One step: `name()`, and the steps that its inputs came from in `next_functions`."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def name(self) -> str:
        return type(self).__name__

    @property
    def next_functions(self) -> tuple:
        edges = list(self._facts[3])
        numbers = [_number(self._facts, k) for k in range(len(edges))]
        if self._facts[0] in ("pow", "square", "clamp", "clamp_min", "clamp_max") or (self._facts[0] == "sub" and numbers[0]):
            edges = [e for e, number in zip(edges, numbers) if not number]  # numbers are no operands of these
        elif self._facts[0] in ("add", "mul") and numbers[0]:
            edges.reverse()
        return tuple((_next(record, leaf), output) for record, output, leaf, _ in edges)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._facts[4] == other._facts[4]

    def __hash__(self) -> int:
        return hash(self._facts[4])


class AccumulateGrad:
    """Where the tape ends: at a leaf, here `variable`."""

    __module__ = "builtins"
    __slots__ = ("variable",)
    next_functions = ()

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"


def step_name(facts: Facts) -> str:
    """'AddBackward0' of the row add."""
    found = _NAMES.get(facts[0])
    if callable(found):
        return found(facts)
    if "_vjp" in facts[0]:
        return "MulBackward0"  # a derivative of a derivative: the gradient times something
    name = found or ("".join(part.capitalize() for part in facts[0].split("_")) if facts[0].islower() else facts[0])
    return name if "Backward" in name or name == "CopySlices" else f"{name}Backward0"


@functools.cache
def _type(name: str) -> type:
    users = name.endswith("Backward")  # of a Function of the user's
    return type(name, (Node,), {"__slots__": (), "__module__": "torch.autograd.function" if users else "builtins"})


def _next(record: Any, leaf: Any) -> Node | AccumulateGrad | None:
    if record is not None:
        return _node(record)
    return None if leaf is None else AccumulateGrad(leaf)


def _node(record: Any) -> Node:
    facts = _core.record_facts(record)
    return _type(step_name(facts))(facts)


def grad_fn_of(tensor: Any) -> Node | None:
    record = tensor._record
    return None if record is None else _node(record)


def is_float(value: Any) -> bool:
    return isinstance(value, _core.Tensor) and value._dtype >= 6


def step(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a function written with others: what it gives is shown as the result of one step of this name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def shown(*args: Any, **kwargs: Any) -> Any:
            out = function(*args, **kwargs)
            operands = [t for a in args for t in (a if isinstance(a, (list, tuple)) else (a,)) if is_float(t)]
            for t in out if isinstance(out, tuple) else (out,):
                _core.show_as(t, name, operands)
            return out

        return shown

    return decorate
