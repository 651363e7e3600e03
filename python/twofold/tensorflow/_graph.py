"""tf.Graph, tf.Operation: names, scopes, collections."""

from __future__ import annotations

import atexit
import contextlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from twofold import _core, _owners, _samples
from twofold.tensorflow._device import checked, device_for

# By the engine's address, while they live.


class GraphKeys:
    """Names of the standard collections."""

    GLOBAL_VARIABLES = "variables"
    VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    METRIC_VARIABLES = "metric_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    REGULARIZATION_LOSSES = "regularization_losses"
    LOSSES = "losses"
    UPDATE_OPS = "update_ops"
    TRAIN_OP = "train_op"
    GLOBAL_STEP = "global_step"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    SAVERS = "savers"
    SAVEABLE_OBJECTS = "saveable_objects"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"
    EVAL_STEP = "eval_step"
    CONCATENATED_VARIABLES = "concatenated_variables"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"


_NOTHING_TOLD: dict[str, Any] = {}


class Operation:
    """A node of a graph, as TensorFlow's users see it: the engine may need several nodes for it, or none.

    `make` computes the outputs when somebody asks for them: the constants beside an operation (`Sum/reduction_indices`)
    are there by name, and cost the engine nothing.
    """

    __module__ = "tensorflow.python.framework.ops"

    def __init__(self, graph: Graph, name: str, type: str, inputs: Sequence[Any] = (), *, effects: Sequence[Any] = (),
                 make: Callable[[], list[Any]] | None = None, value: np.ndarray | None = None,
                 attrs: dict[str, Any] = _NOTHING_TOLD) -> None:  # fmt: skip
        self.graph, self.name, self.type = graph, name, type
        self._attrs = attrs  # what the function that makes it says of it: _node_attrs.py
        self.device = device_for(graph._devices, name, type) if graph._devices else ""
        self.control_inputs = graph._waited_for_by(self, inputs)
        self.value = value  # of a constant
        self._inputs = list(inputs)
        # What must run when this operation is run: the engine's operations.
        self._effects = tuple(effects)
        self._make = make
        self._outputs: list[Any] = []

    def _effects_and_node(self) -> list[Any]:
        if self._effects or not self.outputs:
            return list(self._effects)
        return [self.graph._core.maker(self.outputs[0])]

    @property
    def outputs(self) -> list[Any]:
        if self._make is not None:
            make, self._make = self._make, None
            with self.graph._on(self.device):
                self.graph._adopt(self, make())
        return self._outputs

    @property
    def inputs(self) -> list[Any]:
        """The tensors that it reads."""
        return [i.outputs[0] if isinstance(i, Operation) else i for i in self._inputs]

    def values(self) -> tuple:
        """The tensors that it makes."""
        return tuple(self.outputs)

    @property
    def op(self) -> Operation:
        return self

    @property
    def node_def(self) -> Any:
        """The operation as TensorFlow writes it down."""
        from twofold.tensorflow._node_def import NodeDef

        return NodeDef(self)

    def get_attr(self, name: str) -> Any:
        from twofold.tensorflow._node_def import get_attr

        return get_attr(self, name)

    def run(self, feed_dict: dict | None = None, session: Any = None) -> None:
        """Runs this operation in `session`, or the default one."""
        from twofold.tensorflow._session import session_for

        session_for(session, self.graph, "execute operation using `run()`", "run").run(self, feed_dict)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        return str(self.node_def)


class _Controller:
    """What a `with control_dependencies(...)` waits for, and the operations made inside."""

    def __init__(self, waits_for: list[Operation]) -> None:
        self.waits_for = waits_for
        self.inside: set[Operation] = set()


# Operations that have inputs in TensorFlow, if not here.
_FED = ("Enter", "Exit", "Identity", "LoopCond", "Merge", "NextIteration", "Switch")


