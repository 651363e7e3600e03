"""Sizes: known while a graph is built, or only when it runs (tf.shape of an unknown dimension)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from twofold import _core
from twofold.tensorflow._dtypes import TensorShape
from twofold.tensorflow._graph import Operation
from twofold.tensorflow._tensor import Tensor, convert

# Operations whose value is known where their inputs' are.
_FOLDED = {"Pack", "StridedSlice", "Slice", "ConcatV2", "Cast", "Add", "AddV2", "Sub", "Mul", "FloorDiv", "FloorMod", "Identity",
           "Reshape", "Prod", "Sum", "Maximum", "Minimum", "Range", "Neg", "Max", "Min", "GatherV2", "Fill"}  # fmt: skip
_SAME = {"Identity", "Cast"}


class Told(NamedTuple):
    """Sizes that a tensor says when the graph runs; `hint` is what is known of them, -1 elsewhere."""

    tensor: Tensor
    hint: list[int]


def _is_tensor(value: Any) -> bool:
    return isinstance(value, _core.Tensor) and value._symbolic or hasattr(value, "_as_graph_element")


def constant_value(tensor: Tensor) -> np.ndarray | None:
    """The value of a tensor that does not depend on a run, or None."""
    op = tensor.op
    if op.value is None and _is_constant(tensor):
        op.value = np.asarray(_core.Session(tensor.graph._core).run([tensor], [], [])[0])
    return op.value


def _is_constant(tensor: Tensor) -> bool:
    """A loop's variable is none, though it is an Identity: it has no inputs."""
    op = tensor.op
    return op.value is not None or (op.type in _FOLDED and len(op.inputs) > 0 and all(_is_constant(t) for t in op.inputs))


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
