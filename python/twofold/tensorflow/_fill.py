"""Filled tensors: zeros, ones, ranges."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from twofold.tensorflow import _dtypes
from twofold.tensorflow._array import as_input, reshape, shape, size, sizes_argument, spread
from twofold.tensorflow._dtypes import DType, TensorShape, as_dtype
from twofold.tensorflow._graph import get_default_graph
from twofold.tensorflow._math import cast
from twofold.tensorflow._op import Steps, auxiliary, dtype_of, is_tensor, operands, operation, refuse, scope_of, shadows
from twofold.tensorflow._sizes import Told, constant_value, sizes_in, static_ints
from twofold.tensorflow._tensor import Tensor, constant, constant_named, convert, sizes_array, storage


def zeros(shape: Any, dtype: Any = _dtypes.float32, name: str | None = None) -> Tensor:
    """A constant; from a thousand elements on it is filled when the graph runs, as TensorFlow does."""
    return _filled_with(0, shape, dtype, name, "zeros")


def ones(shape: Any, dtype: Any = _dtypes.float32, name: str | None = None) -> Tensor:
    return _filled_with(1, shape, dtype, name, "ones")


def _filled_with(value: int, shape: Any, dtype: Any, name: str | None, default: str) -> Tensor:
    wanted = as_dtype(dtype).base_dtype
    with scope_of(name, default, [shape]) as scope:
        if is_tensor(shape) or (isinstance(shape, (list, tuple)) and any(is_tensor(v) for v in shape)):
            node_input: Any = convert(shape, _dtypes.int32 if isinstance(shape, (list, tuple)) else None, name="packed")
            sizes = sizes_in(node_input)
        else:
            sizes = _static_shape(shape)
            if np.prod(sizes, dtype=np.int64) < 1000:
                return constant_named(get_default_graph(), np.full(sizes, value, storage(wanted)), scope[:-1], wanted._name, given=1)
            node_input = auxiliary("shape_as_tensor", sizes_array(sizes))
        inputs = [node_input, auxiliary("Const", np.array(value, storage(wanted)))]
        return operation("Fill", scope, inputs, lambda step: _fill(step, value, wanted, sizes)).outputs[0]


def _static_shape(shape: Any) -> list[int]:
    known = TensorShape(shape)
    if not known.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {known}")
    return known.as_list()


def _fill(step: Steps, value: Any, dtype: DType, sizes: list[int] | Told) -> Tensor:
    if isinstance(sizes, Told):
        return spread(step, step.constant(np.array(value), dtype), sizes)
    return step("full", shape=sizes, value=float(value), dtype=dtype._name)


def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    """A tensor in which every element is `value`."""
    with scope_of(name, "Fill", [dims, value]) as scope:
        node_input, sizes = sizes_argument(dims, "dims")
        number = convert(value, name="value")
        if not isinstance(sizes, Told) and any(n < 0 for n in sizes):
            raise refuse("Fill dimensions must be >= 0", "Fill", scope, [node_input, number])
        return operation("Fill", scope, [node_input, number], lambda step: spread(step, number, sizes)).outputs[0]


def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Zeros of the tensor's shape."""
    with scope_of(name, "zeros_like", [tensor]) as scope:
        source = convert(tensor, name="tensor")
        wanted = source.dtype if dtype is None else as_dtype(dtype)
        if source.shape.is_fully_defined():
            return zeros(source.shape, wanted, name=scope)
        if wanted != source.dtype:
            return zeros(shape(source), wanted, name=scope)
        return operation("ZerosLike", scope, [source], lambda step: step("zeros_like", source)).outputs[0]


def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Ones of the tensor's shape."""
    with scope_of(name, "ones_like", [tensor]) as scope:
        source = convert(tensor, name="tensor")
        return ones(shape(source), source.dtype if dtype is None else dtype, name=scope)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:  # noqa: A001
    """start, start + delta, ... up to but without limit."""
    if limit is None:
        start, limit = 0, start
    with scope_of(name, "Range", [start, limit, delta]) as scope:
        wanted = None if dtype is None else as_dtype(dtype)
        parts = [convert(v, None if dtype_of(v) else wanted, name=n) for v, n in ((start, "start"), (limit, "limit"), (delta, "delta"))]
        widest = wanted or builtins.max((p.dtype for p in parts), key=_RANGE_ORDER.index)
        parts = [cast(p, widest) for p in parts]
        known = [constant_value(p) for p in parts]
        if None in [k if k is None else 0 for k in known]:
            return operation("Range", scope, parts, lambda step: _range_told(step, *parts, known[2])).outputs[0]
        first, last, by = (k.item() for k in known)
        if by == 0:
            raise refuse("Requires delta != 0", "Range", scope, parts)
        if (first > last) if by > 0 else (first < last):
            sign, compare = (">", "<=") if by > 0 else ("<", ">=")
            raise refuse(f"Requires start {compare} limit when delta {sign} 0: {first}/{last}", "Range", scope, parts)
        values = _counted(first, last, by, widest)
        op = operation("Range", scope, parts, lambda step: step.constant(values))
        op.value = values
        return op.outputs[0]