class Branch:
    """A branch of a cond, or the condition or body of a loop, while it is traced: what TensorFlow adds for every tensor
    from outside (`cond/add/Switch`), and the operation that everything without inputs waits for."""

    def __init__(self, graph: Graph, pivot: Operation, entry: str) -> None:
        self.graph, self.pivot, self.entry = graph, pivot, entry
        self.outer = graph._branch
        self.inside: set[Operation] = set()
        self.entered: set[Operation] = set()
        self.variables: list[Operation] = []  # of a loop

    def took(self, op: Operation, inputs: Sequence[Any]) -> None:
        """A new operation of the branch."""
        if not inputs and not op.control_inputs and op.type not in _FED:
            op.control_inputs = [self.pivot]
        self.inside.add(op)
        k = 0
        for source in (i.op for i in inputs):
            k = self._bring(source, op.name, k)

    def _bring(self, source: Operation, name: str, k: int) -> int:
        """What comes from outside enters every branch on its way, outermost first, once; `k` have entered for this
        operation so far."""
        if source in self.inside or source in self.entered:
            return k
        if self.outer is not None:
            k = self.outer._bring(source, name, k)
        self.entered.add(source)
        self._enter(f"{name}/{self.entry}" + (f"_{k}" if k else ""))
        return k + 1

    def returned(self, tensor: Any) -> Any:
        """A result: one from outside enters the branch only to leave it."""
        if self.entry == "Switch":
            self._return(tensor.op)
        return tensor

    def _return(self, op: Operation) -> None:
        if op in self.inside or op in self.entered:
            return
        chain = [self]
        while chain[-1].outer is not None and op not in chain[-1].outer.inside and op not in chain[-1].outer.entered:
            chain.append(chain[-1].outer)
        for branch in reversed(chain):
            branch._enter(self.graph.unique_name(self.entry))

    def _enter(self, name: str) -> None:
        op = Operation(self.graph, name, self.entry)
        self.graph._operations[name] = op
        self.inside.add(op)


_VALID_NAME, _VALID_INSIDE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\\-/]*$"), re.compile(r"[A-Za-z0-9_.\\\-/]*$")
_TENSOR_NAMES = 'Tensor names must be of the form "<op_name>:<output_index>".'


class _Stack(threading.local):
    def __init__(self) -> None:
        self.items: list[Any] = []


