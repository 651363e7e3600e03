"""torch.manual_seed and random tensors: PyTorch's own numbers (mt19937, its order of draws)."""

from __future__ import annotations

import os
from typing import Any

from twofold import _core
from twofold.torch import _dtypes
from twofold.torch._creation import _finish, get_default_dtype
from twofold.torch._dtypes import dtype
from twofold.torch._tensor import FACE, Tensor, _sizes


def manual_seed(seed: int) -> None:
    """Starts the generator anew: the draws after it are PyTorch's draws."""
    _core.torch_seed(seed % 2**64)
    _core.manual_seed(seed % 2**64)


def seed() -> int:
    """A seed of the operating system's; returns it."""
    value = int.from_bytes(os.urandom(7), "little")
    manual_seed(value)
    return value


def initial_seed() -> int:
    return _core.torch_initial_seed()


def _empty(size: tuple, d: dtype | None) -> Tensor:
    return _core.empty(list(_sizes(size)), d or get_default_dtype(), FACE)


def rand(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    """Uniform in [0, 1)."""
    made = _empty(size, dtype)
    _core.torch_uniform(made, 0.0, 1.0)
    return _finish(made, requires_grad, device)


def randn(*size: Any, dtype: dtype | None = None, device: Any = None, requires_grad: bool = False, **_: Any) -> Tensor:
    """Normal, mean 0, variance 1."""
    made = _empty(size, dtype)
    _core.torch_normal(made, 0.0, 1.0)
    return _finish(made, requires_grad, device)


def normal(mean: float = 0.0, std: float = 1.0, size: Any = (), **kwargs: Any) -> Tensor:
    made = _empty((tuple(size),), kwargs.get("dtype"))
    _core.torch_normal(made, mean, std)
    return made


def randint(low: int, high: Any = None, size: Any = None, dtype: dtype | None = None, **_: Any) -> Tensor:
    """Integers in [low, high); randint(high, size) starts at 0."""
    if not isinstance(high, int):
        low, high, size = 0, low, high if size is None else size
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    made = _empty((tuple(size),), dtype or _dtypes.int64)
    _core.torch_integers(made, low, high)
    return made


def randperm(n: int, dtype: dtype | None = None, **_: Any) -> Tensor:
    """0 .. n-1 in a random order."""
    made = _empty((n,), _dtypes.int64)
    _core.torch_permutation(made)
    return made if dtype is None else made.to(dtype)


def rand_like(input: Tensor, dtype: dtype | None = None, **_: Any) -> Tensor:
    return rand(tuple(input.shape), dtype=dtype or input.dtype)


def randn_like(input: Tensor, dtype: dtype | None = None, **_: Any) -> Tensor:
    return randn(tuple(input.shape), dtype=dtype or input.dtype)


def _uniform_(self: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    _core.torch_uniform(self, a, b)
    return self


def _normal_(self: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    _core.torch_normal(self, mean, std)
    return self


Tensor.uniform_, Tensor.normal_ = _uniform_, _normal_
