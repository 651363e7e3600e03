"""tf.assert_* and tf.check_numerics: what must hold of values, ranks and dtypes, when a graph is built or when it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold.tensorflow import errors
from twofold.tensorflow._array import identity, rank, shape
from twofold.tensorflow._control import no_op
from twofold.tensorflow._dtypes import DType, as_dtype, float32
from twofold.tensorflow._graph import Operation, get_default_graph
from twofold.tensorflow._host import Assert, running
from twofold.tensorflow._node_attrs import colocate
from twofold.tensorflow._op import ROWS, Steps, operation, scope_of
from twofold.tensorflow._sizes import constant_value
from twofold.tensorflow._tensor import Tensor, convert

# Operations whose values TensorFlow works out while a graph is built, to refuse at once what cannot hold.
_SEEN = ("Const", "Shape", "Size", "Rank", "Range", "Cast", "ConcatV2", "Pack", "Fill", "Equal", "NotEqual")


def _seen(t: Tensor) -> np.ndarray | None:
    return constant_value(t) if t.op.type in _SEEN else None


# --- element by element -------------------------------------------------------------------------------------------
def _compare(path: str, sign: str, default: str) -> Callable[..., Operation]:
    def function(x: Any, y: Any, data: Sequence[Any] | None = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Operation:  # fmt: skip
        if default == "assert_equal":
            with scope_of(name, default, [x, y]):
                if x is y:
                    return no_op()
        with scope_of(name, default, [x, y]):
            a, b = convert(x, name="x"), convert(y, name="y")
            said = [] if message is None else [message]
            words = [*said, f"Condition x {sign} y did not hold element-wise:", f"x ({a.name}) = ", a, f"y ({b.name}) = ", b]
            return _compared(path, a, b, list(data or words), summarize)

    function.__name__ = function.__qualname__ = default
    function.__doc__ = f"An operation that fails when it runs unless every x {sign} y."
    return function


def _compared(path: str, a: Tensor, b: Tensor, data: list[Any], summarize: int | None) -> Operation:
    holds = ROWS["reduce_all"](ROWS[path](a, b))
    left, right = _seen(a), _seen(b)
    if left is not None and right is not None and not _COMPARE[path](left, right).all():
        raise errors.InvalidArgumentError(message="\n".join(d if isinstance(d, str) else str(_seen(convert(d))) for d in data))
    return Assert(holds, data, summarize)


_COMPARE = {"equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal, "greater": np.greater,
            "greater_equal": np.greater_equal}  # fmt: skip
assert_equal, assert_none_equal = _compare("equal", "==", "assert_equal"), _compare("not_equal", "!=", "assert_none_equal")
assert_less, assert_less_equal = _compare("less", "<", "assert_less"), _compare("less_equal", "<=", "assert_less_equal")
assert_greater = _compare("greater", ">", "assert_greater")
assert_greater_equal = _compare("greater_equal", ">=", "assert_greater_equal")


def _compare_with_zero(default: str, sign: str, compare: Callable[..., Operation], zero_first: bool) -> Callable[..., Operation]:
    def function(x: Any, data: Sequence[Any] | None = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Operation:  # fmt: skip
        with scope_of(name, default, [x]):
            source = convert(x, name="x")
            condition, shown = f"Condition x {sign} 0 did not hold element-wise:", f"x ({source.name}) = "
            # TensorFlow runs these two together for one of the four.
            words = [condition + shown] if default == "assert_non_positive" else [condition, shown]
            zero = convert(0, source.dtype)
            pair = (zero, source) if zero_first else (source, zero)
            return compare(*pair, data=list(data or [message or "", *words, source]), summarize=summarize)

    function.__name__ = function.__qualname__ = default
    function.__doc__ = f"An operation that fails when it runs unless every x {sign} 0."
    return function


assert_positive = _compare_with_zero("assert_positive", ">", assert_less, True)
assert_negative = _compare_with_zero("assert_negative", "<", assert_less, False)
assert_non_negative = _compare_with_zero("assert_non_negative", ">=", assert_less_equal, True)
assert_non_positive = _compare_with_zero("assert_non_positive", "<=", assert_less_equal, False)


def assert_near(x: Any, y: Any, rtol: Any = None, atol: Any = None, data: Sequence[Any] | None = None,
                summarize: int | None = None, message: str | None = None, name: str | None = None) -> Operation:  # fmt: skip
    """An operation that fails when it runs unless every |x - y| < atol + rtol * |y|: ten units in the last place of 1 each
    by default."""
    with scope_of(name, "assert_near", [x, y, rtol, atol]):
        a = convert(x, name="x")
        b = convert(y, a.dtype, name="y")
        small = 10 * float(np.finfo(a.dtype._name if a.dtype.size < 8 else "float64").eps)
        relative = convert(small if rtol is None else rtol, a.dtype, name="rtol")
        absolute = convert(small if atol is None else atol, a.dtype, name="atol")
        allowed = absolute + relative * ROWS["abs"](b)
        words = f"x and y not equal to tolerance rtol = {relative}, atol = {absolute}"
        holds = ROWS["reduce_all"](ROWS["less"](ROWS["abs"](a - b), allowed))
        return Assert(holds, list(data or [message or "", words, f"x ({a.name}) = ", a, f"y ({b.name}) = ", b]), summarize)


# --- ranks --------------------------------------------------------------------------------------------------------
def _rank_check(default: str, words: str, path: str, told: Callable[[int, int], bool]) -> Callable[..., Operation]:
    def function(x: Any, rank: Any, data: Sequence[Any] | None = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Operation:  # fmt: skip
        with scope_of(name, default, [x, rank]):
            source, wanted = convert(x, name="x"), convert(rank, name="rank")
            shown = list(data or [message or "", f"Tensor {source.name} must have {words}", wanted, "Received shape: ", shape(source)])
            known = _wanted_rank(wanted)
            if source._shape is not None and known is not None:
                return _settled(source, told(len(source._shape), known), message, f"{words} {known}")
            return Assert(ROWS[path](_rank_of(source), wanted), shown, summarize)

    function.__name__ = function.__qualname__ = default
    function.__doc__ = f"x must have {words} `rank`: ValueError at once where the graph knows, an operation that fails otherwise."
    return function


def _rank_of(source: Tensor) -> Tensor:
    return rank(source)


def _wanted_rank(wanted: Tensor) -> int | None:
    assert_type(wanted, "int32")
    known = _seen(wanted)
    if known is not None and known.ndim != 0:
        raise ValueError(f"Rank must be a scalar: it has shape {list(known.shape)}")
    return None if known is None else int(known)


def _settled(source: Tensor, holds: bool, message: str | None, wanted: str) -> Operation:
    """Known while the graph is built."""
    if not holds:
        raise ValueError(f"{message or ''}.  Tensor {source.name} must have {wanted}.  Received rank {len(source._shape)}, shape {source.shape}")
    return no_op("static_checks_determined_all_ok")


assert_rank = _rank_check("assert_rank", "rank", "equal", lambda have, wanted: have == wanted)
assert_rank_at_least = _rank_check("assert_rank_at_least", "rank at least", "greater_equal", lambda have, wanted: have >= wanted)


def assert_rank_in(x: Any, ranks: Sequence[Any], data: Sequence[Any] | None = None, summarize: int | None = None,
                   message: str | None = None, name: str | None = None) -> Operation:  # fmt: skip
    """x must have one of these ranks: ValueError at once where the graph knows, an operation that fails otherwise."""
    with scope_of(name, "assert_rank_in", [x, *ranks]):
        source, wanted = convert(x, name="x"), [convert(r, name="rank") for r in ranks]
        shown = list(data or [message or "", f"Tensor {source.name} must have rank in", *wanted, "Received shape: ", shape(source)])
        known = [_wanted_rank(w) for w in wanted]
        if source._shape is not None and None not in known:
            listed = tuple(np.array(k, np.int32) for k in known)
            return _settled(source, len(source._shape) in known, message, f"rank in {listed}")
        found = _rank_of(source)
        holds = ROWS["equal"](wanted[0], found)
        for w in wanted[1:]:
            holds = ROWS["logical_or"](holds, ROWS["equal"](w, found))
        return Assert(holds, shown, summarize)


def assert_scalar(tensor: Any, name: str | None = None) -> Tensor:
    """The tensor; ValueError if it has dimensions."""
    with scope_of(name, "assert_scalar", [tensor]):
        source = convert(tensor, name=name or "tensor")
        if source._shape != ():
            raise ValueError(f"Expected scalar shape for {source.name}, saw shape: {source.shape}.")
        return source


# --- dtypes -------------------------------------------------------------------------------------------------------
def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Operation:
    """TypeError if the tensor has another dtype."""
    with scope_of(name, "assert_type", [tensor]):
        source, wanted = convert(tensor, name="tensor"), as_dtype(tf_type)
        if source.dtype != wanted:
            raise TypeError(f"{message or ''}  {source.name} must be of type {wanted}")
        return no_op("statically_determined_correct_type")


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """TypeError if x is no tensor of integers."""
    with scope_of(name, "assert_integer", [x]):
        source = convert(x, name="x")
        if not source.dtype.is_integer:
            raise TypeError(f'{message or ""}  Expected "x" to be integer type.  Found: {source.name} of dtype {source.dtype}')
        return no_op("statically_determined_was_integer")


def assert_same_float_dtype(tensors: Sequence[Any] | None = None, dtype: Any = None) -> DType:
    """The dtype that all of these have; ValueError where they differ or hold no floats."""
    wanted = None if dtype is None else as_dtype(dtype)
    for t in tensors or ():
        if wanted is not None and t.dtype.base_dtype != wanted:
            of = "" if dtype is not None else f" as {tensors[0].name}"
            raise ValueError(f"{t.name}, type={t.dtype}, must be of the same type ({wanted}){of}.")
        wanted = t.dtype.base_dtype
    wanted = wanted or float32
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}.")
    return wanted


def is_numeric_tensor(tensor: Any) -> bool:
    """Is this a tensor of numbers?"""
    return isinstance(tensor, Tensor) and (tensor.dtype.is_floating or tensor.dtype.is_integer)


# --- numbers that are none ----------------------------------------------------------------------------------------
def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """The tensor; InvalidArgumentError with the message when it runs and holds NaN or infinity."""

    def check(array: np.ndarray) -> None:
        kinds = [kind for kind, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(array).any()]
        if kinds:
            raise errors.InvalidArgumentError(message=f"{message} : Tensor had {' and '.join(kinds)} values")

    with scope_of(name, "CheckNumerics", [tensor]) as scope:
        source = convert(tensor, name="tensor")

        def compute(step: Steps) -> Tensor:
            return step.core.with_controls(running(step, [source], check), lambda: step("identity", source))

        return operation("CheckNumerics", scope, [source], compute, message=message.encode()).outputs[0]


def verify_tensor_all_finite(t: Any = None, msg: str | None = None, name: str | None = None, x: Any = None,
                             message: str | None = None) -> Tensor:  # fmt: skip
    """t once it is known to hold neither NaN nor infinity."""
    given, words = t if x is None else x, msg if message is None else message
    with scope_of(name, "VerifyFinite", [given]):
        source = convert(given, name="x")
        checked = check_numerics(source, words or "")
        colocate(checked.op, source.op)
        with get_default_graph().control_dependencies([checked]):
            return identity(source, name="control_dependency")


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Tensor:
    """verify_tensor_all_finite() under its later name."""
    return verify_tensor_all_finite(x, message, name)