def _counted(first: Any, last: Any, by: Any, dtype: DType) -> np.ndarray:
    """first, first + by, ...: added up in the dtype, as TensorFlow's kernel does."""
    count = builtins.max(0, -int((first - last) // by))
    values = np.full(count, by, dtype._name)
    values[:1] = first
    return np.cumsum(values, dtype=dtype._name)


_RANGE_ORDER = [_dtypes.int32, _dtypes.int64, _dtypes.float32, _dtypes.float64]


def _range_told(step: Steps, start: Tensor, limit: Tensor, delta: Tensor, by: Any) -> Tensor:
    """Bounds that only a run knows: the coordinates of as many ones, times delta, from start on."""
    if not start.dtype.is_integer or by is None:
        raise NotImplementedError("tf.range with a bound that only a run knows counts integers by a known step in this version")
    span = step("sub", limit, start)
    steps = span if by == 1 else step("floor_divide", step("add", span, step.number(by - (1 if by > 0 else -1), start)), delta)
    count = step("unsqueeze", step("maximum", steps, step.number(0, start)), axis=0)
    ones_ = step("expand_to", step.number(1, start), count, hint=[])
    places = step("cast", step("reshape", step("nonzero", ones_), shape=[-1]), dtype=start.dtype._name)
    return step("add", step("mul", places, delta), start)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None) -> Tensor:
    """`num` values from start to stop, evenly spaced."""
    with scope_of(name, "LinSpace", [start, stop]) as scope:
        a, b = operands("LinSpace", [("start", start), ("stop", stop)])
        if not a.dtype.is_floating:
            raise TypeError(f"Value passed to parameter 'start' has DataType {a.dtype.name} not in list of allowed values: bfloat16, float32, float64")
        inputs, count = [a, b, as_input(num, "num")], static_ints(num)
        return operation("LinSpace", scope, inputs, lambda step: _spaced(step, a, b, count)).outputs[0]


def _spaced(step: Steps, a: Tensor, b: Tensor, count: int) -> Tensor:
    places = step.constant(np.arange(count, dtype=a.dtype._name))
    if count == 1:
        return step("expand", a, shape=[1])
    width = step("div", step("sub", b, a), step.number(count - 1, a))
    return step("add", step("mul", places, width), a)


lin_space = linspace


def eye(num_rows: int, num_columns: int | None = None, batch_shape: Any = None, dtype: Any = _dtypes.float32,
        name: str | None = None) -> Tensor:  # fmt: skip
    """Ones on the diagonal, zeros elsewhere."""
    if batch_shape is not None:
        raise NotImplementedError("tf.eye with batch_shape is not supported yet")
    rows, columns = static_ints(num_rows), static_ints(num_rows if num_columns is None else num_columns)
    square = num_columns is None or rows == columns
    with scope_of(name, "eye") as scope:
        shadows("ones" if square else "ones zeros")
        kind, leaf = ("MatrixDiag", "diag") if square else ("MatrixSetDiag", "set_diag")
        value = np.eye(rows, columns, dtype=as_dtype(dtype)._name)
        return operation(kind, f"{scope}{leaf}/", [], lambda step: step.constant(value)).outputs[0]


def meshgrid(*args: Any, indexing: str = "xy", name: str = "meshgrid") -> list[Tensor]:
    """The coordinates of a grid over these vectors, an array for each; 'xy' exchanges the first two axes."""
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with scope_of(name, "meshgrid", args):
        count = len(args)
        parts = [reshape(convert(v, name="stack"), [1] * k + [-1] + [1] * (count - k - 1)) for k, v in enumerate(args)]
        sizes = [size(v) for v in args]
        dtype = (convert(args[0]) if args else constant(0)).dtype
        if indexing == "xy" and count > 1:
            parts[0] = reshape(parts[0], [1, -1] + [1] * (count - 2))
            parts[1] = reshape(parts[1], [-1, 1] + [1] * (count - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        unit = _ones_of(sizes, dtype)
        return [p * unit for p in parts]


def _ones_of(sizes: list[Tensor], dtype: DType) -> Tensor:
    with scope_of("ones", "ones") as scope:
        shadows("mul " * (len(sizes) - 1) + "Less(y)")
        shape_ = convert(sizes, name="packed")
        inputs = [shape_, auxiliary("Const", np.array(1, dtype._name))]
        return operation("Fill", scope, inputs, lambda step: _fill(step, 1, dtype, sizes_in(shape_))).outputs[0]
