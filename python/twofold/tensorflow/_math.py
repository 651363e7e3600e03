"""Arithmetic, reductions, products: what needs more than a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import as_dtype
from twofold.tensorflow._op import ROWS, Spelling, Steps, auxiliary, operands, operation, refuse, scope_of, shape_text
from twofold.tensorflow._sizes import constant_value, static_ints
from twofold.tensorflow._tensor import Tensor, convert
from twofold.tensorflow.errors import InvalidArgumentError


def binary(row: str, kind: str, x: Any, y: Any, name: str | None, default: str) -> Tensor:
    """An operation of two operands of one dtype, named as the function is."""
    with scope_of(name, default, [x, y]) as scope:
        a, b = operands(kind, [("x", x), ("y", y)])
        return operation(kind, scope, [a, b], lambda step: step(row, a, b)).outputs[0]


# --- division -----------------------------------------------------------------------------------------------------
def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y: int8 and int16 divide as float32, int32 and int64 as float64."""
    return _divide(x, y, name, "truediv")


def _divide(x: Any, y: Any, name: str | None, default: str) -> Tensor:
    with scope_of(name, default, [x, y]) as scope:
        a = convert(x, name="x")
        b = convert(y, a.dtype, name="y")
        if not a.dtype.is_floating:
            wide = _dtypes.float32 if a.dtype.size < 4 else _dtypes.float64
            a, b = cast(a, wide), cast(b, wide)
        return operation("RealDiv", scope, [a, b], lambda step: step("div", a, b)).outputs[0]


