"""Python's operators and subscripts for tensors and variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._ops import apply, identity, matmul, truediv
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, add_operators, convert

_FAR = 2**63 - 1


def _subscript(self: Any, key: Any) -> Tensor:
    source = convert(self)
    graph, exact = source.graph, get_default_graph().unique_name("strided_slice")
    axis, out = 0, source
    keys = key if isinstance(key, tuple) else (key,)
    named = sum(1 for k in keys if k is not None and k is not Ellipsis)

    def step(row: str, attrs: dict[str, Any]) -> Any:
        return graph._core.record(row, [out], attrs, f"{exact}/{row}")[0]

    for k in keys:
        if k is None:
            out, axis = step("unsqueeze", {"axis": axis}), axis + 1
        elif k is Ellipsis:
            axis += len(source._shape) - named
        elif isinstance(k, slice):
            back = (k.step or 1) < 0
            start, stop = _FAR if back and k.start is None else k.start, -_FAR if back and k.stop is None else k.stop
            attrs = {n: v for n, v in (("start", start), ("stop", stop), ("step", k.step)) if v is not None}
            out, axis = step("slice", {"axis": axis, **{n: static_ints(v) for n, v in attrs.items()}}), axis + 1
        else:
            out = step("select", {"axis": axis, "index": int(static_ints(k))})
    return graph.add(exact, "StridedSlice", lambda: graph._core.record("identity", [out], {}, exact), [source]).outputs[0]


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """`size` elements from `begin` on in every dimension; -1 takes the rest."""
    first, count = static_ints(begin), static_ints(size)
    parts = tuple(slice(b, None if n == -1 else b + n) for b, n in zip(first, count))
    return identity(_subscript(input_, parts), name or "Slice")


def _power(x: Any, y: Any) -> Tensor:
    return apply("pow", "pow", None, [("x", x), ("y", y)], default="pow")


def _binary(row: str, function: str, name: str) -> Callable[[Any, Any], Any]:
    return lambda x, y: apply(row, function, None, [("x", x), ("y", y)], default=name)


OPERATORS = {
    "add": _binary("add", "add", "add"),
    "sub": _binary("sub", "subtract", "sub"),
    "mul": _binary("mul", "multiply", "mul"),
    "truediv": lambda x, y: truediv(x, y),
    "pow": _power,
    "matmul": lambda x, y: matmul(x, y, name="matmul"),
    "and": _binary("logical_and", "logical_and", "LogicalAnd"),
    "or": _binary("logical_or", "logical_or", "LogicalOr"),
}


def add_all_operators(cls: type) -> None:
    """Python's operators for Tensor and Variable."""
    add_operators(cls, OPERATORS)
    for name, row, function in (("lt", "lt", "less"), ("le", "le", "less_equal"), ("gt", "gt", "greater"), ("ge", "ge", "greater_equal")):
        setattr(cls, f"__{name}__", lambda a, b, r=row, f=function: apply(r, f, None, [("x", a), ("y", b)]))
    cls.__neg__ = lambda a: apply("neg", "negative", None, [("x", a)])
    cls.__abs__ = lambda a: apply("abs", "abs", None, [("x", a)])
    cls.__invert__ = lambda a: apply("logical_not", "logical_not", None, [("x", a)])
    cls.__getitem__ = _subscript


add_all_operators(Tensor)
