"""torch.manual_seed and random tensors: PyTorch's own numbers (mt19937, its order of draws)."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from twofold import _core
from twofold.torch import _dtypes
from twofold.torch._creation import default_float, filled, from_numpy, size_of
from twofold.torch._dtypes import CPU, dtype, dtype_of
from twofold.torch._tensor import FACE, Tensor


class Generator:
    """A stream of random numbers: torch.Generator().manual_seed(3), given as `generator=`."""

    __module__ = "torch._C"

    def __init__(self, device: Any = "cpu") -> None:
        _dtypes.checked_device(device)
        self._core = _core.TorchGenerator(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        self._core.manual_seed(_seed_of(seed))
        return self

    def seed(self) -> int:
        value = int.from_bytes(os.urandom(7), "little")
        self.manual_seed(value)
        return value

    def initial_seed(self) -> int:
        return self._core.initial_seed()

    def get_state(self) -> Tensor:
        return from_numpy(np.frombuffer(self._core.state(), np.uint8).copy())

    def set_state(self, new_state: Tensor) -> Generator:
        if not isinstance(new_state, Tensor) or new_state.dtype is not _dtypes.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        self._core.set_state(new_state.numpy().tobytes())
        return self

    @property
    def device(self) -> _dtypes.device:
        return CPU


class _Default(Generator):
    """The one that is drawn from where no generator is given."""

    __module__ = "torch._C"
    _core = property(lambda self: _core.torch_generator())

    def __init__(self) -> None:
        pass


def _seed_of(seed: Any) -> int:
    value = int(seed)
    if not -(2**63) <= value < 2**64:
        raise ValueError("Overflow when unpacking long long")
    return value % 2**64


_Default.__name__ = _Default.__qualname__ = "Generator"
default_generator = _Default()


def manual_seed(seed: int) -> Generator:
    """Starts the generator anew: the draws after it are PyTorch's draws."""
    _core.manual_seed(_seed_of(seed))
    return default_generator.manual_seed(seed)


def seed() -> int:
    """A seed of the operating system's; returns it."""
    value = default_generator.seed()
    _core.manual_seed(value)
    return value


def initial_seed() -> int:
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The generator's state, for set_rng_state(); PyTorch can read it too."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    default_generator.set_state(new_state)


def _stream(generator: Generator | None) -> Any:
    return (default_generator if generator is None else generator)._core


# --- in place -----------------------------------------------------------------------------------------------------
def _floating(tensor: Tensor, kernel: str) -> None:
    if not tensor.is_floating_point():
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{tensor.dtype._legacy}'")


