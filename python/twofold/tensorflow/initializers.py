"""tf.initializers."""

from __future__ import annotations

from twofold import _missing
from twofold.tensorflow._initializers import Constant as constant
from twofold.tensorflow._initializers import GlorotNormal as glorot_normal
from twofold.tensorflow._initializers import GlorotUniform as glorot_uniform
from twofold.tensorflow._initializers import HeNormal as he_normal
from twofold.tensorflow._initializers import HeUniform as he_uniform
from twofold.tensorflow._initializers import Identity as identity
from twofold.tensorflow._initializers import LecunNormal as lecun_normal
from twofold.tensorflow._initializers import LecunUniform as lecun_uniform
from twofold.tensorflow._initializers import Ones as ones
from twofold.tensorflow._initializers import Orthogonal as orthogonal
from twofold.tensorflow._initializers import RandomNormal as random_normal
from twofold.tensorflow._initializers import RandomUniform as random_uniform
from twofold.tensorflow._initializers import TruncatedNormal as truncated_normal
from twofold.tensorflow._initializers import UniformUnitScaling as uniform_unit_scaling
from twofold.tensorflow._initializers import VarianceScaling as variance_scaling
from twofold.tensorflow._initializers import Zeros as zeros
from twofold.tensorflow._control import tables_initializer
from twofold.tensorflow._variables import global_variables_initializer as global_variables
from twofold.tensorflow._variables import local_variables_initializer as local_variables
from twofold.tensorflow._variables import variables_initializer as variables

__all__ = ["constant", "glorot_normal", "glorot_uniform", "global_variables", "he_normal", "he_uniform", "identity", "lecun_normal",
           "lecun_uniform", "local_variables", "ones", "orthogonal", "random_normal", "random_uniform", "tables_initializer",
           "truncated_normal", "uniform_unit_scaling", "variables", "variance_scaling", "zeros"]  # fmt: skip

_missing.explain(__name__)
