"""tf.debugging: assertions under their later names."""

from __future__ import annotations

from twofold import _missing
from twofold.tensorflow._checks import (
    assert_all_finite, assert_equal, assert_greater, assert_greater_equal, assert_integer, assert_less, assert_less_equal, assert_near,
    assert_negative, assert_non_negative, assert_non_positive, assert_none_equal, assert_positive, assert_rank, assert_rank_at_least,
    assert_rank_in, assert_same_float_dtype, assert_scalar, assert_type, check_numerics, is_numeric_tensor,
)  # fmt: skip
from twofold.tensorflow._host import Assert
from twofold.tensorflow._op import ROWS

is_finite, is_inf, is_nan = ROWS["is_finite"], ROWS["is_inf"], ROWS["is_nan"]

__all__ = ["Assert", "assert_all_finite", "assert_equal", "assert_greater", "assert_greater_equal", "assert_integer", "assert_less",
           "assert_less_equal", "assert_near", "assert_negative", "assert_non_negative", "assert_non_positive", "assert_none_equal",
           "assert_positive", "assert_rank", "assert_rank_at_least", "assert_rank_in", "assert_same_float_dtype", "assert_scalar",
           "assert_type", "check_numerics", "is_finite", "is_inf", "is_nan", "is_numeric_tensor"]  # fmt: skip

_missing.explain(__name__)
