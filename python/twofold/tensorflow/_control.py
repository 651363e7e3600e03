"""Placeholders, groups, control dependencies, devices and collections of the default graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twofold.tensorflow._array import identity
from twofold.tensorflow._dtypes import TensorShape, as_dtype
from twofold.tensorflow._graph import Graph, Operation, get_default_graph
from twofold.tensorflow._node_attrs import colocate
from twofold.tensorflow._tensor import Tensor, convert


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor that every run must feed."""
    graph = get_default_graph()
    exact = graph.exact_name(name or "Placeholder")
    known = TensorShape(shape)
    sizes = known._sizes
    kind = as_dtype(dtype).base_dtype._name
    return graph.add(exact, "Placeholder", lambda: graph._core.placeholder(kind, sizes, exact), attrs={"shape": known}).outputs[0]


def no_op(name: str | None = None) -> Operation:
    """An operation that does nothing but wait for its control inputs."""
    graph = get_default_graph()
    return graph.add_effect(graph.exact_name(name or "NoOp"), "NoOp", [])


def tables_initializer(name: str = "init_all_tables") -> Operation:
    """An operation that fills the graph's tables: it has none."""
    return no_op(name)


def group(*inputs: Any, **kwargs: Any) -> Operation:
    """An operation that runs all of these."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unknown keyword arguments: {list(kwargs)}")
    operations = [i if isinstance(i, Operation) else i.op for i in _flat(inputs)]
    graph = operations[0].graph if operations else get_default_graph()
    return grouped(graph, graph.exact_name(name or "group_deps"), operations)


def grouped(graph: Graph, exact: str, operations: Sequence[Operation]) -> Operation:
    """An operation of this name that waits for others."""
    with graph.control_dependencies(list(operations)):
        return graph.add_effect(exact, "NoOp", [])


def _flat(inputs: Any) -> list[Any]:
    if isinstance(inputs, (list, tuple)):
        return [i for item in inputs for i in _flat(item)]
    if not isinstance(inputs, Operation) and not hasattr(inputs, "op"):
        raise TypeError(f"Expected tf.group() expected Tensor objects not None or '{type(inputs)}': {inputs}")
    return [inputs]


def tuple_(tensors: Sequence[Any], name: str | None = None, control_inputs: Any = None) -> list[Tensor]:
    """The same tensors, ready only when all of them are."""
    graph = get_default_graph()
    given = [t for t in tensors if t is not None]
    if not given:
        raise ValueError(f"Must have at least one Tensor: {tensors}")
    with graph.name_scope(name or "tuple"):
        waited = [convert(t).op for t in given] + [graph.as_graph_element(c).op for c in control_inputs or ()]
        gate = grouped(graph, graph.exact_name("group_deps"), waited)
        with graph.control_dependencies([gate]):
            made = [None if t is None else identity(t, name="control_dependency") for t in tensors]
    for t, source in zip(made, tensors):
        if t is not None:
            colocate(t.op, convert(source).op)
    return made


def control_dependencies(control_inputs: Any) -> Any:
    return get_default_graph().control_dependencies(control_inputs)


def device(device_name_or_function: Any) -> Any:
    return get_default_graph().device(device_name_or_function)


class name_scope:
    """Names made inside begin with this one: name_scope(name, default_name=None, values=None)."""

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None) -> None:
        if name is None and default_name is None and values is not None:
            raise ValueError(f"At least one of name ({name}) and default_name ({default_name}) must be provided.")
        self.scope = get_default_graph().name_scope(default_name if name is None else name)

    def __enter__(self) -> str:
        return self.scope.__enter__()

    def __exit__(self, *error: Any) -> Any:
        return self.scope.__exit__(*error)


def add_to_collection(name: Any, value: Any) -> None:
    get_default_graph().add_to_collection(name, value)


def add_to_collections(names: Any, value: Any) -> None:
    get_default_graph().add_to_collections(names, value)


def get_collection(key: Any, scope: str | None = None) -> list:
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: Any) -> list:
    return get_default_graph().get_collection_ref(key)
