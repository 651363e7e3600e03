"""Sizes: known while a graph is built, or only when it runs (tf.shape of an unknown dimension)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from twofold import _core
from twofold.tensorflow._dtypes import TensorShape, as_dtype, int32
from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._tensor import Tensor, constant_named, convert

# Operations whose value is known where their inputs' are.
_FOLDED = {"Pack", "StridedSlice", "ConcatV2", "Cast", "Add", "Sub", "Mul", "Identity", "Reshape", "Prod", "Maximum", "Minimum"}


class Told(NamedTuple):
    """Sizes that a tensor says when the graph runs; `hint` is what is known of them, -1 elsewhere."""

    tensor: Tensor
    hint: list[int]


def _is_tensor(value: Any) -> bool:
    return isinstance(value, _core.Tensor) or hasattr(value, "_as_graph_element")


def constant_value(tensor: Tensor) -> np.ndarray | None:
    """The value of a tensor that does not depend on a run, or None."""
    return np.asarray(_core.Session(tensor.graph._core).run([tensor], [], [])[0]) if _is_constant(tensor) else None


def _is_constant(tensor: Tensor) -> bool:
    graph, op = tensor.graph, tensor.op
    if op.type in _FOLDED:
        return all(_is_constant(t) for t in op.inputs)
    return graph._core.node(graph._core.node_of(tensor))["row"] == "constant"


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
    return [static_ints(v) if _is_tensor(v) else int(v) for v in value]


def sizes_of(value: Any, name: str) -> list[int] | Told:
    """A shape argument: a list where everything in it is known, else what a tensor says."""
    if _is_tensor(value):
        source = convert(value)
        known = constant_value(source)
        return Told(source, _hint(source)) if known is None else np.atleast_1d(known).tolist()
    if isinstance(value, (list, tuple)) and any(_is_tensor(v) and constant_value(convert(v)) is None for v in value):
        return _told_by_parts(value, name)
    sizes = static_ints(value)
    return [sizes] if isinstance(sizes, int) else list(sizes)


def _hint(sizes: Tensor) -> list[int]:
    """What the graph knows of a vector of sizes that only a run knows whole."""
    if sizes.op.type == "Shape":
        known = sizes.op.inputs[0]._shape
        return [-1 if n is None else n for n in known] if known is not None else []
    if sizes.op.type == "Pack":
        values = [constant_value(t) for t in sizes.op.inputs]
        return [-1 if v is None else int(v) for v in values]
    return []


def _told_by_parts(parts: Sequence[Any], name: str) -> Told:
    graph = get_default_graph()
    tensors = [convert(p) if _is_tensor(p) else None for p in parts]
    dtype = next((t.dtype for t in tensors if t is not None), int32)
    rows, hint = [], []
    for k, (part, tensor) in enumerate(zip(parts, tensors)):
        known = part if tensor is None else constant_value(tensor)
        hint.append(-1 if known is None else int(known))
        rows.append(constant_named(graph, np.array(part, dtype._name), f"{name}/shape/{k}") if tensor is None else tensor)
    return Told(stacked(rows, f"{name}/shape"), hint)


def as_tensor(sizes: list[int] | Told, name: str) -> Told:
    """Known sizes as a tensor, too: for operations that take nothing else."""
    if isinstance(sizes, Told):
        return sizes
    return Told(constant_named(get_default_graph(), np.array(sizes, np.int64), name), sizes)


def stacked(scalars: Sequence[Tensor], name: str) -> Tensor:
    """Scalars of one dtype as a vector."""
    graph = scalars[0].graph
    raised = [graph._core.record("unsqueeze", [s], {"axis": 0}, f"{name}/expand")[0] for s in scalars]
    return graph.add(name, "Pack", lambda: graph._core.record("concat", raised, {"axis": 0}, name), list(scalars)).outputs[0]


def spread(value: Tensor, sizes: Told, kind: str, name: str) -> Tensor:
    """`value` broadcast to sizes that only a run knows."""
    graph = value.graph
    return graph.add(
        name, kind, lambda: graph._core.record("expand_to", [value, sizes.tensor], {"hint": sizes.hint}, name), [value, sizes.tensor]
    ).outputs[0]


def filled(value: Any, dtype: Any, sizes: Told, kind: str, name: str) -> Tensor:
    """A number in every element of sizes that only a run knows."""
    number = constant_named(sizes.tensor.graph, np.array(value, as_dtype(dtype)._name), f"{name}/Const")
    return spread(number, sizes, kind, name)
