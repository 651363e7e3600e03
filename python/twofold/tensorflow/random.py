"""tf.random: draws."""

from twofold.tensorflow._later_names import later_names
from twofold.tensorflow._random import get_seed

__all__ = ["get_seed"]
__getattr__ = later_names(
    "random", "multinomial set_random_seed truncated_normal", gamma="random_gamma", normal="random_normal", poisson="random_poisson",
    shuffle="random_shuffle", uniform="random_uniform",
)  # fmt: skip
