"""Variances, moments, fractions: what programs look at in batches."""

from __future__ import annotations

from typing import Any

from twofold.tensorflow import _dtypes
from twofold.tensorflow._array import identity, size, squeeze
from twofold.tensorflow._dtypes import float32
from twofold.tensorflow._fill import zeros_like
from twofold.tensorflow._math import cast
from twofold.tensorflow._op import ROWS, Steps, operation, scope_of, shadows
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, constant, convert

_mean, _sum = ROWS["reduce_mean"], ROWS["reduce_sum"]


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean squared distance from the mean over `axis` (all by default)."""
    with scope_of(name, "reduce_variance", [input_tensor]):
        source = convert(input_tensor)
        distance = source - _mean(source, axis, True)
        return _mean(ROWS["square"](distance), axis, keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The square root of reduce_variance()."""
    with scope_of(name, "reduce_std", [input_tensor]):
        return ROWS["sqrt"](reduce_variance(input_tensor, axis, keepdims))


def sufficient_statistics(x: Any, axes: Any, shift: Any = None, keep_dims: Any = None, name: str | None = None,
                          keepdims: Any = None) -> tuple[Tensor, Tensor, Tensor, Any]:  # fmt: skip
    """(count, sum, sum of squares, shift) over `axes`, of x less the shift."""
    keep = bool(keep_dims if keepdims is None else keepdims)
    over = sorted(set(static_ints(axes)))
    with scope_of(name, "sufficient_statistics", [x, shift]):
        source = convert(x, name="x")
        sizes = [source._shape[k] for k in over]
        if None in sizes:
            raise NotImplementedError("tf.nn.sufficient_statistics over a dimension that only a run knows is not supported yet")
        count = 1
        for n in sizes:
            count *= n
        total = constant(count, source.dtype)
        moved = None if shift is None else convert(shift, name="shift")
        shifted = source if moved is None else ROWS["subtract"](source, moved)
        squares = ROWS["square"](source) if moved is None else ROWS["squared_difference"](source, moved)
        return total, _sum(shifted, over, keep, name="mean_ss"), _sum(squares, over, keep, name="var_ss"), moved


def normalize_moments(counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(mean, variance) from sufficient_statistics()."""
    with scope_of(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = ROWS["reciprocal"](counts, name="divisor")
        if shift is not None:
            shifted = ROWS["multiply"](mean_ss, divisor, name="shifted_mean")
            mean = ROWS["add"](shifted, shift, name="mean")
        else:
            shifted = mean = ROWS["multiply"](mean_ss, divisor, name="mean")
        squares = ROWS["multiply"](variance_ss, divisor)
        return mean, ROWS["subtract"](squares, ROWS["square"](shifted), name="variance")


def weighted_moments(x: Any, axes: Any, frequency_weights: Any, name: str | None = None, keep_dims: Any = None,
                     keepdims: Any = None) -> tuple[Tensor, Tensor]:  # fmt: skip
    """(mean, variance) over `axes`, each element counted as often as its weight says."""
    keep = bool(keep_dims if keepdims is None else keepdims)
    with scope_of(name, "weighted_moments", [x, frequency_weights]):
        source, weights = convert(x, name="x"), convert(frequency_weights, name="frequency_weights")
        wide = cast(source, float32) if source.dtype == _dtypes.float16 else source
        weights = cast(weights, wide.dtype)
        total = _sum(weights * wide, axes, True, name="weighted_input_sum")
        # One weight for each element of x, whatever shape they came in.
        count = _sum(weights + zeros_like(wide), axes, True, name="sum_of_weights")
        divisor = ROWS["reciprocal"](count, name="inv_weight_sum")
        mean = ROWS["multiply"](total, divisor)
        distance = _sum(weights * ROWS["squared_difference"](wide, mean), axes, True, name="weighted_distsq")
        variance = ROWS["multiply"](distance, divisor)
        if not keep:
            mean, variance = squeeze(mean, axes), squeeze(variance, axes)
        return (cast(mean, source.dtype), cast(variance, source.dtype)) if wide is not source else (mean, variance)


# TensorFlow counts in int32 in the one branch of a cond, in int64 in the other.
_COUNT = (
    "LessEqual(y) cond/Switch cond/switch_t cond/switch_f cond/pred_id cond/count_nonzero/zeros cond/count_nonzero/NotEqual "
    "cond/count_nonzero/NotEqual/Switch cond/count_nonzero/Cast cond/count_nonzero/Const cond/count_nonzero/nonzero_count:Sum cond/Cast "
    "cond/count_nonzero_1/zeros cond/count_nonzero_1/NotEqual cond/count_nonzero_1/NotEqual/Switch cond/count_nonzero_1/Cast "
    "cond/count_nonzero_1/Const cond/count_nonzero_1/nonzero_count:Sum"
)


def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """Which part of the elements is 0."""
    with scope_of(name, "zero_fraction", [value]):
        source = convert(value, name="value")
        count = size(source, out_type=_dtypes.int64)
        shadows(_COUNT)

        def nonzero(step: Steps) -> Tensor:
            return step("sum", step("cast", step("ne", source, step.number(0, source)), dtype="int64"), axes=[])

        with scope_of("cond/Merge", "Merge") as inner:
            found = operation("Merge", inner, [source], nonzero).outputs[0]
        with scope_of(None, "counts_to_fraction"):
            fraction = cast(count - found, float32) / cast(count, float32)
        return identity(fraction, name="fraction")
