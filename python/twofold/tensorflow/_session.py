"""tf.Session, tf.InteractiveSession: running graphs."""

from __future__ import annotations

import atexit
import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import errors
from twofold.tensorflow._config import ConfigProto
from twofold.tensorflow._dtypes import BY_NUMBER, TensorShape
from twofold.tensorflow._graph import Graph, Operation, _Stack, get_default_graph

_sessions = _Stack()
_interactive: list[Any] = []
atexit.register(lambda: (_sessions.items.clear(), _interactive.clear()))


class _Plan:
    """What one (fetches, feed keys) means: the engine's callable, and how to put results together."""

    __slots__ = ("fetches", "keys", "parts", "call", "quick", "build", "feeds", "extra", "nodes")

    def __init__(self, session: BaseSession, fetches: Any, keys: Sequence[Any]) -> None:
        self.fetches, self.keys, self.parts = fetches, list(keys), _parts_of(keys)
        keys = self.keys = self.parts(self.keys) if self.parts else self.keys
        # A variable is fed through every read of it.
        fed = [session._feed_tensors(k) for k in keys]
        self.feeds = [tensors[0] for tensors in fed]
        self.extra = [(k, t) for k, tensors in enumerate(fed) for t in tensors[1:]]
        leaves: list[Any] = []
        self.build = _structure(session, fetches, leaves)
        self.nodes = [n for leaf in leaves for n in _nodes_of(leaf)]
        flat = [e for leaf in leaves for e in _engine_fetches(leaf)]
        counts = [len(_engine_fetches(leaf)) for leaf in leaves]
        engine = session._core.callable(flat, [*self.feeds, *(t for _, t in self.extra)])
        plain = all(c == 1 for c in counts) and not self.extra
        self.call = engine if plain else _joined(engine, counts, [k for k, _ in self.extra])
        # Takes arrays as they are; None where one needs converting, or must be refused.
        self.quick = engine.with_arrays if plain else None
        if plain and not isinstance(fetches, (list, tuple, dict)) and not hasattr(fetches, "_fetch_parts"):
            self.build = _only


def _parts_of(keys: Sequence[Any]) -> Callable[[Sequence[Any]], tuple] | None:
    """Keys such as SparseTensor are fed by their parts: a function from keys, or values, to those of the parts."""
    counts = [len(k._fetch_parts()[1]) if hasattr(k, "_fetch_parts") else 0 for k in keys]
    if not any(counts):
        return None

    def spread(items: Sequence[Any]) -> tuple:
        out: list[Any] = []
        for item, n in zip(items, counts):
            parts = [item] if n == 0 else list(item._fetch_parts()[1] if hasattr(item, "_fetch_parts") else item)
            if len(parts) != max(n, 1):
                raise TypeError(f"a feed of {n} parts (indices, values, dense_shape) is needed, got {len(parts)}")
            out += parts
        return tuple(out)

    return spread


def _joined(engine: Callable[[list], list], counts: list[int], again: list[int]) -> Callable[[list], list]:
    """Several engine fetches of one leaf (an operation with effects) give one None; values `again` are fed twice."""

    def call(values: list) -> list:
        results, out, at = engine([*values, *(values[k] for k in again)]), [], 0
        for n in counts:
            out.append(results[at] if n == 1 else None)
            at += n
        return out

    return call


_only = operator.itemgetter(0)


def _engine_fetches(leaf: Any) -> list[Any]:
    return leaf._effects_and_node() if isinstance(leaf, Operation) else [leaf]


def _nodes_of(leaf: Any) -> list[int]:
    if isinstance(leaf, Operation):
        return [e.node for e in leaf._effects_and_node()]
    return [leaf._edge[1]]


def _structure(session: BaseSession, fetches: Any, leaves: list[Any]) -> Callable[[list], Any]:
    """A function from the list of results to what run() returns."""
    if fetches is None:
        raise TypeError(f"Fetch argument None has invalid type {type(None)}")
    if hasattr(fetches, "_fetch_parts"):
        make, parts = fetches._fetch_parts()
        builders = [_structure(session, p, leaves) for p in parts]
        return lambda results: make([b(results) for b in builders])
    if isinstance(fetches, dict):
        keys, builders = list(fetches), [_structure(session, v, leaves) for v in fetches.values()]
        return lambda results: type(fetches)((k, b(results)) for k, b in zip(keys, builders))
    if isinstance(fetches, (list, tuple)):
        builders = [_structure(session, f, leaves) for f in fetches]
        if hasattr(fetches, "_fields"):
            return lambda results: type(fetches)(*[b(results) for b in builders])
        return lambda results: type(fetches)(b(results) for b in builders)
    leaves.append(_leaf(session, fetches))
    at = len(leaves) - 1
    return lambda results: results[at]


