"""tf.cond and tf.while_loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twofold.tensorflow._graph import Graph, _tracing, get_default_graph
from twofold.tensorflow._tensor import Tensor, convert


def _flat(values: Any) -> list[Any]:
    if isinstance(values, dict):
        return [t for v in values.values() for t in _flat(v)]
    return [t for v in values for t in _flat(v)] if isinstance(values, (list, tuple)) else [values]


def _packed(like: Any, flat: list[Any]) -> Any:
    """The values in the structure of `like`; takes them from the front of the list."""
    if isinstance(like, dict):
        return type(like)((k, _packed(v, flat)) for k, v in like.items())
    if hasattr(like, "_fields"):
        return type(like)(*[_packed(v, flat) for v in like])
    if isinstance(like, (list, tuple)):
        return type(like)(_packed(v, flat) for v in like)
    return flat.pop(0)


class _Traced:
    """Calls a user's function for the engine, which takes and gives flat lists."""

    def __init__(self, graph: Graph, function: Callable[..., Any], like: Any = None) -> None:
        self.graph, self.function, self.like, self.result = graph, function, like, None

    def __call__(self, variables: tuple) -> list[Tensor]:
        _tracing.append(self.graph)
        try:
            arguments = [] if self.like is None else _packed(self.like, list(variables))
            self.result = self.function(*arguments)
            return [convert(t) for t in _flat(self.result)]
        finally:
            _tracing.pop()


def cond(pred: Any, true_fn: Callable[[], Any] | None = None, false_fn: Callable[[], Any] | None = None, strict: bool = False,
         name: str | None = None, fn1: Callable[[], Any] | None = None, fn2: Callable[[], Any] | None = None) -> Any:  # fmt: skip
    """true_fn() if the bool scalar `pred` holds when the graph runs, else false_fn()."""
    then, otherwise = true_fn or fn1, false_fn or fn2
    if not callable(then) or not callable(otherwise):
        raise TypeError("true_fn must be callable." if not callable(then) else "false_fn must be callable.")
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool")
    graph = get_default_graph()
    with graph.name_scope(name or "cond"):
        test, first = convert(pred), _Traced(graph, then)
        results = graph._core.cond(test, first, _Traced(graph, otherwise))
    made = _packed(first.result, list(results))
    unpack = isinstance(made, (list, tuple)) and len(made) == 1 and not strict
    return made[0] if unpack else made


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Sequence[Any], shape_invariants: Any = None,
               parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False, name: str | None = None,
               maximum_iterations: int | None = None) -> Any:  # fmt: skip
    """loop_vars = body(*loop_vars) while cond(*loop_vars) holds when the graph runs; shapes stay what they are."""
    if not loop_vars:
        raise ValueError("No loop variables provided")
    if not callable(cond) or not callable(body):
        raise TypeError("cond must be callable." if not callable(cond) else "body must be callable.")
    graph = get_default_graph()
    with graph.name_scope(name or "while"):
        start = [convert(v) for v in _flat(loop_vars)]
        limit = -1 if maximum_iterations is None else int(maximum_iterations)
        results = graph._core.while_loop(
            _Traced(graph, cond, loop_vars), _Traced(graph, body, loop_vars), start, limit
        )
    made = _packed(loop_vars, list(results))
    return made[0] if len(loop_vars) == 1 else made