def divide(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Python's x / y."""
    return _divide(x, y, name, "truediv")


def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Python 2's x / y: integers are divided and rounded down."""
    whole = convert(x).dtype.is_integer if not isinstance(x, (int, float)) else isinstance(x, int)
    row, kind = ("floor_divide", "FloorDiv") if whole else ("div", "RealDiv")
    return binary(row, kind, x, y, name, "div")


def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y rounded down."""
    return binary("floor_divide", "FloorDiv", x, y, name, "floordiv")


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Tensor:
    """One of the two, not both."""
    either, both = ROWS["logical_or"](x, y), ROWS["logical_and"](x, y)
    return ROWS["logical_and"](either, ROWS["logical_not"](both), name=name)


def _unary(row: str, kind: str, x: Any, name: str | None) -> Tensor:
    with scope_of(name, kind, [x]) as scope:
        source = convert(x, name="x")
        return operation(kind, scope, [source], lambda step: step(row, source)).outputs[0]


def round(x: Any, name: str | None = None) -> Tensor:  # noqa: A001
    """The nearest whole number, the even one of two."""
    source = convert(x, name="x")
    return source if source.dtype.is_integer else ROWS["round"](source, name=name)


def rint(x: Any, name: str | None = None) -> Tensor:
    """The nearest whole number, the even one of two."""
    return _unary("round", "Rint", x, name)


def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """log(sigmoid(x))."""
    with scope_of(name, "LogSigmoid", [x]) as scope:
        source = convert(x, name="x")
        return ROWS["negative"](ROWS["nn.softplus"](ROWS["negative"](source)), name=scope)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Tensor:
    """A number times a tensor."""
    factor = convert(scalar, convert(x).dtype, name="scalar")
    if factor._shape not in ((), None):
        raise ValueError(f"Only scalar multiply works, got shape {factor.shape}")
    return ROWS["multiply"](factor, x, name=name)


def count_nonzero(input_tensor: Any = None, axis: Any = None, keepdims: Any = None, dtype: Any = _dtypes.int64, name: str | None = None,
                  reduction_indices: Any = None, keep_dims: Any = None, input: Any = None) -> Tensor:  # noqa: A002  # fmt: skip
    """How many elements over `axis` are not zero."""
    with scope_of(name, "count_nonzero", [input_tensor if input is None else input]):
        source = convert(input_tensor if input is None else input, name="input")
        from twofold.tensorflow._fill import zeros

        unequal = ROWS["not_equal"](source, zeros([], source.dtype))
        return ROWS["reduce_sum"](cast(unequal, dtype), axis, keepdims, reduction_indices=reduction_indices, keep_dims=keep_dims)


def pow(x: Any, y: Any, name: str | None = None) -> Tensor:  # noqa: A001
    """x to the power y; of integers, to one that the graph knows."""
    with scope_of(name, "Pow", [x, y]) as scope:
        base, exponent = operands("Pow", [("x", x), ("y", y)])
        times = constant_value(exponent) if base.dtype.is_integer else None
        if times is None or np.ndim(times) != 0:
            return operation("Pow", scope, [base, exponent], lambda step: step("pow", base, exponent)).outputs[0]
        if times < 0:
            raise InvalidArgumentError(None, None, "Integers to negative integer powers are not allowed")
        return operation("Pow", scope, [base, exponent], lambda step: _power(step, base, int(times))).outputs[0]


def _power(step: Steps, base: Tensor, times: int) -> Tensor:
    """By squaring: wraps around as multiplication does."""
    out = step("ones_like", base)
    while times:
        out = step("mul", out, base) if times % 2 else out
        base, times = step("mul", base, base), times // 2
    return out


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Tensor:
    """The elements of t, none below the one value, none above the other."""
    with scope_of(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        source = convert(t, name="t")
        low = ROWS["minimum"](source, clip_value_max)
        _check_same_shape(source, low)
        out = ROWS["maximum"](low, clip_value_min, name=scope)
        _check_same_shape(source, out)
        return out


def _check_same_shape(t: Tensor, clipped: Tensor) -> None:
    if not t.shape.is_compatible_with(clipped.shape):
        raise ValueError(f"Shapes {t.shape} and {clipped.shape} are not compatible")


def add_n(inputs: Sequence[Any], name: str | None = None) -> Tensor:
    """The sum of tensors of one shape, added in order."""
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape")
    parts = [convert(t) for t in inputs]
    if len(parts) == 1:
        return ROWS["identity"](parts[0], name=name) if name else parts[0]
    with scope_of(name, "AddN", parts) as scope:
        _check_alike(parts, scope)
        return operation("AddN", scope, parts, lambda step: step("add_n", *parts)).outputs[0]


def _check_alike(parts: list[Tensor], scope: str) -> None:
    """Of one dtype and one shape."""
    if any(t._dtype != parts[0]._dtype for t in parts):
        names = ", ".join(t.dtype.name for t in parts)
        raise TypeError(f"Tensors in list passed to 'inputs' of 'AddN' Op have types [{names}] that don't all match.")
    for k in range(len(parts) - 1, 0, -1):
        a, b = parts[k - 1]._shape, parts[k]._shape
        if a is None or b is None or parts[k].shape.is_compatible_with(parts[k - 1].shape):
            continue
        merging = f"\n\tFrom merging shape {k - 1} with other shapes."
        if len(a) != len(b):
            raise refuse(f"Shapes must be equal rank, but are {len(a)} and {len(b)}{merging}", "AddN", scope, parts)
        at = next(i for i, (m, n) in enumerate(zip(a, b)) if m != n and None not in (m, n))
        shapes = f"{shape_text(parts[k - 1])} and {shape_text(parts[k])}"
        words = f"Dimension {at} in both shapes must be equal, but are {a[at]} and {b[at]}. Shapes are {shapes}."
        raise refuse(words + merging, "AddN", scope, parts)


def accumulate_n(inputs: Sequence[Any], shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """add_n() under the name of the form that needs less memory in TensorFlow."""
    return add_n(inputs, name or "AccumulateNV2")


# --- dtypes -------------------------------------------------------------------------------------------------------
def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """x in another dtype; towards zero where it becomes an integer."""
    wanted = as_dtype(dtype).base_dtype
    if isinstance(x, Tensor) and x._dtype == wanted._dtype:
        return x
    with scope_of(name, "Cast", [x]) as scope:
        source = convert(x, name="x")
        if source._dtype == wanted._dtype:
            return source
        return operation("Cast", scope, [source], lambda step: step("cast", source, dtype=wanted._name)).outputs[0]


def _caster(dtype: _dtypes.DType, default: str) -> Callable[..., Tensor]:
    def function(x: Any, name: str = default) -> Tensor:
        return cast(x, dtype, name)

    function.__doc__ = f"x as {dtype.name}."
    return function


to_float, to_double = _caster(_dtypes.float32, "ToFloat"), _caster(_dtypes.float64, "ToDouble")
to_int32, to_int64 = _caster(_dtypes.int32, "ToInt32"), _caster(_dtypes.int64, "ToInt64")
to_bfloat16 = _caster(_dtypes.bfloat16, "ToBFloat16")


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """cast() after clipping to what the dtype can hold."""
    wanted = as_dtype(dtype)
    with scope_of(name, "saturate_cast", [value]) as scope:
        source = convert(value, name="value")
        if source.dtype.min < wanted.min:
            source = ROWS["maximum"](source, convert(wanted.min, source.dtype, name="min"))
        if source.dtype.max > wanted.max:
            source = ROWS["minimum"](source, convert(wanted.max, source.dtype, name="max"))
        return cast(source, wanted, name=scope)


# --- reductions ---------------------------------------------------------------------------------------------------
def _axes(x: Any, axis: Any) -> tuple[Any, list[int] | None]:
    """The axes as the node's input, None where it is yet to be made, and as the engine takes them, None for all."""
    if axis is not None:
        known = static_ints(axis)
        return (axis if isinstance(axis, Tensor) else None), [known] if isinstance(known, int) else list(known)
    if isinstance(x, Tensor) and x._shape is not None:
        return auxiliary("Const", np.arange(len(x._shape), dtype=np.int32)), None
    from twofold.tensorflow._array import rank
    from twofold.tensorflow._fill import range as range_

    return range_(0, rank(x)), None


def _reduction(path: str) -> Callable[..., Tensor]:
    row = next(r for r in _core.rows() if r["tf"].partition("(")[0] == path)
    spelling = Spelling(row)

    def function(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                 reduction_indices: Any = None, keep_dims: Any = None) -> Tensor:  # fmt: skip
        axis = reduction_indices if axis is None else axis
        keep = bool(keep_dims if keepdims is None else keepdims)
        node_input, over = _axes(input_tensor, axis)
        with scope_of(name, spelling.kind, [input_tensor]) as scope:
            source = convert(input_tensor, name="input")
            if spelling.arguments[0].kind == "boolean" and not source.dtype.is_bool:
                raise TypeError(f"Input 'input' of '{spelling.kind}' Op has type {source.dtype.name} that does not match expected type of bool.")
            if node_input is None:
                node_input = auxiliary("reduction_indices", axis)
            _check_axes(spelling.kind, scope, source, node_input, over)
            return operation(
                spelling.kind, scope, [source, node_input], lambda step: _reduced(step, spelling.row, source, over, keep), keep_dims=keep
            ).outputs[0]

    function.__name__ = function.__qualname__ = path
    function.__doc__ = row["doc"]
    return function


def _check_axes(kind: str, scope: str, source: Tensor, node_input: Any, over: list[int] | None) -> None:
    rank = None if source._shape is None else len(source._shape)
    for k in over or ():
        if rank is not None and not -rank <= k < rank:
            raise refuse(f"Invalid reduction dimension {k} for input with {rank} dimensions.", kind, scope, [source, node_input])


def _reduced(step: Any, row: str, source: Tensor, over: list[int] | None, keep: bool) -> Tensor:
    """TensorFlow keeps the dtype, where the engine sums integers in int64 and takes the mean of floats only."""
    if over == []:
        return step("identity", source)
    wide = step("cast", source, dtype="float64") if row == "mean" and not source.dtype.is_floating else source
    out = step(row, wide, axes=over or [], keepdims=keep)
    return out if out._dtype == source._dtype else step("cast", out, dtype=source.dtype._name)


_REDUCTIONS = ("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_all", "reduce_any")
ROWS.update({path: _reduction(path) for path in _REDUCTIONS if path in ROWS})


def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: str | None = None,
                     reduction_indices: Any = None, keep_dims: Any = None) -> Tensor:  # fmt: skip
    """log(sum(exp(x))) over `axis` (all by default), without overflow."""
    axis = reduction_indices if axis is None else axis
    keep = bool(keep_dims if keepdims is None else keepdims)
    from twofold.tensorflow._array import reshape, shape, where
    from twofold.tensorflow._fill import zeros_like

    with scope_of(name, "ReduceLogSumExp", [input_tensor]):
        source = convert(input_tensor)
        largest = ROWS["reduce_max"](source, axis, True)
        shift = ROWS["stop_gradient"](where(ROWS["is_finite"](largest), largest, zeros_like(largest)))
        made = ROWS["log"](ROWS["reduce_sum"](ROWS["exp"](ROWS["subtract"](source, shift)), axis, keep))
        return ROWS["add"](made, shift if keep else reshape(shift, shape(made)))


