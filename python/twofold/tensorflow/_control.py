"""Placeholders, groups, control dependencies, collections of the default graph, app.run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._dtypes import TensorShape, as_dtype
from twofold.tensorflow._graph import Operation, get_default_graph
from twofold.tensorflow._ops import identity
from twofold.tensorflow._tensor import Tensor


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor that every run must feed."""
    graph = get_default_graph()
    exact = graph.unique_name(name or "Placeholder")
    sizes = TensorShape(shape)._sizes
    kind = as_dtype(dtype).base_dtype._name
    return graph.add(exact, "Placeholder", lambda: graph._core.placeholder(kind, sizes, exact)).outputs[0]


def no_op(name: str | None = None) -> Operation:
    graph = get_default_graph()
    before = [e for c in graph._controls for e in c._effects_and_node()]
    return graph.add_effect(graph.unique_name(name or "NoOp"), "NoOp", before)


def group(*inputs: Any, **kwargs: Any) -> Operation:
    """An operation that runs all of these."""
    graph, listed = get_default_graph(), []
    for i in inputs:
        listed += list(i) if isinstance(i, (list, tuple)) else [i]
    ops = [i if isinstance(i, Operation) else i.op for i in listed]
    graph = ops[0].graph if ops else graph
    made = graph.add_effect(graph.unique_name(kwargs.get("name") or "group_deps"), "NoOp", [e for op in ops for e in op._effects_and_node()])
    made.control_inputs = ops
    return made


def tuple_(tensors: Sequence[Any], name: str | None = None, control_inputs: Any = None) -> list[Tensor]:
    """The same tensors, ready only when all of them are."""
    with get_default_graph().control_dependencies([t for t in tensors if t is not None] + list(control_inputs or [])):
        return [None if t is None else identity(t) for t in tensors]


def control_dependencies(control_inputs: Any) -> Any:
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function: Any) -> Any:
    return get_default_graph().device(device_name_or_function)


class name_scope:
    """Names made inside begin with this one: name_scope(name, default_name=None, values=None)."""

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None) -> None:
        self.scope = get_default_graph().name_scope(default_name if name is None else name)

    def __enter__(self) -> str:
        return self.scope.__enter__()

    def __exit__(self, *error: Any) -> Any:
        return self.scope.__exit__(*error)


def add_to_collection(name: Any, value: Any) -> None:
    get_default_graph().add_to_collection(name, value)


def get_collection(key: Any, scope: str | None = None) -> list:
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list:
    return get_default_graph().get_collection_ref(key)
