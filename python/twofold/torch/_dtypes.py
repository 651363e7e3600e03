"""torch.dtype, torch.Size, torch.device."""

from __future__ import annotations

import math
from collections.abc import Iterable


class dtype:
    """An element type: torch.float32 and its kin. `_dtype` is the engine's number for it."""

    __module__ = "torch"
    __slots__ = ("_dtype", "_name", "_legacy", "itemsize")

    def __new__(cls, *args: object, **keywords: object) -> dtype:
        raise TypeError("cannot create 'torch.dtype' instances")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch.dtype' objects is not writable")

    @property
    def is_floating_point(self) -> bool:
        return self._dtype >= 6

    @property
    def is_signed(self) -> bool:
        return self._dtype >= 2

    @property
    def is_complex(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"torch.{self._name}"

    def __reduce__(self) -> tuple:
        return (_dtype_numbered, (self._dtype,))


def _dtype_numbered(number: int) -> dtype:
    return DTYPES[number]


def _made(number: int, name: str, legacy: str, itemsize: int) -> dtype:
    made = object.__new__(dtype)
    for slot, value in zip(dtype.__slots__, (number, name, legacy, itemsize)):
        object.__setattr__(made, slot, value)
    return made


# In the engine's order: a tensor's `_dtype` is the index here.
DTYPES = [
    _made(0, "bool", "Bool", 1),
    _made(1, "uint8", "Byte", 1),
    _made(2, "int8", "Char", 1),
    _made(3, "int16", "Short", 2),
    _made(4, "int32", "Int", 4),
    _made(5, "int64", "Long", 8),
    _made(6, "float16", "Half", 2),
    _made(7, "bfloat16", "BFloat16", 2),
    _made(8, "float32", "Float", 4),
    _made(9, "float64", "Double", 8),
]
(bool_, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64) = DTYPES
LEGACY = {d._legacy: d for d in DTYPES}


class Size(tuple):
    """The sizes of a tensor: a tuple that prints as torch.Size([2, 3])."""

    __module__ = "torch"
    __slots__ = ()

    def numel(self) -> int:
        return math.prod(self)

    def __reduce__(self) -> tuple:
        return (_size, (tuple(self),))

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __getitem__(self, key: object) -> object:
        item = tuple.__getitem__(self, key)  # type: ignore[index]
        return Size(item) if isinstance(key, slice) else item

    def __add__(self, other: Iterable) -> Size:  # type: ignore[override]
        return Size(tuple.__add__(self, tuple(other)))


def _size(sizes: tuple) -> Size:
    return Size(sizes)


class device:
    """Where a tensor lives: torch.device('cpu'). There is no other device in this build."""

    __module__ = "torch"
    __slots__ = ("type", "index")

    def __init__(self, type: str | device, index: int | None = None) -> None:
        name, colon, number = str(type).partition(":")
        if name not in ("cpu", "cuda", "mps", "meta"):
            raise RuntimeError(f"Expected one of cpu, cuda, mps, meta device type at start of device string: {name}")
        self.type, self.index = name, int(number) if colon else index

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        rest = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{rest})"

    def __reduce__(self) -> tuple:
        return (_device, (str(self),))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _device(name: str) -> device:
    return device(name)


CPU = device("cpu")


def checked_device(where: object) -> device:
    """`where` as a device that this build has; RuntimeError with PyTorch's words otherwise."""
    place = where if isinstance(where, device) else device(where if isinstance(where, str) else f"cuda:{where}")
    if place.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    return place