class Graph:
    """Operations and tensors by name, and collections of whatever a program keeps with them."""

    __module__ = "tensorflow.python.framework.ops"

    def __init__(self) -> None:
        self._core = _core.Graph()
        self._names: dict[str, int] = {}
        self._scope = ""
        self._operations: dict[str, Operation] = {}
        # By (address of the engine's graph or body, node), and by edges: two operations may share a node, as a loop's do.
        self._by_node: dict[tuple[int, ...], Operation] = {}
        self._indices: dict[tuple[int, int, int], int] = {}  # of tensors that are not their operation's first output
        self._collections: dict[Any, list] = {}
        self._controllers: list[_Controller] = []
        self._branch: Branch | None = None
        self._devices: list[Any] = []
        self._finalized = False
        self._lock = threading.RLock()
        self.seed: int | None = None
        # Shapes for which TensorFlow's gradient functions have made their constants: they make them once.
        self._broadcasts: set[Any] = set()
        self._reductions: set[Any] = set()
        self._variables: list[Any] = []
        self._functions: list[Any] = []  # what py_func calls
        self._scopes: Any = None  # of variables, from the first one on
        _owners.graphs[self._core.address] = self

    # --- names
    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` in the current scope, with _1, _2, ... where it is taken, whatever the letters' case."""
        full = f"{self._scope}/{name}" if self._scope else name
        key = full.lower()
        count = self._names.get(key, 0)
        if mark_as_used:
            self._names[key] = count + 1
        if count == 0:
            return full
        while f"{key}_{count}" in self._names:
            count += 1
        if mark_as_used:
            self._names[f"{key}_{count}"] = 1
        return f"{full}_{count}"

    def exact_name(self, name: str, kind: str = "scope") -> str:
        """A scope that was opened for an operation ('add/') is its name; any other name is made unique."""
        if name.endswith("/"):
            return name[:-1]
        self.check_name(f"{self._scope}/{name}" if self._scope else name, kind)
        return self.unique_name(name)

    def check_name(self, full: str, kind: str = "scope") -> None:
        if not _VALID_NAME.match(full):
            raise ValueError(f"'{full}' is not a valid {kind} name")

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Names made inside begin with `name/`; a name that ends in '/' re-enters that scope, None leaves all."""
        before = self._scope
        if not name:
            self._scope = ""
        elif name.endswith("/"):
            self._scope = name[:-1]
        else:
            if not re.match(_VALID_INSIDE if before else _VALID_NAME, name):
                raise ValueError(f"'{name}' is not a valid scope name")
            self._scope = self.unique_name(name)
        try:
            yield self._scope + "/" if self._scope else ""
        finally:
            self._scope = before

    @contextlib.contextmanager
    def device(self, device: Any) -> Iterator[None]:
        """Nodes made inside remember where they are wanted: a name, or a function of the node that gives one."""
        self._devices.append(checked(device))
        try:
            yield
        finally:
            self._devices.pop()

    @contextlib.contextmanager
    def _on(self, device: str) -> Iterator[None]:
        """The engine's nodes made inside belong to an operation on this device."""
        before, self._core.device = self._core.device, device
        try:
            yield
        finally:
            self._core.device = before

    @contextlib.contextmanager
    def control_dependencies(self, inputs: Sequence[Any] | None) -> Iterator[None]:
        """Nodes made inside run after these."""
        before = self._controllers
        if inputs is None:
            self._controllers = []
        else:
            self._controllers = [*before, _Controller([self.as_graph_element(i).op for i in inputs])]
        try:
            yield
        finally:
            self._controllers = before

    def _waited_for_by(self, op: Operation, inputs: Sequence[Any]) -> list[Operation]:
        """The control inputs of a new operation; one that reads what was made inside need not wait for it again."""
        out: list[Operation] = []
        if self._controllers:
            sources = [i.op for i in inputs]
            for c in self._controllers:
                if not any(s in c.inside for s in sources):
                    out += [w for w in c.waits_for if w not in out and w not in sources]
                c.inside.add(op)
        return out

    def _engine_controls(self) -> list[Any]:
        """The engine's operations that what is made now must wait for."""
        return [e for c in self._controllers for op in c.waits_for for e in op._effects_and_node()]

    def waiting(self, make: Callable[[], Any]) -> Any:
        """What make() gives; the engine's nodes that it makes run after what is to be waited for."""
        before = self._engine_controls()
        return self._core.with_controls(before, make) if before else make()

    # --- making nodes
    def check_open(self) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    def add(self, name: str, type: str, make: Callable[[], Any], inputs: Sequence[Any] = (),
            attrs: dict[str, Any] = _NOTHING_TOLD) -> Operation:  # fmt: skip
        """An operation under an exact name; `make()` calls the engine and returns its tensors."""
        self.check_open()
        op = Operation(self, name, type, inputs, attrs=attrs)
        with self._on(op.device):
            made = self.waiting(make)
        self._kept(op)
        self._adopt(op, made if isinstance(made, list) else [made])
        if _samples.active:
            _samples.follow(self._core.address)
        return op

    def add_lazily(self, name: str, type: str, make: Callable[[], list[Any]] | None = None, inputs: Sequence[Any] = (),
                   value: np.ndarray | None = None, attrs: dict[str, Any] = _NOTHING_TOLD) -> Operation:  # fmt: skip
        """An operation that the engine computes only if somebody asks for its outputs; without `make`, never."""
        self.check_open()
        return self._kept(Operation(self, name, type, inputs, make=make, value=value, attrs=attrs))

    def add_effect(self, name: str, type: str, effects: Sequence[Any], inputs: Sequence[Any] = (),
                   make: Callable[[], list[Any]] | None = None, attrs: dict[str, Any] = _NOTHING_TOLD) -> Operation:  # fmt: skip
        """An operation that runs the engine's operations `effects`, after what it is told to wait for."""
        self.check_open()
        return self._kept(Operation(self, name, type, inputs, effects=[*self._engine_controls(), *effects], make=make, attrs=attrs))

    def _kept(self, op: Operation) -> Operation:
        self._operations[op.name] = op
        if self._branch is not None:
            self._branch.took(op, op._inputs)
        return op

    def _adopt(self, op: Operation, outputs: list[Any]) -> None:
        """The engine's tensors become the operation's outputs."""
        op._outputs = outputs
        for t in outputs:
            self._by_node[t._edge] = self._by_node[t._edge[:2]] = op
            t._home = self

    def name_result(self, tensor: Any, name: str) -> None:
        """A tensor that the engine made by itself becomes an output of the operation `name`, or, 'name:2', its third."""
        op_name, _, index = name.partition(":")
        op = self._operations.get(op_name)
        if op is None or tensor._edge[:2] in self._by_node or (op._outputs and not index):
            return
        op._outputs = [*op._outputs, tensor]
        self._by_node[tensor._edge[:2]] = op
        self._indices[tensor._edge] = int(index or 0)
        tensor._home = self

    def operation_of(self, edge: tuple[int, int, int]) -> Operation:
        """The operation of an engine's node; one that the engine made by itself gets its name from there."""
        address, node, _ = edge
        found = self._by_node.get(edge) or self._by_node.get((address, node))
        if found is None and address != self._core.address:
            found = self._by_node[address, node] = Operation(self, f"{self._scope}/input_{node}", "Input")
        if found is None:
            facts = self._core.node(node)
            op_type = "".join(part.capitalize() for part in facts["row"].split("_"))
            inputs = [self._core.tensor(n, k) for n, k in facts["inputs"] if n >= 0]
            found = Operation(self, facts["name"], op_type, inputs)
            found._outputs = facts["outputs"]
            self._by_node[address, node] = found
        return found

    # --- looking up
    def get_operations(self) -> list[Operation]:
        return list(self._operations.values())

    def get_operation_by_name(self, name: str) -> Operation:
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def get_tensor_by_name(self, name: str) -> Any:
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation that an object or a name means in this graph."""
        if hasattr(obj, "_as_graph_element"):
            obj = obj._as_graph_element()
        if isinstance(obj, str):
            return self._named(obj, allow_tensor, allow_operation)
        if isinstance(obj, Operation) and allow_operation:
            if obj.graph is not self:
                raise ValueError(f"Operation {obj!r} is not an element of this graph.")
            return obj
        if isinstance(obj, _core.Tensor) and obj._symbolic and allow_tensor:
            if obj.graph is not self:
                raise ValueError(f"Tensor {obj} is not an element of this graph.")
            return obj
        kinds = "Tensor or Operation" if allow_tensor and allow_operation else "Tensor" if allow_tensor else "Operation"
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {kinds}.")

    def _named(self, name: str, allow_tensor: bool, allow_operation: bool) -> Any:
        if ":" in name and allow_tensor:
            op_name, _, index = name.partition(":")
            if not index.isdigit():
                raise ValueError(f"The name {name!r} looks a like a Tensor name, but is not a valid one. {_TENSOR_NAMES}")
            op = self._operations.get(op_name)
            if op is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, does not "
                    "exist in the graph."
                )
            if int(index) >= len(op.outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, exists "
                    f"but only has {len(op.outputs)} outputs."
                )
            return op.outputs[int(index)]
        if ":" in name or not allow_operation:
            raise ValueError(
                f"Name {name!r} appears to refer to a Tensor, not a Operation." if ":" in name else
                f"The name {name!r} {'refers to an' if name in self._operations else 'looks like an (invalid)'} Operation"
                f"{'' if name in self._operations else ' name'}, not a Tensor. {_TENSOR_NAMES}"
            )  # fmt: skip
        if name not in self._operations:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return self._operations[name]

    # --- collections
    def add_to_collection(self, name: Any, value: Any) -> None:
        self.check_open()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        for name in [names] if isinstance(names, str) else names:
            self.add_to_collection(name, value)

    def get_collection_ref(self, name: Any) -> list:
        return self._collections.setdefault(name, [])

    def get_collection(self, name: Any, scope: str | None = None) -> list:
        """A copy of the collection; `scope` keeps the items whose names it matches, as a regular expression."""
        items = list(self._collections.get(name, []))
        if not scope:
            return items
        pattern = re.compile(scope)
        return [i for i in items if hasattr(i, "name") and pattern.match(i.name)]

    def get_all_collection_keys(self) -> list:
        return [k for k in self._collections if isinstance(k, str)]

    def clear_collection(self, name: Any) -> None:
        self._collections.pop(name, None)

    # --- state
    @property
    def version(self) -> int:
        return len(self._operations)

    @property
    def finalized(self) -> bool:
        return self._finalized

    def finalize(self) -> None:
        self._finalized = True

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    @contextlib.contextmanager
    def as_default(self) -> Iterator[Graph]:
        """New nodes go here while it lasts, unless their inputs say otherwise."""
        _default.items.append(self)
        try:
            yield self
        finally:
            _default.items.pop()


_default = _Stack()
_process_wide: list[Graph] = []
atexit.register(_process_wide.clear)  # before the engine's module goes


def get_default_graph() -> Graph:
    """The graph of the innermost as_default(), or the one that the whole process shares."""
    if _default.items:
        return _default.items[-1]
    if not _process_wide:
        _process_wide.append(Graph())
    return _process_wide[0]


def reset_default_graph() -> None:
    """Starts with an empty default graph."""
    if _default.items:
        raise AssertionError("Do not use tf.reset_default_graph() to clear nested graphs.")
    _process_wide.clear()


def graph_of(tensor: Any) -> Graph:
    """The graph that a symbolic tensor belongs to."""
    found = _owners.owner_of(tensor)
    if found is None:
        raise ValueError("the tf.Graph that this tensor belongs to is gone: keep a reference to it")
    return found

