"""tf.Variable, tf.get_variable, variable scopes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from twofold import _core, _samples
from twofold.tensorflow import _dtypes
from twofold.tensorflow._control import group
from twofold.tensorflow._dtypes import REFS, DType, TensorShape
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph
from twofold.tensorflow._op import Steps, asked_of, operation, refuse, scope_of, shape_text
from twofold.tensorflow._operators import add_all_operators
from twofold.tensorflow._tensor import RefTensor, Tensor, convert

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
        with graph.control_dependencies(None), scope_of(name, "Variable", [] if callable(initial_value) else [initial_value]) as scope:
            if callable(initial_value):
                with graph.name_scope("Initializer"):
                    initial = convert(initial_value(), dtype, name="initial_value")
            else:
                initial = convert(initial_value, dtype, name="initial_value")
            self._make(graph, scope[:-1], initial, bool(trainable), collections)

    @classmethod
    def _adopted(cls, graph: Graph, name: str, cell: Any) -> Variable:
        """A torch Parameter as a variable of a graph: the same memory, already initialised."""
        made = cls.__new__(cls)
        made._hold(graph, name, cell.requires_grad, None, cell)
        made.initializer = graph.add_effect(f"{name}/Assign", "NoOp", [])
        made._join(None)
        return made

    @classmethod
    def _under(cls, name: str, initial: Tensor, trainable: bool, collections: Any) -> Variable:
        """get_variable's: the name is taken, the initial value made."""
        made, graph = cls.__new__(cls), get_default_graph()
        with graph.control_dependencies(None):
            made._make(graph, name, initial, trainable, collections)
        return made

    def _make(self, graph: Graph, name: str, initial: Tensor, trainable: bool, collections: Any) -> None:
        if not initial.shape.is_fully_defined():
            raise ValueError(f"initial_value must have a shape specified: {initial}")
        cell = _core.declare(_dtypes.BY_NUMBER[initial._dtype]._name, list(initial._shape), trainable)
        self._hold(graph, name, trainable, initial, cell)
        exact = f"{name}/Assign"
        done = [graph._core.assign(cell, initial, exact)]
        self.initializer = graph.add_effect(exact, "Assign", done, [self.op, initial], make=lambda: [self._after(done, exact)])
        self._join(collections)

    def _hold(self, graph: Graph, name: str, trainable: bool, initial: Tensor | None, cell: Any) -> None:
        """The variable's node; what it is read by comes with _join()."""
        self._graph, self._name, self._trainable, self._initial, self._cell = graph, name, trainable, initial, cell
        attrs = {"dtype": self.dtype.base_dtype, "shape": self.shape}
        if initial is not None and initial.op.name.startswith(f"{name}/Initializer/"):
            attrs["_class"] = [f"loc:@{name}".encode()]
        self.op = graph.add_lazily(name, "VariableV2", lambda: [self._after([], name)], attrs=attrs)

    def _join(self, collections: Any) -> None:
        """The read by which operations take the variable; the collections that it belongs to."""
        graph, name = self._graph, self._name
        self._snapshot = graph._core.read(self._cell, f"{name}/read")
        self._reading = graph.add_lazily(f"{name}/read", "Identity", lambda: [self._snapshot], [self.op])
        for taken in (name, f"{name}/Assign", f"{name}/read"):
            graph._names.setdefault(taken.lower(), 1)
        graph._variables.append(self)
        keys = list(collections or [GraphKeys.GLOBAL_VARIABLES])
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in keys:
            keys.append(GraphKeys.TRAINABLE_VARIABLES)
        for key in keys:
            graph.add_to_collection(key, self)

    def _after(self, done: list[Any], name: str) -> RefTensor:
        """The variable's memory once the engine's operations `done` have run."""
        core = self._graph._core
        read = core.with_controls(done, lambda: core.read(self._cell, name)) if done else core.read(self._cell, name)
        return _core.as_class(core.record("identity", [read], {}, name)[0], RefTensor)

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
        read = self._graph._core.read(self._cell, "")
        self._graph._by_node.setdefault(read._edge[:2], self._reading)
        return read

    def value(self) -> Tensor:
        return self._as_tensor()

    def read_value(self) -> Tensor:
        """The value, read by an operation of its own."""
        with scope_of("read", "read") as scope:
            return operation("Identity", scope, [self.op], lambda step: step("identity", self._as_tensor())).outputs[0]

    def _ref(self) -> RefTensor:
        return self.op.outputs[0]

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
        return assign(self, value, use_locking=use_locking, name=name)

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Tensor:
        return assign_add(self, delta, use_locking, name)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Tensor:
        return assign_sub(self, delta, use_locking, name)

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


