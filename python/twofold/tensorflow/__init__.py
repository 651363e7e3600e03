"""TensorFlow 1's face of Twofold: `import twofold.tensorflow as tf`."""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

from twofold.tensorflow import _initializers as _init
from twofold.tensorflow import _ops
from twofold.tensorflow._config import ConfigProto, GPUOptions, GraphOptions, OptimizerOptions, RunMetadata, RunOptions
from twofold.tensorflow._control import (
    add_to_collection, control_dependencies, device, get_collection, get_collection_ref, group, name_scope, no_op,
    placeholder,
)  # fmt: skip
from twofold.tensorflow._control import tuple_ as tuple  # noqa: A004
from twofold.tensorflow._dtypes import (
    Dimension, DType, TensorShape, as_dtype, bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8,
)  # fmt: skip
from twofold.tensorflow._dtypes import bool_ as bool  # noqa: A004
from twofold.tensorflow._flow import cond, while_loop
from twofold.tensorflow._gradients import clip_by_global_norm, clip_by_norm, global_norm, gradients
from twofold.tensorflow._graph import Graph, GraphKeys, Operation, get_default_graph, reset_default_graph
from twofold.tensorflow._ops import *  # noqa: F403
from twofold.tensorflow._host import Assert, Print, py_func
from twofold.tensorflow._operators import slice_ as slice  # noqa: A004
from twofold.tensorflow._random import random_normal, random_uniform, set_random_seed, truncated_normal
from twofold.tensorflow._sample import sample_values
from twofold.tensorflow._session import InteractiveSession, Session, get_default_session
from twofold.tensorflow._sparse import (
    SparseTensor, SparseTensorValue, gather_nd, scatter_nd, sparse_placeholder, sparse_tensor_dense_matmul, sparse_tensor_to_dense,
    sparse_to_dense,
)  # fmt: skip
from twofold.tensorflow._tensor import Tensor, constant, convert_to_tensor
from twofold.tensorflow._variables import (
    AUTO_REUSE, Variable, VariableScope, assign, assign_add, assign_sub, get_variable, get_variable_scope,
    global_variables, global_variables_initializer, initialize_all_variables, local_variables,
    local_variables_initializer, report_uninitialized_variables, trainable_variables, variable_scope,
    variables_initializer,
)  # fmt: skip

__version__ = VERSION = "1.15.0+twofold"
float, double, half = float32, float64, float16
range, reciprocal_no_nan = _ops.range, None
newaxis = None
all_variables = global_variables
mod = floormod = floordiv = None
zeros_initializer, ones_initializer, constant_initializer = _init.Zeros, _init.Ones, _init.Constant
random_normal_initializer, random_uniform_initializer = _init.RandomNormal, _init.RandomUniform
truncated_normal_initializer, variance_scaling_initializer = _init.TruncatedNormal, _init.VarianceScaling
glorot_uniform_initializer, glorot_normal_initializer = _init.GlorotUniform, _init.GlorotNormal
batch_gather = _ops.gather
globals().update({path: f for path, f in _ops.ROWS.items() if "." not in path})
del reciprocal_no_nan, mod, floormod, floordiv

from twofold.tensorflow import errors, initializers, nn, train  # noqa: E402


# Imported when a program first names them.
_ON_DEMAND = ("app", "compat", "examples", "flags", "logging", "python", "sparse", "test")


def __getattr__(name: str) -> Any:
    if name in _ON_DEMAND:
        return importlib.import_module(f"twofold.tensorflow.{name}")
    return _missing(name)


def _missing(name: str) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(name, list(globals()), n=1)
    hint = f"; the nearest thing that exists is tf.{close[0]}" if close else ""
    raise AttributeError(f"module 'tensorflow' has no attribute '{name}' in Twofold{hint}")