def _extreme(row: str, kind: str) -> Callable[..., Tensor]:
    def function(input: Any, axis: Any = None, name: str | None = None, dimension: Any = None,
                 output_type: Any = _dtypes.int64) -> Tensor:  # fmt: skip
        at = dimension if axis is None else axis
        at = 0 if at is None else at
        with scope_of(name, kind, [input]) as scope:
            source = convert(input, name="input")
            inputs = [source, at if isinstance(at, Tensor) else auxiliary("dimension", at)]
            index, wanted = static_ints(at), as_dtype(output_type)
            rank = None if source._shape is None else len(source._shape)
            if rank is not None and not -rank <= index < rank:
                raise refuse(f"Dimension ({index}) must be in the range [{-rank}, {rank}), where {rank} is the number of dimensions in the input.", kind, scope, inputs)

            def compute(step: Any) -> Tensor:
                found = step(row, source, axis=index)
                return found if found._dtype == wanted._dtype else step("cast", found, dtype=wanted._name)

            return operation(kind, scope, inputs, compute).outputs[0]

    function.__doc__ = f"The position of the first {'largest' if row == 'argmax' else 'smallest'} element along `axis` (0 by default)."
    return function


argmax, argmin = _extreme("argmax", "ArgMax"), _extreme("argmin", "ArgMin")
arg_max, arg_min = argmax, argmin


