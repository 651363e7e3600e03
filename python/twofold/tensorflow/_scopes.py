"""tf.variable_scope and tf.get_variable: variables by name, made once and shared."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from twofold.tensorflow import _dtypes, _initializers
from twofold.tensorflow._dtypes import TensorShape, as_dtype
from twofold.tensorflow._graph import Graph, GraphKeys, get_default_graph
from twofold.tensorflow._tensor import Tensor, convert
from twofold.tensorflow._variables import Variable

AUTO_REUSE = type("_ReuseMode", (), {"__repr__": lambda self: "_ReuseMode.AUTO_REUSE", "__module__": "tensorflow"})()


class VariableScope:
    """What get_variable() reads: a name, whether to reuse, the default initialiser, regulariser and dtype."""

    def __init__(self, reuse: Any, name: str = "", initializer: Any = None, regularizer: Any = None,
                 name_scope: str = "", dtype: Any = _dtypes.float32, constraint: Any = None) -> None:  # fmt: skip
        self.name, self.reuse, self.initializer, self.regularizer = name, reuse, initializer, regularizer
        self.original_name_scope, self.dtype, self.constraint = name_scope, as_dtype(dtype), constraint

    def reuse_variables(self) -> None:
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self.initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        self.regularizer = regularizer

    def set_dtype(self, dtype: Any) -> None:
        self.dtype = as_dtype(dtype)

    def get_collection(self, name: Any) -> list:
        return get_default_graph().get_collection(name, self.name + "/" if self.name else None)

    def trainable_variables(self) -> list:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list:
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)


class Scopes:
    """A graph's current variable scope, how often each was opened, and the variables by name."""

    def __init__(self) -> None:
        self.current = VariableScope(False)
        self.opened: dict[str, int] = {}
        self.variables: dict[str, Variable] = {}

    def close_within(self, name: str) -> None:
        for key in self.opened:
            if not name or key.startswith(name + "/"):
                self.opened[key] = 0

    def free_name(self, prefix: str) -> str:
        """The first of prefix, prefix_1, ... that is not open in the current scope."""
        full = f"{self.current.name}/{prefix}" if self.current.name else prefix
        if not self.opened.get(full):
            return prefix
        k = 1
        while self.opened.get(f"{full}_{k}"):
            k += 1
        return f"{prefix}_{k}"


def scopes_of(graph: Graph) -> Scopes:
    if graph._scopes is None:
        graph._scopes = Scopes()
    return graph._scopes


def get_variable_scope() -> VariableScope:
    return scopes_of(get_default_graph()).current


@contextlib.contextmanager
def variable_scope(name_or_scope: Any, default_name: str | None = None, values: Any = None, initializer: Any = None,
                   regularizer: Any = None, caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                   reuse: Any = None, dtype: Any = None, use_resource: Any = None, constraint: Any = None,
                   auxiliary_name_scope: bool = True) -> Iterator[VariableScope]:  # fmt: skip
    """Variables made inside are called scope/name; `reuse` shares those that exist."""
    _check_supported(partitioner=partitioner, custom_getter=custom_getter)
    if name_or_scope is None and default_name is None:
        raise TypeError("If default_name is None then name_or_scope is required")
    if name_or_scope is None and reuse:
        raise ValueError("reuse=True cannot be used without a name_or_scope")
    if not isinstance(name_or_scope, (str, VariableScope, type(None))):
        raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
    graph = get_default_graph()
    scopes = scopes_of(graph)
    outer, again = scopes.current, isinstance(name_or_scope, VariableScope)
    base = name_or_scope.name.rpartition("/")[2] if again else scopes.free_name(default_name) if name_or_scope is None else name_or_scope
    with graph.name_scope(base) if base and auxiliary_name_scope else contextlib.nullcontext(graph._scope) as names:
        inside = _inside(outer, name_or_scope if again else None, base, reuse, names)
        inside.initializer = initializer or inside.initializer
        inside.regularizer = regularizer or inside.regularizer
        inside.dtype = inside.dtype if dtype is None else as_dtype(dtype)
        with _opened(scopes, inside, again):
            yield inside


def _inside(outer: VariableScope, entered: VariableScope | None, base: str, reuse: Any, names: str) -> VariableScope:
    source = entered or outer
    name = entered.name if entered else f"{outer.name}/{base}" if outer.name and base else outer.name or base
    shared = (entered.reuse if reuse is None else reuse) if entered else reuse or outer.reuse
    original = entered.original_name_scope if entered else names
    return VariableScope(shared, name, source.initializer, source.regularizer, original, source.dtype, source.constraint)


