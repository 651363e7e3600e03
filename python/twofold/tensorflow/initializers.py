"""tf.initializers."""

from __future__ import annotations

from twofold.tensorflow._initializers import Constant as constant
from twofold.tensorflow._initializers import GlorotNormal as glorot_normal
from twofold.tensorflow._initializers import GlorotUniform as glorot_uniform
from twofold.tensorflow._initializers import Ones as ones
from twofold.tensorflow._initializers import RandomNormal as random_normal
from twofold.tensorflow._initializers import RandomUniform as random_uniform
from twofold.tensorflow._initializers import TruncatedNormal as truncated_normal
from twofold.tensorflow._initializers import VarianceScaling as variance_scaling
from twofold.tensorflow._initializers import Zeros as zeros
from twofold.tensorflow._variables import global_variables_initializer as global_variables
from twofold.tensorflow._variables import variables_initializer as variables

__all__ = ["constant", "glorot_normal", "glorot_uniform", "global_variables", "ones", "random_normal", "random_uniform",
           "truncated_normal", "variables", "variance_scaling", "zeros"]  # fmt: skip
