"""tf.zeros_initializer and its kin: callables that make initial values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from twofold.tensorflow import _dtypes, _random
from twofold.tensorflow._dtypes import DType
from twofold.tensorflow._fill import ones, zeros
from twofold.tensorflow._tensor import Tensor, constant


class Initializer:
    """initializer(shape, dtype) -> a tensor."""

    def __init__(self, dtype: Any = _dtypes.float32) -> None:
        self.dtype = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        raise NotImplementedError


class Zeros(Initializer):
    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return zeros(shape, dtype or self.dtype)


class Ones(Initializer):
    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return ones(shape, dtype or self.dtype)


class Constant(Initializer):
    def __init__(self, value: Any = 0, dtype: Any = _dtypes.float32, verify_shape: bool = False) -> None:
        super().__init__(dtype)
        self.value, self.verify_shape = value, verify_shape

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return constant(self.value, dtype or self.dtype, shape, verify_shape=self.verify_shape)


class RandomUniform(Initializer):
    def __init__(self, minval: Any = 0, maxval: Any = None, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        super().__init__(dtype)
        self.minval, self.maxval, self.seed = minval, 1 if maxval is None else maxval, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return _random.random_uniform(shape, self.minval, self.maxval, dtype or self.dtype, seed=self.seed)


class RandomNormal(Initializer):
    draw = staticmethod(_random.random_normal)

    def __init__(self, mean: float = 0.0, stddev: float = 1.0, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        super().__init__(dtype)
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return type(self).draw(shape, self.mean, self.stddev, dtype or self.dtype, seed=self.seed)


class TruncatedNormal(RandomNormal):
    draw = staticmethod(_random.truncated_normal)


def _fans(shape: Any) -> tuple[float, float]:
    if len(shape) < 2:
        n = shape[0] if shape else 1
        return n, n
    field = float(np.prod(shape[:-2]))
    return shape[-2] * field, shape[-1] * field


class VarianceScaling(Initializer):
    """Draws whose variance is scale / fan (He et al. 2015, Glorot and Bengio 2010)."""

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "normal", seed: int | None = None,
                 dtype: Any = _dtypes.float32) -> None:  # fmt: skip
        super().__init__(dtype)
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        fan_in, fan_out = _fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out}.get(self.mode, (fan_in + fan_out) / 2)
        scale = self.scale / max(1.0, fan)
        kind = dtype or self.dtype
        if self.distribution == "untruncated_normal":
            return _random.random_normal(shape, 0.0, math.sqrt(scale), kind, seed=self.seed)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * scale)
            return _random.random_uniform(shape, -limit, limit, kind, seed=self.seed)
        return _random.truncated_normal(shape, 0.0, math.sqrt(scale) / 0.87962566103423978, kind, seed=self.seed)


class GlorotUniform(VarianceScaling):
    def __init__(self, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed, dtype)


class GlorotNormal(VarianceScaling):
    def __init__(self, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        super().__init__(1.0, "fan_avg", "normal", seed, dtype)


def default_for(dtype: DType, name: str) -> Initializer:
    """What get_variable() takes when it is told none."""
    if dtype.is_floating:
        return GlorotUniform()
    if dtype.is_integer or dtype.is_bool:
        return Zeros(dtype)
    raise ValueError(f"An initializer for variable {name} of {dtype} is required")
