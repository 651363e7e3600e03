"""TensorFlow 1's face of Twofold: `import twofold.tensorflow as tf`."""

from __future__ import annotations

import importlib
from typing import Any

from twofold import _missing
from twofold.tensorflow import _initializers as _init
from twofold.tensorflow._arithmetic import div_no_nan, realdiv
from twofold.tensorflow._array import (
    batch_gather, boolean_mask, broadcast_to, concat, expand_dims, gather, gather_nd, invert_permutation, matrix_transpose, one_hot,
    pad, placeholder_with_default, rank, reshape, scatter_nd, sequence_mask, shape, size, split, squeeze, stack, tile, transpose, unstack, where,
)  # fmt: skip
from twofold.tensorflow._array import slice_ as slice  # noqa: A004
from twofold.tensorflow._checks import (
    assert_equal, assert_greater, assert_greater_equal, assert_integer, assert_less, assert_less_equal, assert_near, assert_negative,
    assert_non_negative, assert_non_positive, assert_none_equal, assert_positive, assert_rank, assert_rank_at_least, assert_rank_in,
    assert_same_float_dtype, assert_scalar, assert_type, check_numerics, is_numeric_tensor, verify_tensor_all_finite,
)  # fmt: skip
from twofold.tensorflow._config import ConfigProto, GPUOptions, GraphOptions, OptimizerOptions, RunMetadata, RunOptions
from twofold.tensorflow._contract import tensordot
from twofold.tensorflow._control import (
    add_to_collection, add_to_collections, control_dependencies, device, get_collection, get_collection_ref, group, name_scope, no_op,
    placeholder, tables_initializer,
)  # fmt: skip
from twofold.tensorflow._control import tuple_ as tuple  # noqa: A004
from twofold.tensorflow._dtypes import (
    Dimension, DType, TensorShape, as_dtype, bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8,
)  # fmt: skip
from twofold.tensorflow._dtypes import bool_ as bool  # noqa: A004
from twofold.tensorflow._custom_gradient import custom_gradient
from twofold.tensorflow._einsum import einsum
from twofold.tensorflow._fill import eye, fill, lin_space, linspace, meshgrid, ones, ones_like, range, zeros, zeros_like  # noqa: A004
from twofold.tensorflow._flow import case, cond, while_loop
from twofold.tensorflow._functional import foldl, foldr, map_fn, scan
from twofold.tensorflow._gradients import clip_by_average_norm, clip_by_global_norm, clip_by_norm, global_norm, gradients, norm
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph, reset_default_graph
from twofold.tensorflow._host import Assert, Print, py_func
from twofold.tensorflow._math import (
    accumulate_n, add_n, arg_max, arg_min, argmax, argmin, cast, clip_by_value, count_nonzero, div, divide, floordiv, log_sigmoid,
    logical_xor, matmul, pow, reduce_logsumexp, rint, round, saturate_cast, scalar_mul, to_bfloat16, to_double, to_float, to_int32, to_int64, truediv,
)  # fmt: skip
from twofold.tensorflow._matrix import matrix_diag, matrix_diag_part, trace
from twofold.tensorflow._op import ROWS as _ROWS
from twofold.tensorflow._operators import strided_slice
from twofold.tensorflow._order import argsort, bincount, searchsorted, sort, unique, unique_with_counts
from twofold.tensorflow._random import random_normal, random_shuffle, random_uniform, set_random_seed, truncated_normal
from twofold.tensorflow._sample import sample_values
from twofold.tensorflow._scopes import AUTO_REUSE, VariableScope, get_variable, get_variable_scope, variable_scope
from twofold.tensorflow._scatter import scatter_add, scatter_nd_add, scatter_nd_sub, scatter_nd_update, scatter_sub, scatter_update
from twofold.tensorflow._session import InteractiveSession, Session, get_default_session
from twofold.tensorflow._sparse import (
    SparseTensor, SparseTensorValue, sparse_placeholder, sparse_tensor_dense_matmul, sparse_tensor_to_dense, sparse_to_dense,
)  # fmt: skip
from twofold.tensorflow._tensor import Tensor, constant, convert_to_tensor
from twofold.tensorflow._variables import (
    Variable, assign, assign_add, assign_sub, global_variables, global_variables_initializer, initialize_all_variables,
    local_variables, local_variables_initializer, model_variables, moving_average_variables, report_uninitialized_variables, trainable_variables, variables_initializer,
)  # fmt: skip

__version__ = VERSION = "1.15.0+twofold"
float, double, half = float32, float64, float16
newaxis = None
all_variables = global_variables
mod = _ROWS["floormod"]
pack, unpack, initialize_variables = stack, unstack, variables_initializer
zeros_initializer, ones_initializer, constant_initializer = _init.Zeros, _init.Ones, _init.Constant
random_normal_initializer, random_uniform_initializer = _init.RandomNormal, _init.RandomUniform
truncated_normal_initializer, variance_scaling_initializer = _init.TruncatedNormal, _init.VarianceScaling
glorot_uniform_initializer, glorot_normal_initializer = _init.GlorotUniform, _init.GlorotNormal
orthogonal_initializer, uniform_unit_scaling_initializer = _init.Orthogonal, _init.UniformUnitScaling
globals().update({path: f for path, f in _ROWS.items() if "." not in path and path not in globals()})

from twofold.tensorflow import errors, initializers, nn, train  # noqa: E402


# Imported when a program first names them.
_ON_DEMAND = (
    "app", "bitwise", "compat", "debugging", "examples", "flags", "layers", "linalg", "logging", "losses", "math", "python", "random", "sparse", "test",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _ON_DEMAND:
        return importlib.import_module(f"twofold.tensorflow.{name}")
    raise _missing.refusal(__name__, name, [*globals(), *_ON_DEMAND])
