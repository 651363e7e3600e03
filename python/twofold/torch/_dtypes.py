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
_PYTHON = {bool: bool_, int: int64, float: float64}
# As the C++ compiler calls them, which PyTorch prints in places.
C_TYPES = ["bool", "unsigned char", "signed char", "short", "int", "long int", "c10::Half", "c10::BFloat16", "float", "double"]
LEGACY = {d._legacy: d for d in DTYPES}


def dtype_of(named: object) -> dtype:
    """A dtype, or one of Python's types that stands for one."""
    found = named if isinstance(named, dtype) else _PYTHON.get(named)  # type: ignore[call-overload]
    if found is None:
        raise TypeError(f"dtype must be torch.dtype, not {named.__name__ if isinstance(named, type) else type(named).__name__}")
    return found


class Named(str):
    """A name that prints as itself: torch.strided and the like."""

    def __repr__(self) -> str:
        return str(self)


strided = Named("torch.strided")
contiguous_format, preserve_format, channels_last = (
    Named(f"torch.{name}") for name in ("contiguous_format", "preserve_format", "channels_last")
)


class Size(tuple):
    """The sizes of a tensor: a tuple that prints as torch.Size([2, 3])."""

    __module__ = "torch"
    __slots__ = ()

    def __new__(cls, sizes: Iterable = ()) -> Size:
        made = tuple.__new__(cls, sizes)
        for k, n in enumerate(made):
            if not hasattr(n, "__index__") and n is not None:
                raise TypeError(f"torch.Size() takes an iterable of 'int' (item {k} is '{type(n).__name__}')")
        return made

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

    def __mul__(self, count: int) -> Size:  # type: ignore[override]
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__


_DEVICES = ("cpu", "cuda", "ipu", "xpu", "mkldnn", "opengl", "opencl", "ideep", "hip", "ve", "fpga", "maia", "xla", "lazy",
            "vulkan", "mps", "meta", "hpu", "mtia", "privateuseone")  # fmt: skip


def _size(sizes: tuple) -> Size:
    return Size(sizes)


class device:
    """Where a tensor lives: torch.device('cpu'). There is no other device in this build."""

    __module__ = "torch"
    __slots__ = ("type", "index")

    def __init__(self, type: str | device, index: int | None = None) -> None:
        name, colon, number = str(type).partition(":")
        if name not in _DEVICES:
            raise RuntimeError(f"Expected one of {', '.join(_DEVICES)} device type at start of device string: {name}")
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
