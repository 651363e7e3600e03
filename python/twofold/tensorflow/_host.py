"""tf.py_func, tf.Print, tf.Assert: Python called while a graph runs."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from twofold._owners import owned_by
from twofold.tensorflow import errors
from twofold.tensorflow._dtypes import DType, as_dtype, int32
from twofold.tensorflow._graph import Operation, get_default_graph
from twofold.tensorflow._op import Steps, is_tensor, operation, refuse, scope_of, shadows
from twofold.tensorflow._tensor import Tensor, convert


def py_func(func: Callable[..., Any], inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """Tensors that `func(*arrays)` computes whenever the graph runs; their shapes are known only then, and no gradient
    flows through them. The arrays are the function's own: it may keep or change them."""
    several = isinstance(Tout, (list, tuple))
    with scope_of(name, "PyFunc", list(inp)) as scope:
        inputs = [convert(i, name=f"input_{k}") for k, i in enumerate(inp)]
        dtypes = [as_dtype(d) for d in (Tout if several else [Tout])]
        token = f"pyfunc_{next(_tokens)}"
        call = _answering(func, token, dtypes)
        if not dtypes:
            return _effect("PyFunc", scope, inputs, call, token=token.encode())
        op = operation("PyFunc", scope, inputs, lambda step: host(step, call, inputs, [d._name for d in dtypes]), token=token.encode())
        return op.outputs if several else op.outputs[0]


_tokens = itertools.count()  # functions are numbered through the whole process
_CLASSES = (
    (TypeError, errors.InvalidArgumentError), (ValueError, errors.InvalidArgumentError), (StopIteration, errors.OutOfRangeError),
    (MemoryError, errors.ResourceExhaustedError), (NotImplementedError, errors.UnimplementedError), (Exception, errors.UnknownError),
)  # fmt: skip


def _answering(func: Callable[..., Any], token: str, dtypes: list[DType]) -> Callable[..., list[np.ndarray]]:
    """Calls the function; what it raises becomes an error of the run, and so does what it should not return."""

    def call(*arrays: Any) -> list[np.ndarray]:
        try:
            given = func(*arrays)
        except Exception as e:
            wrap = next(made for kind, made in _CLASSES if isinstance(e, kind))
            raise wrap(message=f"{type(e).__name__}: {e}") from e
        values = [np.asarray(v) for v in (given if isinstance(given, (list, tuple)) else [] if given is None else [given])]
        if len(values) != len(dtypes):
            raise errors.InvalidArgumentError(message=f"{token} returns {len(values)} values, but expects to see {len(dtypes)} values.")
        for k, (value, dtype) in enumerate(zip(values, dtypes)):
            if value.dtype != dtype.as_numpy_dtype:
                found = "string" if value.dtype.kind in "US" else _WORDS.get(value.dtype.name, value.dtype.name)
                words = f"{k}-th value returned by {token} is {found}, but expects {_WORDS.get(dtype.name, dtype.name)}"
                raise errors.InvalidArgumentError(message=words)
        return values

    return call


_WORDS = {"float32": "float", "float64": "double", "float16": "half"}


def host(step: Steps, func: Callable[..., Any], inputs: list[Tensor], dtypes: list[str]) -> list[Tensor]:
    return step.core.host(owned_by(get_default_graph(), func), inputs, dtypes, step.name)


def _effect(kind: str, scope: str, inputs: list[Tensor], func: Callable[..., Any], **attrs: Any) -> Operation:
    """An operation without tensors that calls a function."""
    graph, done = get_default_graph(), []
    waits = graph._engine_controls()

    def make() -> None:
        done.extend(running(Steps(graph, scope[:-1]), inputs, func))

    graph._core.with_controls(waits, make) if waits else make()
    return graph.add_effect(scope[:-1], kind, done, inputs, attrs=attrs)


def running(step: Steps, inputs: list[Tensor], func: Callable[..., Any]) -> list[Any]:
    """The engine's operation that calls a function for what it does."""

    def call(*arrays: Any) -> list[Any]:
        func(*arrays)
        return [np.int32(0)]

    (result,) = host(step, call, inputs, ["int32"])
    return [step.core.maker(result)]


def _number(v: Any) -> str:
    """A number as TensorFlow's C++ prints it: as few digits as tell a float32 apart, else nine."""
    if not isinstance(v, np.floating):
        return str(int(v))
    short, long = (15, 17) if v.dtype == np.float64 else (6, 9)
    text = f"{v:.{short}g}"
    return text if v.dtype.type(text) == v else f"{v:.{long}g}"


