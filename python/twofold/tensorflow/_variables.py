"""tf.Variable, tf.get_variable, variable scopes."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from twofold import _core, _samples
from twofold.tensorflow import _dtypes, _initializers
from twofold.tensorflow._dtypes import REFS, DType, TensorShape, as_dtype
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph
from twofold.tensorflow._operators import add_all_operators
from twofold.tensorflow._ops import operands, scalar_name
from twofold.tensorflow._tensor import Tensor, constant_named, convert, to_array

AUTO_REUSE = type("_ReuseMode", (), {"__repr__": lambda self: "_ReuseMode.AUTO_REUSE"})()


class Variable:
    """State of a graph: survives runs, has no value until its initialiser has run.

    Not a Tensor, yet every operation takes it.
    """

    __module__ = "tensorflow.python.ops.variables"
    __array_priority__ = 100

    def __init__(self, initial_value: Any = None, trainable: Any = True, collections: Any = None, validate_shape: bool = True,
                 caching_device: Any = None, name: str | None = None, variable_def: Any = None, dtype: Any = None,
                 expected_shape: Any = None, import_scope: Any = None, constraint: Any = None, **_: Any) -> None:  # fmt: skip
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if isinstance(trainable, DType):
            warnings.warn(
                f"tf.Variable(value, {trainable!r}): position 2 is `trainable`, not the dtype; say dtype={trainable!r}",
                stacklevel=2,
            )
        graph = get_default_graph()
        full = graph.unique_name(name or "Variable")
        with graph.name_scope(full + "/"), graph.control_dependencies(None):
            value = initial_value() if callable(initial_value) else initial_value
            initial = convert(value, dtype, name="initial_value")
        self._make(graph, full, initial, bool(trainable), collections)

    @classmethod
    def _adopted(cls, graph: Graph, name: str, cell: Any) -> Variable:
        """A torch Parameter as a variable of a graph: the same memory, already initialised."""
        made = cls.__new__(cls)
        made._graph, made._name, made._trainable = graph, name, cell.requires_grad
        made._initial, made._cell = None, cell
        made._snapshot = made._as_tensor()
        made.op = graph.add_effect(name, "VariableV2", [])
        made.op._outputs = [made]
        made.initializer = graph.add_effect(f"{name}/Assign", "NoOp", [])
        graph._variables.append(made)
        graph.add_to_collection(GraphKeys.GLOBAL_VARIABLES, made)
        if made._trainable:
            graph.add_to_collection(GraphKeys.TRAINABLE_VARIABLES, made)
        return made

    @classmethod
    def _under(cls, name: str, initial: Tensor, trainable: bool, collections: Any) -> Variable:
        """get_variable's: the name is taken, the initial value made."""
        made = cls.__new__(cls)
        made._make(get_default_graph(), name, initial, trainable, collections)
        return made

    def _make(self, graph: Graph, name: str, initial: Tensor, trainable: bool, collections: Any) -> None:
        if not initial.shape.is_fully_defined():
            raise ValueError(f"initial_value must have a shape specified: {initial}")
        self._graph, self._name, self._trainable = graph, name, trainable
        self._initial = initial
        self._cell = _core.declare(_dtypes.BY_NUMBER[initial._dtype]._name, list(initial._shape), trainable)
        core = graph._core
        read = core.read(self._cell, f"{name}/read")
        self._snapshot = read
        self.op = Operation(graph, name, "VariableV2", -1, [])
        self.op._outputs = [self]
        self.initializer = graph.add_effect(
            f"{name}/Assign", "Assign", [core.assign(self._cell, initial, f"{name}/Assign")], [initial]
        )
        reading = Operation(graph, f"{name}/read", "Identity", core.node_of(read), [])
        reading._outputs = [read]
        for op in (self.op, reading):
            graph._keep(op)
        for taken in (name, f"{name}/Assign", f"{name}/read"):
            graph._names.setdefault(taken.lower(), 1)
        graph._variables.append(self)
        keys = list(collections or [GraphKeys.GLOBAL_VARIABLES])
        if trainable and GraphKeys.TRAINABLE_VARIABLES not in keys:
            keys.append(GraphKeys.TRAINABLE_VARIABLES)
        for key in keys:
            graph.add_to_collection(key, self)

    # --- what is known
    @property
    def name(self) -> str:
        return f"{self._name}:0"

    @property
    def dtype(self) -> DType:
        return REFS[self._cell._dtype]

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self._cell._shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def graph(self) -> Graph:
        return self._graph

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def initial_value(self) -> Tensor:
        return self._initial

    @property
    def trainable(self) -> bool:
        return self._trainable

    def _as_graph_element(self) -> Tensor:
        return self._as_tensor()

    def _as_tensor(self) -> Tensor:
        """The value as it is when the graph reads it: after assignments that this read waits for."""
        return self._graph._core.read(self._cell, "")

    def value(self) -> Tensor:
        return self._as_tensor()

    read_value = value

    def initialized_value(self) -> Tensor:
        """The initial value, for variables that start from this one."""
        return self._initial

    def eval(self, session: Any = None) -> Any:
        """The value in `session` or the default one."""
        from twofold.tensorflow._session import session_for

        return session_for(session, self._graph, "evaluate tensor using `eval()`", "eval").run(self)

    def load(self, value: Any, session: Any = None) -> None:
        """Sets the value at once, without an operation."""
        from twofold.tensorflow._session import session_for

        array = _core.tensor(np.asarray(value), _dtypes.BY_NUMBER[self._cell._dtype]._name, 0)
        session_for(session, self._graph, "load a value into a variable", "load")._core.load(self._cell, array)

    # --- assignments
    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Tensor:
        return assign(self, value, name=name)

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Tensor:
        return assign_add(self, delta, name=name)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Tensor:
        return assign_sub(self, delta, name=name)

    def __str__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>" + _samples.shown(self._snapshot)

    __repr__ = __str__

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("'Variable' object is not iterable.")

    def __bool__(self) -> bool:
        return bool(self._as_tensor())

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


