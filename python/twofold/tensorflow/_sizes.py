"""Sizes: known while a graph is built, or only when it runs (tf.shape of an unknown dimension)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from twofold import _core
from twofold.tensorflow._dtypes import TensorShape
from twofold.tensorflow._graph import Operation
from twofold.tensorflow._tensor import Tensor, convert

_SAME = {"Identity", "Cast"}


class Told(NamedTuple):
    """Sizes that a tensor says when the graph runs; `hint` is what is known of them, -1 elsewhere."""

    tensor: Tensor
    hint: list[int]


def _is_tensor(value: Any) -> bool:
    return isinstance(value, _core.Tensor) and value._symbolic or hasattr(value, "_as_graph_element")


# --- values -------------------------------------------------------------------------------------------------------
def constant_value(tensor: Tensor) -> np.ndarray | None:
    """The value of a tensor that does not depend on a run, or None."""
    op = tensor.op
    if op.value is None and op.type in _FOLDED and len(op._inputs) > 0:  # a loop's variable is an Identity of nothing
        inputs: list[np.ndarray] = []
        for i in op._inputs:
            known = i.value if isinstance(i, Operation) else constant_value(i)
            if known is None:
                return None
            inputs.append(known)
        op.value = _folded(op, inputs)
    return op.value


def _folded(op: Operation, inputs: list[np.ndarray]) -> np.ndarray | None:
    out = op.outputs[0]
    if out._shape is None or None in out._shape:
        return None
    value = _FOLDED[op.type](tuple(out._shape), *inputs)
    return None if value is None else np.reshape(value, out._shape).astype(out.dtype._name)


def _divided(divide: Callable[..., np.ndarray]) -> Callable[..., np.ndarray | None]:
    """Refused when it runs, where the divisor is 0."""
    return lambda shape, x, y: divide(x, y) if np.all(y != 0) else None


def _piece(shape: tuple, source: np.ndarray, begin: np.ndarray, end: np.ndarray, step: np.ndarray) -> np.ndarray | None:
    """A subscript of a vector; a bound that was left out is written as 0."""
    if source.ndim != 1 or begin.size != 1:
        return None
    first, by, count = int(begin[0]), int(step[0]), int(np.prod(shape))
    first = -1 if by < 0 and first == 0 and count > 1 else first
    return source[first::by][:count]


# Operations whose value is known where their inputs' are: the result's shape and the inputs, as NumPy computes it.
_FOLDED: dict[str, Callable[..., np.ndarray | None]] = {
    "Add": lambda shape, x, y: x + y, "AddV2": lambda shape, x, y: x + y, "Sub": lambda shape, x, y: x - y, "Mul": lambda shape, x, y: x * y,
    "Neg": lambda shape, x: -x, "FloorDiv": _divided(np.floor_divide), "FloorMod": _divided(np.mod),
    "Maximum": lambda shape, x, y: np.maximum(x, y), "Minimum": lambda shape, x, y: np.minimum(x, y),
    "Sum": lambda shape, x, axes: np.sum(x, _axes(axes)), "Prod": lambda shape, x, axes: np.prod(x, _axes(axes)),
    "Max": lambda shape, x, axes: np.max(x, _axes(axes)), "Min": lambda shape, x, axes: np.min(x, _axes(axes)),
    "Identity": lambda shape, x: x, "Cast": lambda shape, x: x, "Reshape": lambda shape, x, sizes: x,
    "Pack": lambda shape, *parts: np.stack(parts) if parts[0].ndim == 0 else None,
    "ConcatV2": lambda shape, *parts: np.concatenate(parts[:-1], int(parts[-1])), "Fill": lambda shape, sizes, x: np.full(shape, x),
    "Range": lambda shape, start, limit, delta: np.arange(start, limit, delta), "StridedSlice": _piece,
    "Slice": lambda shape, x, begin, size: x[tuple(slice(int(b), int(b) + n) for b, n in zip(begin, shape))],
    "GatherV2": lambda shape, x, indices, axis: np.take(x, indices, int(axis)),
}  # fmt: skip


def _axes(axes: np.ndarray) -> tuple[int, ...]:
    return tuple(np.reshape(axes, -1).tolist())


def static_ints(value: Any) -> Any:
    """Sizes or axes as Python integers: lists, shapes, arrays, constants of the graph."""
    if value is None or isinstance(value, int):
        return value
    if _is_tensor(value):
        known = constant_value(convert(value))
        if known is None:
            raise NotImplementedError("these sizes or axes have to be known while the graph is built, not only when it runs")
        value = known
    if isinstance(value, TensorShape):
        return value.as_list()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if hasattr(value, "__index__"):
        return value.__index__()
    return [static_ints(v) for v in value]


def sizes_in(tensor: Tensor | Operation) -> list[int] | Told:
    """What a tensor of sizes says: a list where everything in it is known."""
    known = tensor.value if isinstance(tensor, Operation) else constant_value(tensor)
    if known is not None:
        return np.atleast_1d(known).tolist()
    return Told(tensor, partly_known(tensor) or [])


def partly_known(tensor: Tensor) -> list[int] | None:
    """What a graph knows of a vector of integers that only a run knows whole: -1 for the others; None for nothing."""
    op = tensor.op
    if op.value is not None:
        return np.atleast_1d(op.value).tolist()
    if op.type == "Shape":
        sizes = op.inputs[0]._shape
        return None if sizes is None else [-1 if n is None else n for n in sizes]
    if op.type == "Pack":
        return [_element(t) for t in op.inputs]
    if op.type == "ConcatV2":
        parts = [partly_known(t) for t in op.inputs[:-1]]
        return None if None in parts else [n for part in parts for n in part]
    if op.type == "StridedSlice":
        return _slice_of(op)
    return partly_known(op.inputs[0]) if op.type in _SAME else None


def _element(scalar: Tensor) -> int:
    found = partly_known(scalar)
    return found[0] if found and len(found) == 1 else -1


def _slice_of(op: Operation) -> list[int] | None:
    whole = partly_known(op.inputs[0])
    bounds = [constant_value(t) for t in op.inputs[1:]]
    if whole is None or any(b is None or b.size != 1 for b in bounds):
        return None
    begin, end, step = (int(b[0]) for b in bounds)
    length = op.outputs[0]._shape
    if length == ():
        return [whole[begin]]
    known = None if length is None else length[0]
    return whole[begin::step][:known] if known is not None else None
