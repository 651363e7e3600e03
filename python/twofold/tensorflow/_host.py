"""tf.py_func, tf.Print, tf.Assert: Python called while a graph runs."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold.tensorflow import errors
from twofold.tensorflow._dtypes import as_dtype
from twofold.tensorflow._graph import Operation, get_default_graph
from twofold.tensorflow._ops import identity
from twofold.tensorflow._tensor import Tensor, convert


def py_func(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """Tensors that `func(*arrays)` computes whenever the graph runs; their shapes are known only then, and no gradient
    flows through them. The arrays are the function's own: it may keep or change them."""
    graph, several = get_default_graph(), isinstance(Tout, (list, tuple))
    inputs = [convert(i) for i in inp]
    made = _called(func if several else lambda *a: [func(*a)], inputs, list(Tout) if several else [Tout],
                   graph.unique_name(name or "PyFunc"), "PyFunc")  # fmt: skip
    if several:
        return made.outputs if made.outputs else made
    return made.outputs[0]


def _called(func: Callable[..., Any], inputs: list[Tensor], dtypes: list[Any], exact: str, kind: str) -> Operation:
    """An operation that calls `func`; one without results still runs, by a result that nobody sees."""
    graph = get_default_graph()
    names = [as_dtype(d)._name for d in dtypes]

    def call(*arrays: Any) -> list[Any]:
        results = func(*arrays)
        return results if names else [np.int32(0)]

    # The graph owns the function, the engine only looks at it: a function that refers to a tensor of the graph would
    # otherwise keep both alive, unseen by the garbage collector.
    graph._functions.append(call)
    watched = weakref.ref(call)
    op = graph.add(exact, kind, lambda: graph._core.host(lambda *a: watched()(*a), inputs, names or ["int32"], exact), inputs)
    if not names:
        op._outputs = []
    return op


def _shown(values: np.ndarray, summarize: int) -> str:
    flat = np.asarray(values).reshape(-1)
    more = "..." if flat.size > summarize else ""
    return "[" + " ".join(f"{v:g}" if flat.dtype.kind == "f" else str(v) for v in flat[:summarize].tolist()) + more + "]"


def Print(input_: Any, data: Sequence[Any], message: str | None = None, first_n: int | None = None,
          summarize: int | None = None, name: str | None = None) -> Tensor:  # fmt: skip
    """input_ itself; whenever it is computed, the message and the data are written to stderr."""
    left = [-1 if first_n is None else first_n]

    def write(*arrays: np.ndarray) -> None:
        if left[0] != 0:
            left[0] -= 1
            items = 3 if summarize is None else summarize
            sys.stderr.write((message or "") + "".join(_shown(a, sys.maxsize if items < 0 else items) for a in arrays) + "\n")

    graph = get_default_graph()
    source, exact = convert(input_), graph.unique_name(name or "Print")
    writing = _called(write, [convert(d) for d in data], [], f"{exact}/write", "Print")
    with graph.control_dependencies([writing]):
        return identity(source, exact.rpartition("/")[2])


def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that fails when it runs and the condition does not hold: InvalidArgumentError with the data."""
    items = 3 if summarize is None else summarize

    def check(holds: Any, *arrays: np.ndarray) -> None:
        if not holds:
            shown = " ".join(_shown(a, items) for a in arrays)
            raise errors.InvalidArgumentError(message=f"assertion failed: {shown}")

    exact = get_default_graph().unique_name(name or "Assert")
    return _called(check, [convert(condition), *(convert(d) for d in data if not isinstance(d, str))], [], exact, "Assert")