def uniform_(self: Tensor, a: float = 0.0, b: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    _floating(self, "check_uniform_bounds")
    if not a <= b:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={a:g} > to={b:g}")
    _stream(generator).uniform(self, a, b)
    return self


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    _floating(self, "normal_kernel_cpu")
    _stream(generator).normal(self, mean, std)
    return self


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    if isinstance(p, Tensor):
        return self.copy_(bernoulli(p.expand(self._shape), generator=generator))
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    _stream(generator).bernoulli(self, p)
    return self


_LIMITS = {"bool": (0, 1), "float16": (-(2**11), 2**11), "bfloat16": (-(2**8), 2**8), "float32": (-(2**24), 2**24),
           "float64": (-(2**53), 2**53)}  # fmt: skip
_C_NAMES = {"bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short", "int32": "int", "int64": "long"}


def _check_range(of: dtype, low: int, high: int) -> None:
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if of.is_floating_point:
        return
    least, most = _LIMITS.get(of._name) or (np.iinfo(of._name).min, np.iinfo(of._name).max)
    for name, value in (("from", low), ("to - 1", high - 1)):
        if not least <= value <= most:
            raise RuntimeError(f"{name} is out of bounds for {_C_NAMES[of._name]}")


def random_(self: Tensor, *limits: int, generator: Generator | None = None, **named: int) -> Tensor:
    """random_(): any that the dtype holds; random_(to) and random_(from, to): from 0, or `from`, to below `to`."""
    if not limits and not named:
        _stream(generator).any_integers(self)
        return self
    low, high = (named.get("from", 0), named["to"]) if named else limits if len(limits) == 2 else (0, *limits)
    _check_range(self.dtype, low, high)
    _stream(generator).integers(self, low, high)
    return self


for _method in (uniform_, normal_, bernoulli_, random_):
    setattr(Tensor, _method.__name__, _method)


# --- new tensors --------------------------------------------------------------------------------------------------
def _empty(shape: tuple, d: Any) -> Tensor:
    if any(n < 0 for n in shape if isinstance(n, int)):
        bad = next(n for n in shape if n < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {bad}: {list(shape)}")
    return _core.empty(list(shape), default_float() if d is None else dtype_of(d), FACE)


def rand(*size: Any, generator: Generator | None = None, dtype: Any = None, **options: Any) -> Tensor:
    """Uniform in [0, 1)."""
    return filled(uniform_(_empty(size_of("rand", size, options), dtype), generator=generator), "rand", options)


def randn(*size: Any, generator: Generator | None = None, dtype: Any = None, **options: Any) -> Tensor:
    """Normal, mean 0, variance 1."""
    return filled(normal_(_empty(size_of("randn", size, options), dtype), generator=generator), "randn", options)


def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Any = None,
           **options: Any) -> Tensor:  # fmt: skip
    """Normal numbers of this mean and deviation, which may be tensors: then one number for each of their elements."""
    given = [t for t in (mean, std) if isinstance(t, Tensor)]
    if not given:
        return filled(normal_(_empty(tuple(size), dtype), mean, std, generator=generator), "normal", options)
    shape = (given[0] + given[1]).shape if len(given) == 2 else given[0].shape
    draws = normal_(_core.empty(list(shape), given[0].dtype, FACE), generator=generator)
    return draws * std + mean


def randint(*limits: Any, low: Any = None, high: Any = None, size: Any = None, generator: Generator | None = None, dtype: Any = None,
            **options: Any) -> Tensor:  # fmt: skip
    """randint(high, size) starts at 0, randint(low, high, size) at low; `high` is left out."""
    given = list(limits)
    if size is None and given:
        size = given.pop()
    ends = [*given, *(v for v in (low, high) if v is not None)]
    start, end = ends if len(ends) == 2 else (0, *ends)
    wanted = _dtypes.int64 if dtype is None else dtype_of(dtype)
    _check_range(wanted, int(start), int(end))
    made = _empty(tuple(size), wanted)
    _stream(generator).integers(made, int(start), int(end))
    return filled(made, "randint", options)


def randperm(n: int, *, generator: Generator | None = None, dtype: Any = None, **options: Any) -> Tensor:
    """0 .. n-1 in a random order."""
    made = _empty((n,), _dtypes.int64)
    _stream(generator).permutation(made)
    return filled(made if dtype is None else made.to(dtype), "randperm", options)


def _like(input: Tensor, d: Any) -> Tensor:
    return _core.empty(input._shape, input.dtype if d is None else dtype_of(d), FACE)


def rand_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    return filled(uniform_(_like(input, dtype)), "rand_like", options)


def randn_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    return filled(normal_(_like(input, dtype)), "randn_like", options)


def randint_like(input: Tensor, low: int, high: int | None = None, *, dtype: Any = None, **options: Any) -> Tensor:
    ends = (0, low) if high is None else (low, high)
    return randint(*ends, tuple(input.shape), dtype=input.dtype if dtype is None else dtype, **options)


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that stands in `input` (or with `p` for all), else 0."""
    made = _core.empty(input._shape, input.dtype, FACE)
    if p is not None:
        return bernoulli_(made, p, generator=generator)
    _floating(input, "bernoulli_tensor_cpu_p_")
    _stream(generator).bernoulli_each(made, input.detach())
    return made


Tensor.bernoulli = bernoulli
