"""tf.zeros_initializer and its kin: callables that make initial values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from twofold.tensorflow import _dtypes, _random
from twofold.tensorflow._array import matrix_transpose, reshape
from twofold.tensorflow._dtypes import DType
from twofold.tensorflow._fill import eye, ones, zeros
from twofold.tensorflow._host import host
from twofold.tensorflow._op import ROWS, Steps, operation, scope_of
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
        if scale <= 0.0:
            raise ValueError("`scale` must be positive float.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError("Invalid `mode` argument:", mode)
        if distribution.lower() not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError("Invalid `distribution` argument:", distribution)
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution.lower(), seed

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


def _scaled(name: str, scale: float, mode: str, distribution: str) -> type[VarianceScaling]:
    def __init__(self: VarianceScaling, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        VarianceScaling.__init__(self, scale, mode, distribution, seed, dtype)

    return type(name, (VarianceScaling,), {"__init__": __init__, "__module__": __name__})


GlorotUniform, GlorotNormal = _scaled("GlorotUniform", 1.0, "fan_avg", "uniform"), _scaled("GlorotNormal", 1.0, "fan_avg", "normal")
HeUniform, HeNormal = _scaled("HeUniform", 2.0, "fan_in", "uniform"), _scaled("HeNormal", 2.0, "fan_in", "normal")
LecunUniform, LecunNormal = _scaled("LecunUniform", 1.0, "fan_in", "uniform"), _scaled("LecunNormal", 1.0, "fan_in", "normal")


class UniformUnitScaling(Initializer):
    """Uniform draws within factor * sqrt(3 / inputs): the variance of what comes in is kept (Sussillo and Abbott 2014)."""

    def __init__(self, factor: float = 1.0, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        super().__init__(dtype)
        self.factor, self.seed = factor, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        limit = math.sqrt(3 / max(1.0, math.prod(shape[:-1]))) * self.factor
        return _random.random_uniform(shape, -limit, limit, dtype or self.dtype, seed=self.seed)


class Orthogonal(Initializer):
    """gain times a matrix with orthonormal rows or columns, from the QR decomposition of normal draws (Saxe et al. 2014);
    of more than two dimensions, all but the last count as rows."""

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = _dtypes.float32) -> None:
        super().__init__(dtype)
        self.gain, self.seed = gain, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        if len(shape) < 2:
            raise ValueError("The tensor to initialize must be at least two-dimensional")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        draws = _random.random_normal([max(rows, columns), min(rows, columns)], dtype=dtype or self.dtype, seed=self.seed)
        q, r = _qr(draws)
        q *= ROWS["sign"](ROWS["diag_part"](r))
        return self.gain * reshape(q if rows >= columns else matrix_transpose(q), shape)


def _qr(matrix: Tensor) -> list[Tensor]:
    """NumPy's decomposition: initial values are computed once, and need no gradient."""
    rows, columns = matrix._shape

    def compute(step: Steps) -> list[Tensor]:
        made = host(step, np.linalg.qr, [matrix], [matrix.dtype._name] * 2)
        return [step("reshape", t, shape=sizes) for t, sizes in zip(made, ([rows, columns], [columns, columns]))]

    with scope_of("Qr", "Qr", [matrix]) as scope:
        return operation("Qr", scope, [matrix], compute, full_matrices=False).outputs


class Identity(Initializer):
    """gain times the identity matrix."""

    def __init__(self, gain: float = 1.0, dtype: Any = _dtypes.float32) -> None:
        super().__init__(dtype)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        if len(shape) != 2:
            raise ValueError("Identity matrix initializer can only be used for 2D matrices.")
        made = eye(*shape, dtype=dtype or self.dtype)
        return made if self.gain == 1.0 else self.gain * made


def named(given: Any) -> Any:
    """An initializer, or the one that a name means: 'glorot_normal'."""
    if not isinstance(given, str):
        return given
    found = globals().get("".join(part.capitalize() for part in given.split("_")))
    if not (isinstance(found, type) and issubclass(found, Initializer)):
        raise ValueError(f"Unknown initializer: {given}")
    return found()


def default_for(dtype: DType, name: str) -> Initializer:
    """What get_variable() takes when it is told none."""
    if dtype.is_floating:
        return GlorotUniform()
    if dtype.is_integer or dtype.is_bool:
        return Zeros(dtype)
    raise ValueError(f"An initializer for variable {name} of {dtype} is required")