@contextlib.contextmanager
def _opened(scopes: Scopes, inside: VariableScope, again: bool) -> Iterator[None]:
    """Makes a scope the current one; one that is entered again leaves the count of opened scopes as it was."""
    outer, before = scopes.current, dict(scopes.opened)
    scopes.opened[inside.name] = scopes.opened.get(inside.name, 0) + 1
    scopes.current = inside
    try:
        yield
    finally:
        scopes.close_within(inside.name)
        if again:
            scopes.opened = before
        scopes.current = outer


def _check_supported(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise NotImplementedError(f"{name}= is not supported yet")


# --- get_variable -------------------------------------------------------------------------------------------------
def get_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                 trainable: bool | None = None, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
                 validate_shape: bool = True, use_resource: Any = None, custom_getter: Any = None, constraint: Any = None,
                 synchronization: Any = None, aggregation: Any = None) -> Variable:  # fmt: skip
    """The variable of this name in the current scope: a new one, or the one that exists where the scope reuses."""
    _check_supported(partitioner=partitioner, custom_getter=custom_getter)
    graph, scope = get_default_graph(), get_variable_scope()
    held = scopes_of(graph).variables
    full = f"{scope.name}/{name}" if scope.name and name else scope.name or name
    if full in held:
        return _shared(held[full], full, scope.reuse, shape, dtype)
    if scope.reuse is True:
        raise ValueError(
            f"Variable {full} does not exist, or was not created with tf.get_variable(). Did you mean to set "
            "reuse=tf.AUTO_REUSE in VarScope?"
        )
    graph.check_name(full)
    with graph.name_scope(None), graph.control_dependencies(None):
        initial = _initial_value(full, shape, dtype, scope.initializer if initializer is None else initializer, scope.dtype)
    graph._names.setdefault(full.lower(), 1)
    made = held[full] = Variable._under(full, initial, trainable is not False, collections)
    _regularize(graph, made, regularizer or scope.regularizer)
    return made


def _regularize(graph: Graph, made: Variable, regularizer: Callable[[Variable], Any] | None) -> None:
    if regularizer is None:
        return
    with graph.name_scope(f"{made._name}/Regularizer/"):
        loss = regularizer(made)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)


def _shared(existing: Variable, full: str, reuse: Any, shape: Any, dtype: Any) -> Variable:
    if not reuse:
        raise ValueError(
            f"Variable {full} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
            f"VarScope? Originally defined at:\n\n{_where(existing)}"
        )
    if shape is not None and not TensorShape(shape).is_compatible_with(existing.shape):
        raise ValueError(
            f"Trying to share variable {full}, but specified shape {TensorShape(shape)} and found shape {existing.shape}."
        )
    if dtype is not None and as_dtype(dtype).base_dtype != existing.dtype.base_dtype:
        raise ValueError(
            f"Trying to share variable {full}, but specified dtype {as_dtype(dtype).name} and found dtype "
            f"{existing.dtype.base_dtype.name}_ref."
        )
    return existing


def _where(variable: Variable) -> str:
    facts = variable._graph._core.node(variable._graph._core.node_of(variable._snapshot))
    return f'  File "{facts["file"]}", line {facts["line"]}' if facts["file"] else ""


def _initial_value(full: str, shape: Any, dtype: Any, initializer: Any, default: Any) -> Tensor:
    graph = get_default_graph()
    if initializer is not None and not callable(initializer):
        return _given_value(graph, full, shape, dtype, initializer)
    wanted = as_dtype(dtype or default).base_dtype
    sizes = TensorShape(shape)
    takes_shape = initializer is None or _takes_shape(initializer)
    if takes_shape and not sizes.is_fully_defined():
        raise ValueError(f"Shape of a new variable ({full}) must be fully defined, but instead was {sizes}.")
    if initializer is None:
        initializer = _initializers.default_for(wanted, full)
    elif isinstance(initializer, type):
        initializer = initializer()
    with graph.name_scope(f"{full}/Initializer/"):
        made = initializer(sizes.as_list(), dtype=wanted) if takes_shape else initializer()
        return convert(made, wanted)


def _given_value(graph: Graph, full: str, shape: Any, dtype: Any, value: Any) -> Tensor:
    if shape is not None:
        raise ValueError("If initializer is a constant, do not specify shape.")
    if isinstance(value, Tensor) and dtype is not None and as_dtype(dtype) != value.dtype:
        raise ValueError(f"Initializer type '{value.dtype}' and explicit dtype '{as_dtype(dtype)}' don't match.")
    with graph.name_scope(full + "/"):
        return convert(value, dtype, name="initial_value")


def _takes_shape(initializer: Any) -> bool:
    """An initialiser, or a function like one; a function without arguments makes the value by itself."""
    if isinstance(initializer, (_initializers.Initializer, type)):
        return True
    return bool(inspect.signature(initializer).parameters)
