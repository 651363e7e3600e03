"""tf.Graph, tf.Operation: names, scopes, collections."""

from __future__ import annotations

import atexit
import contextlib
import re
import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

from twofold import _core, _samples

# By the engine's address, while they live.
_tracing: list[Graph] = []  # whose branches and bodies are being traced, innermost last
_graphs: weakref.WeakValueDictionary[int, Graph] = weakref.WeakValueDictionary()


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


class Operation:
    """A node of a graph."""

    __module__ = "tensorflow.python.framework.ops"

    def __init__(self, graph: Graph, name: str, type: str, node: int, inputs: Sequence[Any], effects: tuple = ()) -> None:
        self.graph, self.name, self.type, self._node = graph, name, type, node
        self.inputs = list(inputs)
        self.device = graph._device
        self.control_inputs: list[Operation] = list(graph._controls)
        # What must run when this operation is run: the engine's operations.
        self._effects = effects
        self._outputs: list[Any] = []

    def _effects_and_node(self) -> list[Any]:
        own = [self.graph._core.operation(self._node)] if self._node >= 0 else []
        return [*self._effects, *own]

    @property
    def outputs(self) -> list[Any]:
        return self._outputs

    @property
    def values(self) -> Any:
        return lambda: tuple(self._outputs)

    @property
    def op(self) -> Operation:
        return self

    def get_attr(self, name: str) -> Any:
        if name in ("dtype", "T") and self._outputs:
            return self._outputs[0].dtype
        raise ValueError(f"No attr named '{name}' in {self!r}")

    def run(self, feed_dict: dict | None = None, session: Any = None) -> None:
        """Runs this operation in `session`, or the default one."""
        from twofold.tensorflow._session import session_for

        session_for(session, self.graph, "execute operation using `run()`", "run").run(self, feed_dict)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        lines = [f'name: "{self.name}"', f'op: "{self.type}"']
        lines += [f'input: "{t.name.removesuffix(":0")}"' for t in self.inputs]
        lines += [f'input: "^{c.name}"' for c in self.control_inputs]
        return "\n".join(lines) + "\n"


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
        self._by_node: dict[tuple[int, int], Operation] = {}  # by (address of the engine's graph or body, node)
        self._collections: dict[Any, list] = {}
        self._controls: list[Operation] = []
        self._device = ""
        self._finalized = False
        self._lock = threading.RLock()
        self.seed: int | None = None
        self._seeds_given = 0
        self._variables: list[Any] = []
        self._functions: list[Any] = []  # what py_func calls
        self._variable_scope: Any = None
        self._variable_store: dict[str, Any] = {}
        _graphs[self._core.address] = self

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

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Names made inside begin with `name/`; a name that ends in '/' re-enters that scope, None leaves all."""
        before = self._scope
        if not name:
            self._scope = ""
        elif name.endswith("/"):
            self._scope = name[:-1]
        else:
            if not re.match(r"^[A-Za-z0-9_.\\\-/]*$", name):
                raise ValueError(f"'{name}' is not a valid scope name")
            self._scope = self.unique_name(name)
        try:
            yield self._scope + "/" if self._scope else ""
        finally:
            self._scope = before

    @contextlib.contextmanager
    def device(self, device: Any) -> Iterator[None]:
        """Nodes made inside remember the device's name."""
        before, self._device = self._device, device_text(device)
        try:
            yield
        finally:
            self._device = before

    @contextlib.contextmanager
    def control_dependencies(self, inputs: Sequence[Any] | None) -> Iterator[None]:
        """Nodes made inside run after these."""
        before = self._controls
        added = [] if inputs is None else [getattr(self.as_graph_element(i, True, True), "op", i) for i in inputs]
        self._controls = ([] if inputs is None else list(before)) + added
        try:
            yield
        finally:
            self._controls = before

    # --- making nodes
    def check_open(self) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    def add(self, name: str, type: str, make: Any, inputs: Sequence[Any] = ()) -> Operation:
        """An operation under an exact name; `make()` calls the engine and returns its tensors."""
        self.check_open()
        effects = [e for c in self._controls for e in c._effects_and_node()]
        made = self._core.with_controls(effects, make) if effects else make()
        outputs = made if isinstance(made, list) else [made]
        op = Operation(self, name, type, self._core.node_of(outputs[0]) if outputs else -1, inputs)
        op._outputs = outputs
        self._keep(op)
        if outputs:
            self._by_node[outputs[0]._edge[:2]] = op
        for t in outputs:
            t._home = self
        return op

    def add_effect(self, name: str, type: str, effects: Sequence[Any], inputs: Sequence[Any] = ()) -> Operation:
        """An operation without tensors: running it runs the engine's operations `effects`."""
        self.check_open()
        op = Operation(self, name, type, -1, inputs, tuple(effects))
        self._keep(op)
        return op

    def _keep(self, op: Operation) -> None:
        self._operations[op.name] = op
        if op._node >= 0:
            self._by_node.setdefault((self._core.address, op._node), op)
        if _samples.active:
            _samples.follow(self._core.address)

    def operation_of(self, edge: tuple[int, int, int]) -> Operation:
        """The operation of an engine's node; one that the engine made by itself gets its name from there."""
        address, node, _ = edge
        found = self._by_node.get((address, node))
        if found is None and address != self._core.address:
            found = self._by_node[address, node] = Operation(self, f"{self._scope}/input_{node}", "Input", -1, [])
        if found is None:
            facts = self._core.node(node)
            op_type = "".join(part.capitalize() for part in facts["row"].split("_"))
            inputs = [self._core.tensor(n, k) for n, k in facts["inputs"] if n >= 0]
            found = Operation(self, facts["name"], op_type, node, inputs)
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
            op_name, _, index = name.rpartition(":")
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
            wanted = "an Operation name" if ":" in name else "a Tensor name"
            raise ValueError(
                f"The name {name!r} looks like {'a Tensor' if ':' in name else 'an Operation'} name, not {wanted}."
                + ("" if ":" in name else " Tensor names must be of the form \"<op_name>:<output_index>\".")
            )
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
    found = _graphs.get(tensor._edge[0])
    if found is None and _tracing:
        return _tracing[-1]
    if found is None:
        raise ValueError("the tf.Graph that this tensor belongs to is gone: keep a reference to it")
    return found


def device_text(device: Any) -> str:
    """'/gpu:0' as TensorFlow prints it: '/device:GPU:0'."""
    text = "" if device is None else str(device() if callable(device) and not isinstance(device, str) else device)
    return re.sub(r"/(?:device:)?(cpu|gpu):(\d+)", lambda m: f"/device:{m[1].upper()}:{m[2]}", text, flags=re.I)