def updated(kind: str, scope: str, variable: Variable, inputs: list[Any], compute: Callable[[Steps], list[tuple[Variable, Tensor]]],
            **attrs: Any) -> Operation:  # fmt: skip
    """The operation that a scope was opened for: running it gives variables new values, as `compute` says; its output is
    the first one's value afterwards."""
    graph, exact = variable._graph, scope[:-1]
    graph.check_open()
    core = graph._core

    def make() -> Any:
        done = [core.assign(v._cell, new, exact) for v, new in compute(Steps(graph, exact))]
        return done, variable._after(done, exact)

    done, read = graph.waiting(make)
    attrs = {key: value for key, value in attrs.items() if value is not None}
    return graph.add_effect(exact, kind, done, inputs, make=lambda: [read], attrs=attrs)


def _changed(kind: str, row: str | None, variable: Any, value: Any, name: str | None, **attrs: Any) -> Tensor:
    """variable = value, or row(variable, value), when the result runs; the result is the variable's value afterwards."""
    variable = variable_of(variable)
    graph = variable._graph
    with graph.as_default(), graph.name_scope(name or kind) as scope:
        wanted = variable.dtype.base_dtype
        given = convert(value, asked_of(value, wanted), name="value")
        if given._dtype != wanted._dtype:
            raise TypeError(f"Input 'value' of '{kind}' Op has type {given.dtype.name} that does not match type {variable.dtype.base_dtype.name} of argument 'ref'.")
        if not given.shape.is_compatible_with(variable.shape):
            raise refuse(_unequal(variable, given), kind, scope, [variable._snapshot, given])

        def compute(step: Steps) -> list[tuple[Variable, Tensor]]:
            return [(variable, given if row is None else step(row, variable._as_tensor(), given))]

        return updated(kind, scope, variable, [variable.op, given], compute, **attrs).outputs[0]


def variable_of(ref: Any) -> Variable:
    """A variable, from itself or from a reference to it (`v.op.outputs[0]`, what assign() gives)."""
    if isinstance(ref, Variable):
        return ref
    if isinstance(ref, RefTensor):
        name = ref.op.inputs[0].op.name if ref.op.type != "VariableV2" else ref.op.name
        found = next((v for v in ref.graph._variables if v._name == name), None)
        if found is not None:
            return found
    raise TypeError(f"an assignment changes a tf.Variable, but it was given {ref!r}")


def _unequal(variable: Variable, given: Tensor) -> str:
    a, b = variable._cell._shape, given._shape
    if len(a) != len(b):
        return f"Shapes must be equal rank, but are {len(a)} and {len(b)}"
    k = next(k for k, (m, n) in enumerate(zip(a, b)) if n not in (m, None))
    return f"Dimension {k} in both shapes must be equal, but are {a[k]} and {b[k]}. Shapes are {shape_text(variable._snapshot)} and {shape_text(given)}."


def assign(ref: Variable, value: Any, validate_shape: bool = True, use_locking: Any = None, name: str | None = None) -> Tensor:
    """ref = value when the result runs."""
    return _changed("Assign", None, ref, value, name, use_locking=use_locking, validate_shape=validate_shape)


def assign_add(ref: Variable, value: Any, use_locking: Any = None, name: str | None = None) -> Tensor:
    """ref += value when the result runs."""
    return _changed("AssignAdd", "add", ref, value, name, use_locking=use_locking)


def assign_sub(ref: Variable, value: Any, use_locking: Any = None, name: str | None = None) -> Tensor:
    """ref -= value when the result runs."""
    return _changed("AssignSub", "sub", ref, value, name, use_locking=use_locking)


# --- collections of variables -------------------------------------------------------------------------------------
def global_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Variable]:
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Variable]:
    """The variables that an ExponentialMovingAverage follows."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: list[Variable], name: str = "init") -> Operation:
    """An operation that gives these variables their initial values."""
    return group(*[v.initializer for v in var_list], name=name)


def global_variables_initializer() -> Operation:
    return variables_initializer(global_variables())


def local_variables_initializer() -> Operation:
    return variables_initializer(local_variables())


def initialize_all_variables() -> Operation:
    """Its older name."""
    return global_variables_initializer()


def report_uninitialized_variables(var_list: Any = None, name: str = "report_uninitialized_variables") -> Any:
    raise NotImplementedError("tf.report_uninitialized_variables needs string tensors, which are not supported yet")
