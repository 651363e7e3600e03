"""tf.py_func, tf.Print, tf.Assert: Python called while a graph runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold._owners import owned_by
from twofold.tensorflow import errors
from twofold.tensorflow._dtypes import as_dtype
from twofold.tensorflow._graph import Operation, get_default_graph
from twofold.tensorflow._op import Steps, operation, scope_of, shadows
from twofold.tensorflow._tensor import Tensor, convert


def py_func(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """Tensors that `func(*arrays)` computes whenever the graph runs; their shapes are known only then, and no gradient
    flows through them. The arrays are the function's own: it may keep or change them."""
    several = isinstance(Tout, (list, tuple))
    with scope_of(name, "PyFunc", list(inp)) as scope:
        inputs = [convert(i, name=f"input_{k}") for k, i in enumerate(inp)]
        call, dtypes = (func, list(Tout)) if several else ((lambda *a: [func(*a)]), [Tout])
        if not dtypes:
            return _effect("PyFunc", scope, inputs, call)
        op = operation("PyFunc", scope, inputs, lambda step: _host(step, call, inputs, [as_dtype(d)._name for d in dtypes]))
        return op.outputs if several else op.outputs[0]


def _host(step: Steps, func: Callable[..., Any], inputs: list[Tensor], dtypes: list[str]) -> list[Tensor]:
    return step.core.host(owned_by(get_default_graph(), func), inputs, dtypes, step.name)


def _effect(kind: str, scope: str, inputs: list[Tensor], func: Callable[..., Any]) -> Operation:
    """An operation without tensors that calls a function."""
    graph, done = get_default_graph(), []
    waits = graph._engine_controls()

    def make() -> None:
        done.extend(_running(Steps(graph, scope[:-1]), inputs, func))

    graph._core.with_controls(waits, make) if waits else make()
    return graph.add_effect(scope[:-1], kind, done, inputs)


def _running(step: Steps, inputs: list[Tensor], func: Callable[..., Any]) -> list[Any]:
    """The engine's operation that calls a function for what it does."""

    def call(*arrays: Any) -> list[Any]:
        func(*arrays)
        return [np.int32(0)]

    (result,) = _host(step, call, inputs, ["int32"])
    return [step.core.maker(result)]


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

    with scope_of(name, "Print", [input_, *data]) as scope:
        source = convert(input_, name="input")
        shown = [convert(d, name=f"data_{k}") for k, d in enumerate(data)]

        def compute(step: Steps) -> Tensor:
            written = _running(step, shown, write)
            return step.core.with_controls(written, lambda: step("identity", source))

        return operation("Print", scope, [source, *shown], compute).outputs[0]


def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that fails when it runs and the condition does not hold: InvalidArgumentError with the data."""
    items = 3 if summarize is None else summarize

    def check(holds: Any, *arrays: np.ndarray) -> None:
        if not holds:
            words = iter(arrays)
            shown = " ".join(f"[{d}]" if isinstance(d, str) else _shown(next(words), items) for d in data)
            raise errors.InvalidArgumentError(message=f"assertion failed: {shown}")

    with scope_of(name, "Assert", [condition, *data]), scope_of("AssertGuard", "AssertGuard") as scope:
        inputs = [convert(condition), *(convert(d) for d in data if not isinstance(d, str))]
        entered = " ".join(f"Switch_{k}" if k else "Switch" for k in range(len(inputs)))
        shadows("Switch switch_t switch_f pred_id NoOp control_dependency")
        with scope_of("Assert", "Assert") as inner:
            op = _effect("Assert", inner, inputs, check)
            shadows(entered)
        shadows("control_dependency")
        return get_default_graph().add_effect(scope + "Merge", "Merge", op._effects)