add_all_operators(Variable)


def _assigned(variable: Variable, value: Tensor, kind: str, name: str | None, named: bool = False) -> Tensor:
    """An assignment; its result is the variable's value afterwards."""
    graph = variable._graph
    exact = name if named and name else scalar_name(name, kind)
    if not TensorShape(value._shape).is_compatible_with(variable.shape):
        raise ValueError(
            f"Dimension mismatch: assigning a value of shape {value.shape} to variable {variable.name} of shape {variable.shape}"
        )
    effects = [e for c in graph._controls for e in c._effects_and_node()]
    core = graph._core

    def make() -> Any:
        done = core.assign(variable._cell, value, exact)
        read = core.with_controls([done], lambda: core.read(variable._cell, f"{exact}/read"))
        op = Operation(graph, exact, kind, core.node_of(read), [value], (done,))
        op._outputs = [read]
        graph._keep(op)
        return read

    graph.check_open()
    return core.with_controls(effects, make) if effects else make()


def assign(ref: Variable, value: Any, validate_shape: bool = True, use_locking: Any = None, name: str | None = None) -> Tensor:
    """ref = value when the result runs."""
    if isinstance(value, (_core.Tensor, Variable)):
        return _assigned(ref, convert(value, ref.dtype.base_dtype), "Assign", name)
    exact = scalar_name(name, "Assign")
    made = constant_named(ref._graph, to_array(value, ref.dtype.base_dtype), f"{exact}/value")
    return _assigned(ref, made, "Assign", exact, named=True)


def assign_add(ref: Variable, value: Any, use_locking: Any = None, name: str | None = None) -> Tensor:
    exact = scalar_name(None, "AssignAdd/add")
    x, y = operands("add", exact, [("ref", ref), ("value", value)])
    return _assigned(ref, ref._graph._core.record("add", [x, y], {}, exact)[0], "AssignAdd", name)


def assign_sub(ref: Variable, value: Any, use_locking: Any = None, name: str | None = None) -> Tensor:
    exact = scalar_name(None, "AssignSub/sub")
    x, y = operands("subtract", exact, [("ref", ref), ("value", value)])
    return _assigned(ref, ref._graph._core.record("sub", [x, y], {}, exact)[0], "AssignSub", name)


# --- scopes and get_variable --------------------------------------------------------------------------------------
class VariableScope:
    """What get_variable() reads: a name, whether to reuse, the default initialiser."""

    def __init__(self, name: str, reuse: Any, initializer: Any = None, original_name_scope: str = "") -> None:
        self.name, self.reuse, self.initializer = name, reuse, initializer
        self.original_name_scope = original_name_scope

    def reuse_variables(self) -> None:
        self.reuse = True

    def get_collection(self, name: Any) -> list:
        return get_default_graph().get_collection(name, self.name + "/" if self.name else None)

    def trainable_variables(self) -> list:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)