# --- products -----------------------------------------------------------------------------------------------------
def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
           adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, name: str | None = None) -> Tensor:  # fmt: skip
    """The matrix product of tensors of rank two, or of batches of them."""
    if (transpose_a and adjoint_a) or (transpose_b and adjoint_b):
        raise ValueError("Only one of transpose_a and adjoint_a can be True." if transpose_a and adjoint_a else
                         "Only one of transpose_b and adjoint_b can be True.")  # fmt: skip
    turned = (transpose_a or adjoint_a, transpose_b or adjoint_b)
    with scope_of(name, "MatMul", [a, b]) as scope:
        x, y = convert(a, name="a"), convert(b, name="b")
        batched = any(t._shape is not None and len(t._shape) > 2 for t in (x, y))
        kind, names = ("BatchMatMulV2", "xy") if batched else ("MatMul", "ab")
        flips = [("adj_" if batched else "transpose_") + n for n in names]
        if x._dtype != y._dtype:
            raise TypeError(f"Input '{names[1]}' of '{kind}' Op has type {y.dtype.name} that does not match type {x.dtype.name} of argument '{names[0]}'.")
        _check_product(kind, scope, [x, y], turned)

        def compute(step: Any) -> Tensor:
            left, right = (step("transpose", t, axis0=-2, axis1=-1) if flip else t for t, flip in zip((x, y), turned))
            return step("matmul", left, right)

        return operation(kind, scope, [x, y], compute, **dict(zip(flips, turned))).outputs[0]


def _check_product(kind: str, scope: str, inputs: list[Tensor], turned: tuple[bool, bool]) -> None:
    for t in inputs:
        if t._shape is not None and len(t._shape) < 2:
            at_least = "at least " if kind != "MatMul" else ""
            raise refuse(f"Shape must be {at_least}rank 2 but is rank {len(t._shape)}", kind, scope, inputs)
    x, y = (t._shape for t in inputs)
    if x is None or y is None:
        return
    inner, other = x[-2 if turned[0] else -1], y[-1 if turned[1] else -2]
    if None not in (inner, other) and inner != other:
        raise refuse(f"Dimensions must be equal, but are {inner} and {other}", kind, scope, inputs)