def _leaf(session: BaseSession, fetch: Any) -> Any:
    if not isinstance(fetch, (str, Operation, _core.Tensor)) and not hasattr(fetch, "_as_graph_element"):
        raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch)}, must be a string or Tensor. "
                        f"(Can not convert a {type(fetch).__name__} into a Tensor or Operation.)")  # fmt: skip
    try:
        element = session.graph.as_graph_element(fetch, True, True)
    except (KeyError, ValueError) as e:
        raise ValueError(f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({e})") from None
    return element


class BaseSession:
    """Runs what it is asked for in one graph."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if not isinstance(target, str):
            raise TypeError(f"target must be a string, but got {type(target)}")
        if config is not None and not isinstance(config, ConfigProto):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        if target:
            raise errors.UnimplementedError(
                message=f"target {target!r}: running on other machines is not supported yet; leave the target empty"
            )
        self._graph = graph or get_default_graph()
        self._core = _core.Session(self._graph._core, getattr(config, "allow_soft_placement", False) is True)
        self._plans: dict[Any, _Plan] = {}
        self._closed = False
        self._entered: list[Any] = []

    @property
    def graph(self) -> Graph:
        return self._graph

    @property
    def graph_def(self) -> Any:
        raise NotImplementedError("GraphDef files are not supported yet")

    @property
    def sess_str(self) -> str:
        return ""

    def close(self) -> None:
        """No run after this."""
        self._closed = True
        self._plans.clear()

    def __enter__(self) -> BaseSession:
        if self._entered:
            raise RuntimeError(
                "Session context managers are not re-entrant. Use `Session.as_default()` if you want to enter a session "
                "multiple times."
            )
        graph = self._graph.as_default()
        graph.__enter__()
        self._entered = [graph]
        _sessions.items.append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        _sessions.items.remove(self)
        self._entered.pop().__exit__(*error)
        self.close()

    def as_default(self) -> _Default:
        """The session that eval() and run() use while it lasts; leaving does not close it."""
        return _Default(self)

    def run(self, fetches: Any, feed_dict: dict | None = None, options: Any = None, run_metadata: Any = None) -> Any:
        """Computes `fetches` and returns the values in the same structure; operations give None."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        plan = self._plan(fetches, feed_dict)
        values = tuple(feed_dict.values()) if feed_dict else ()
        return self._computed(plan, plan.parts(values) if plan.parts else values)

    def _computed(self, plan: _Plan, values: tuple) -> Any:
        errors.running = True
        try:
            results = plan.quick(values) if plan.quick else None
            if results is None:
                results = plan.call([self._fed(k, t, v) for k, t, v in zip(plan.keys, plan.feeds, values)])
            return plan.build(results)
        except _Unset:
            raise self._uninitialised(plan) from None
        finally:
            errors.running = False

    def make_callable(self, fetches: Any, feed_list: Sequence[Any] | None = None, accept_options: bool = False) -> Any:
        """A function of the fed values: run() for fixed fetches and feeds, quicker."""
        plan = _Plan(self, fetches, list(feed_list or []))

        def call(*values: Any) -> Any:
            values = plan.parts(values) if plan.parts else values
            if len(values) != len(plan.feeds):
                raise ValueError(f"make_callable: {len(plan.feeds)} values are fed, but {len(values)} were given")
            return self._computed(plan, values)

        return call

    def tensor(self, variable: Any) -> Any:
        """The memory of a variable in this session as a torch tensor, nothing copied: what torch's optimisers train,
        run() evaluates."""
        import twofold.torch  # noqa: F401  (the class of the result)

        if not hasattr(variable, "_cell") or variable.graph is not self._graph:
            raise TypeError(f"sess.tensor() wants a tf.Variable of the session's graph, got {variable!r}")
        found = self._core.cell(variable._cell)
        if found is None:
            raise errors.FailedPreconditionError(op=variable.op, message=_no_value([variable]))
        return found

    def partial_run(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("partial_run is not supported")

    def list_devices(self) -> list:
        return ["/job:localhost/replica:0/task:0/device:CPU:0"]

    # --- what a run is made of
    def _plan(self, fetches: Any, feed_dict: Any) -> _Plan:
        if feed_dict is not None and not isinstance(feed_dict, dict):
            raise TypeError("input must be a dictionary")
        keys = () if not feed_dict else tuple(map(id, feed_dict))
        flat = type(fetches) is list or type(fetches) is tuple
        key = (type(fetches), tuple(map(id, fetches)), keys) if flat else (id(fetches), keys)
        plan = self._plans.get(key)
        if plan is not None and (plan.fetches is fetches or flat):
            return plan
        if not self._graph._operations:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")
        plan = _Plan(self, fetches, list(feed_dict or {}))
        # The plan holds the objects, so their identities stay theirs.
        simple = flat and not any(isinstance(f, (list, tuple, dict)) for f in fetches)
        if simple or isinstance(fetches, (Operation, _core.Tensor)) or hasattr(fetches, "_as_graph_element"):
            plan.fetches = list(fetches) if flat else fetches
            self._plans[key] = plan
        return plan

    def _feed_tensors(self, key: Any) -> list[Any]:
        if hasattr(key, "_cell") and key.graph is self._graph:
            return self._graph._core.reads(key._cell)
        try:
            return [self._graph.as_graph_element(key, True, False)]
        except (KeyError, ValueError, TypeError) as e:
            text = e.args[0] if e.args else str(e)
            raise TypeError(f"Cannot interpret feed_dict key as Tensor: {text}") from None

    def _fed(self, key: Any, tensor: Any, value: Any) -> Any:
        """A fed value in the tensor's dtype, checked against its shape."""
        if isinstance(value, _core.Tensor):
            if value._symbolic:
                raise TypeError(
                    "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, "
                    "strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was "
                    f"{value} which was passed to the feed with key {key}."
                )
            value = value.detach().numpy()
        wanted = BY_NUMBER[tensor._dtype]
        if type(value) is not np.ndarray or value.dtype != wanted._name:
            value = self._cast_feed(key, wanted, value)
        shape = tensor._shape
        if shape is not None and shape != value.shape and not TensorShape(shape).is_compatible_with(value.shape):
            raise ValueError(
                f"Cannot feed value of shape {value.shape} for Tensor {tensor.name!r}, which has shape '{TensorShape(shape)}'"
            )
        return _core.share(value, 0)

    def _cast_feed(self, key: Any, wanted: Any, value: Any) -> np.ndarray:
        if isinstance(value, int) and np.asarray(value).astype(wanted._name) != value:
            raise TypeError(
                f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type "
                f"{wanted.as_numpy_dtype}. Try explicitly setting the type of the feed tensor to a larger type (e.g. int64)."
            )
        return np.asarray(value, dtype=wanted._name)

    def _uninitialised(self, plan: _Plan) -> Exception:
        addresses = set(self._core.unset_cells(self._graph._core, plan.nodes))
        missing = [v for v in self._graph._variables if v._cell._address in addresses]
        return errors.FailedPreconditionError(op=missing[0].op if missing else None, message=_no_value(missing))


class _Unset(Exception):
    """A run has read a variable without a value; run() words it."""


def _no_value(missing: list[Any]) -> str:
    name = missing[0]._name if missing else "?"
    lines = "".join(f"\n  {v._name}{_made_at(v)}" for v in missing)
    return (
        f"Attempting to use uninitialized value {name}\n[twofold] without a value yet:{lines}\nrun "
        "tf.global_variables_initializer() first"
    )


def _made_at(variable: Any) -> str:
    facts = variable._graph._core.node(variable._graph._core.node_of(variable._snapshot))
    return f" ({facts['file'].rpartition('/')[2]}:{facts['line']})" if facts["file"] else ""


def _translate(kind: str, op: str, argument: str, got: str, expected: str, text: str) -> Exception | None:
    if kind == "state" and got == "a variable without a value":
        return _Unset()
    return errors.translate(kind, op, argument, got, expected, text)


_core.set_translator(2, _translate)


class _Default:
    """Makes a session the default one for a with block."""

    def __init__(self, session: BaseSession) -> None:
        self.session, self.graph = session, session.graph.as_default()

    def __enter__(self) -> BaseSession:
        self.graph.__enter__()
        _sessions.items.append(self.session)
        return self.session

    def __exit__(self, *error: Any) -> None:
        _sessions.items.remove(self.session)
        self.graph.__exit__(*error)


class Session(BaseSession):
    """tf.Session(target='', graph=None, config=None)."""

    __module__ = "tensorflow.python.client.session"


class InteractiveSession(BaseSession):
    """A session that is the default one from its construction on, until it is closed."""

    __module__ = "tensorflow.python.client.session"

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if _interactive:
            warnings.warn(
                "An interactive session is already active. This can cause out-of-memory errors in some cases. You must "
                "explicitly call `InteractiveSession.close()` to release resources held by the other session(s).",
                stacklevel=2,
            )
        super().__init__(target, graph, config)
        _sessions.items.append(self)
        _interactive.append(self)

    def close(self) -> None:
        super().close()
        for held in (_sessions.items, _interactive):
            if self in held:
                held.remove(self)


def get_default_session() -> Any:
    return _sessions.items[-1] if _sessions.items else None


def session_for(session: Any, graph: Graph, doing: str, call: str) -> Any:
    """The session that eval() or run() of an element of `graph` uses."""
    found = session or get_default_session()
    if found is None:
        raise ValueError(
            f"Cannot {doing}: No default session is registered. Use `with sess.as_default(){':' if call == 'run' else ''}` or pass an explicit session "
            f"to `{call}(session=sess)`"
        )
    if found.graph is not graph:
        what = "the default session" if session is None else "the given session"
        whose, told = ("tensor", "`eval(session=sess)`") if call == "eval" else ("operation", "run(session=sess)")
        hint = f" Pass an explicit session to {told}." if session is None else ""
        raise ValueError(
            f"Cannot use {what} to {doing.partition(' using')[0]}: the {whose}'s graph is different from the session's graph.{hint}"
        )
    return found
