"""tf.math: arithmetic, comparisons, reductions."""

from twofold.tensorflow._arithmetic import div_no_nan as divide_no_nan
from twofold.tensorflow._later_names import later_names
from twofold.tensorflow._polynomial import polyval
from twofold.tensorflow._statistics import reduce_std, reduce_variance

__all__ = ["divide_no_nan", "polyval", "reduce_std", "reduce_variance"]
__getattr__ = later_names(
    "math",
    "abs accumulate_n acos acosh add add_n argmax argmin asin asinh atan atan2 atanh betainc bincount ceil confusion_matrix cos cosh "
    "count_nonzero cumprod cumsum digamma divide equal erf erfc exp expm1 floor floordiv floormod greater greater_equal igamma igammac "
    "in_top_k invert_permutation is_finite is_inf is_nan l2_normalize lbeta less less_equal lgamma log log1p log_sigmoid log_softmax "
    "logical_and logical_not logical_or logical_xor maximum minimum mod multiply negative not_equal polygamma pow reciprocal reduce_all "
    "reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_sum rint round rsqrt scalar_mul segment_max "
    "segment_mean segment_min segment_prod segment_sum sigmoid sign sin sinh softmax softplus softsign sqrt square squared_difference "
    "subtract tan tanh top_k truediv unsorted_segment_max unsorted_segment_mean unsorted_segment_min unsorted_segment_prod "
    "unsorted_segment_sqrt_n unsorted_segment_sum zero_fraction zeta",
)