def get_variable_scope() -> VariableScope:
    graph = get_default_graph()
    if graph._variable_scope is None:
        graph._variable_scope = VariableScope("", False)
    return graph._variable_scope


@contextlib.contextmanager
def variable_scope(name_or_scope: Any, default_name: str | None = None, values: Any = None, initializer: Any = None,
                   reuse: Any = None, **_: Any) -> Iterator[VariableScope]:  # fmt: skip
    """Variables made inside are called scope/name; `reuse` shares those that exist."""
    graph, outer = get_default_graph(), get_variable_scope()
    if isinstance(name_or_scope, VariableScope):
        full, base = name_or_scope.name, name_or_scope.name.rpartition("/")[2]
        reuse = name_or_scope.reuse if reuse is None else reuse
    else:
        if name_or_scope is None and default_name is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        base = name_or_scope if name_or_scope is not None else _free_name(outer, default_name)
        full = f"{outer.name}/{base}" if outer.name else base
    with graph.name_scope(base) as scope:
        inside = VariableScope(full, outer.reuse if reuse is None else reuse, outer.initializer if initializer is None else initializer, scope)
        graph._variable_scope = inside
        try:
            yield inside
        finally:
            graph._variable_scope = outer


def _free_name(outer: VariableScope, default_name: str) -> str:
    graph = get_default_graph()
    prefix = f"{outer.name}/" if outer.name else ""
    taken = {v._name for v in graph._variables}
    k, name = 0, default_name
    while any(t.startswith(f"{prefix}{name}/") for t in taken):
        k += 1
        name = f"{default_name}_{k}"
    return name


def get_variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                 trainable: bool = True, collections: Any = None, **_: Any) -> Variable:  # fmt: skip
    """The variable of this name in the current scope: a new one, or the one that exists where the scope reuses."""
    graph, scope = get_default_graph(), get_variable_scope()
    full = f"{scope.name}/{name}" if scope.name else name
    existing = graph._variable_store.get(full)
    if existing is not None:
        return _shared(existing, full, scope.reuse, shape, dtype)
    if scope.reuse is True:
        raise ValueError(
            f"Variable {full} does not exist, or was not created with tf.get_variable(). Did you mean to set "
            "reuse=tf.AUTO_REUSE in VarScope?"
        )
    with graph.control_dependencies(None):
        initial = _initial_value(full, shape, dtype, scope.initializer if initializer is None else initializer)
    graph._names.setdefault(full.lower(), 1)
    made = Variable._under(full, initial, trainable, collections)
    graph._variable_store[full] = made
    if regularizer is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, regularizer(made))
    return made


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


def _initial_value(full: str, shape: Any, dtype: Any, initializer: Any) -> Tensor:
    graph = get_default_graph()
    scope = f"{full}/Initializer/"
    if initializer is not None and not callable(initializer):
        if shape is not None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        if isinstance(initializer, Tensor) and dtype is not None and as_dtype(dtype) != initializer.dtype:
            raise ValueError(
                f"Initializer type '{initializer.dtype}' and explicit dtype '{as_dtype(dtype)}' don't match."
            )
        with graph.name_scope(scope):
            return convert(initializer, dtype)
    wanted = as_dtype(dtype or _dtypes.float32).base_dtype
    sizes = TensorShape(shape)
    if not sizes.is_fully_defined():
        raise ValueError(
            f"Shape of a new variable ({full}) must be fully defined, but instead was {sizes}."
        )
    if initializer is None:
        initializer = _initializers.default_for(wanted, full)
    elif isinstance(initializer, type):
        initializer = initializer()
    with graph.name_scope(scope):
        return convert(initializer(sizes.as_list(), dtype=wanted))


# --- collections of variables -------------------------------------------------------------------------------------
def global_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def variables_initializer(var_list: list[Variable], name: str = "init") -> Operation:
    """An operation that gives these variables their initial values."""
    graph = get_default_graph()
    effects = [e for v in var_list for e in v.initializer._effects]
    op = graph.add_effect(graph.unique_name(name), "NoOp", effects)
    op.control_inputs = [v.initializer for v in var_list]
    return op


def global_variables_initializer() -> Operation:
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    return variables_initializer(local_variables(), "init_local")


def initialize_all_variables() -> Operation:
    """Its older name."""
    return global_variables_initializer()


def report_uninitialized_variables(var_list: Any = None, name: str = "report_uninitialized_variables") -> Any:
    raise NotImplementedError("tf.report_uninitialized_variables needs string tensors, which are not supported yet")