def _shown(values: np.ndarray, summarize: int) -> str:
    """[[1 2 3][4...]...]: the first `summarize` elements, all of them if it is negative."""
    array = np.asarray(values)
    limit = array.size if summarize < 0 else summarize
    left = iter(array.reshape(-1)[:limit])
    inside = " ".join(map(_number, left)) if array.ndim < 2 else _rows_shown(array.shape, limit, left)
    return "[" + inside + ("..." if array.size > limit else "") + "]"


def _rows_shown(shape: tuple[int, ...], limit: int, left: Iterator[Any]) -> str:
    """The rows that `limit` numbers fill, each in brackets; the last one may stop short."""
    out, size = "", int(np.prod(shape[1:]))
    for k in range(shape[0] if size else 0):
        here = min(limit - k * size, size)
        if here <= 0:
            break
        if len(shape) > 2:
            out += "[" + _rows_shown(shape[1:], here, left) + "]"
        else:
            out += "[" + " ".join(_number(v) for _, v in zip(range(here), left)) + ("...]" if here < size else "]")
    return out


def Print(input_: Any, data: Sequence[Any], message: str | None = None, first_n: int | None = None,
          summarize: int | None = None, name: str | None = None) -> Tensor:  # fmt: skip
    """input_ itself; whenever it is computed, the message and the data are written to stderr."""
    left, items = [-1 if first_n is None else first_n], 3 if summarize is None else summarize

    def write(*arrays: np.ndarray) -> None:
        if left[0] != 0:
            left[0] -= 1
            sys.stderr.write((message or "") + "".join(_shown(a, sys.maxsize if items < 0 else items) for a in arrays) + "\n")

    with scope_of(name, "Print", [input_, *data]) as scope:
        source = convert(input_, name="input")
        shown = [convert(d, name=f"data_{k}") for k, d in enumerate(data)]

        def compute(step: Steps) -> Tensor:
            written = running(step, shown, write)
            return step.core.with_controls(written, lambda: step("identity", source))

        attrs = {"first_n": -1 if first_n is None else first_n, "message": (message or "").encode(), "summarize": items}
        return operation("Print", scope, [source, *shown], compute, **attrs).outputs[0]


def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that fails when it runs and the condition does not hold: InvalidArgumentError with the data."""
    items = 3 if summarize is None else summarize
    with scope_of(name, "Assert", [condition, *data]) as scope:
        test = convert(condition, name="Condition")
        shown = [d if isinstance(d, str) else convert(d) for d in data]
        if any(isinstance(d, str) for d in data):
            shadows("Const " * sum(isinstance(d, str) for d in data))
        constants = [f"Assert/data_{k}" for k, d in enumerate(data) if not is_tensor(d)]
        if all(isinstance(d, str) or d.dtype == int32 for d in shown):
            shadows(" ".join(constants))
            with scope_of("Assert", "Assert") as inner:
                return _asserted(inner, test, shown, items)
        return _guarded(scope + "AssertGuard", test, shown, items, constants)


def _guarded(name: str, test: Tensor, shown: list[Any], items: int, constants: list[str]) -> Operation:
    """TensorFlow asserts in the branch of a cond, which the engine does not need."""
    graph = get_default_graph()
    if test._shape not in ((), None):
        raise refuse(f"Shape must be rank 0 but is rank {len(test._shape)}", "Switch", f"{name}/Switch/", [test, test])
    with graph.name_scope(f"{name}/"):
        with graph.control_dependencies(None):
            shadows(f"Switch switch_t switch_f pred_id NoOp control_dependency {' '.join(constants)}")
        with scope_of("Assert", "Assert") as inner:
            op = _asserted(inner, test, shown, items)
        with graph.control_dependencies(None):
            shadows("Assert/Switch " * (1 + len(shown) - len(constants)) + "control_dependency")
            return graph.add_effect(f"{name}/Merge", "Merge", op._effects)


def _asserted(scope: str, test: Tensor, shown: list[Any], items: int) -> Operation:
    def check(holds: Any, *arrays: np.ndarray) -> None:
        if not holds:
            left = iter(arrays)
            words = (f"[{d}]" if isinstance(d, str) else _shown(next(left), items) for d in shown)
            raise errors.InvalidArgumentError(message=f"assertion failed: {' '.join(words)}")

    return _effect("Assert", scope, [test, *(d for d in shown if not isinstance(d, str))], check, summarize=items)
