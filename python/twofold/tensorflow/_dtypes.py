"""tf.DType, tf.TensorShape, tf.Dimension."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from twofold import _core


class DType:
    """An element type: tf.float32 and its kin; `_ref` types are those of variables."""

    __module__ = "tensorflow.python.framework.dtypes"
    __slots__ = ("_dtype", "_name", "_is_ref")

    def __init__(self, number: int, name: str, is_ref: bool = False) -> None:
        self._dtype, self._name, self._is_ref = number, name, is_ref

    @property
    def name(self) -> str:
        return self._name + ("_ref" if self._is_ref else "")

    @property
    def base_dtype(self) -> DType:
        return BY_NUMBER[self._dtype]

    @property
    def _is_ref_dtype(self) -> bool:
        return self._is_ref

    @property
    def as_numpy_dtype(self) -> type:
        return np.dtype(self._name).type

    @property
    def is_floating(self) -> bool:
        return self._dtype >= 6

    @property
    def is_integer(self) -> bool:
        return 1 <= self._dtype <= 5

    @property
    def is_bool(self) -> bool:
        return self._dtype == 0

    @property
    def size(self) -> int:
        return np.dtype(self._name).itemsize

    @property
    def min(self) -> Any:
        return np.finfo(self._name).min if self.is_floating else np.iinfo(self._name).min

    @property
    def max(self) -> Any:
        return np.finfo(self._name).max if self.is_floating else np.iinfo(self._name).max

    def is_compatible_with(self, other: Any) -> bool:
        return as_dtype(other)._dtype == self._dtype

    def __eq__(self, other: object) -> bool:
        try:
            return other is not None and as_dtype(other).name == self.name
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __reduce__(self) -> tuple:
        return as_dtype, (self._name,)


_NAMES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
BY_NUMBER = [DType(k, name) for k, name in enumerate(_NAMES)]
REFS = [DType(k, name, True) for k, name in enumerate(_NAMES)]
bool_, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64 = BY_NUMBER
_ALIASES = {"half": float16, "float": float32, "double": float64}


def as_dtype(value: Any) -> DType:
    """A DType from a DType, a name ('float', 'float32', 'float32_ref'), a NumPy dtype or a Python type."""
    if isinstance(value, DType):
        return value
    if isinstance(value, str):
        if value in _ALIASES:
            return _ALIASES[value]
        if value.endswith("_ref") and value[:-4] in _NAMES:
            return REFS[_NAMES.index(value[:-4])]
    number = _core.dtype_number(value)
    if number < 0:
        raise TypeError(f"Cannot convert value {value!r} to a TensorFlow DType.")
    return BY_NUMBER[int(number)]


class Dimension:
    """One size of a TensorShape; `value` is None where it is unknown."""

    __module__ = "tensorflow.python.framework.tensor_shape"
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value.value if isinstance(value, Dimension) else None if value is None else int(value)

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)

    def __int__(self) -> int:
        return self.value

    def __index__(self) -> int:
        if self.value is None:
            raise TypeError("an unknown dimension has no value")
        return self.value

    def __eq__(self, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        return None if value is None or self.value is None else self.value == value

    def __hash__(self) -> int:
        return hash(self.value)

    def _with(self, other: Any, compute: Any) -> Dimension:
        value = Dimension(other).value
        return Dimension(None if value is None or self.value is None else compute(self.value, value))

    def __mul__(self, other: Any) -> Dimension:
        return self._with(other, lambda a, b: a * b)

    def __add__(self, other: Any) -> Dimension:
        return self._with(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Dimension:
        return self._with(other, lambda a, b: a - b)

    def __floordiv__(self, other: Any) -> Dimension:
        return self._with(other, lambda a, b: a // b)

    __rmul__, __radd__ = __mul__, __add__


class TensorShape:
    """What is known of a tensor's sizes. Not a tuple: '%s' % shape prints it."""

    __module__ = "tensorflow.python.framework.tensor_shape"
    __slots__ = ("_sizes",)

    def __init__(self, dims: Any) -> None:
        if isinstance(dims, TensorShape):
            self._sizes = dims._sizes
        elif dims is None:
            self._sizes: tuple[int | None, ...] | None = None
        else:
            listed = dims if isinstance(dims, (list, tuple, np.ndarray)) else [dims]
            self._sizes = tuple(Dimension(None if d is None or d == -1 else d).value for d in listed)

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self._sizes is None else [Dimension(n) for n in self._sizes]

    @property
    def ndims(self) -> int | None:
        return None if self._sizes is None else len(self._sizes)

    rank = ndims

    def as_list(self) -> list[int | None]:
        if self._sizes is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._sizes)

    def num_elements(self) -> int | None:
        if not self.is_fully_defined():
            return None
        return int(np.prod(self._sizes, dtype=np.int64))

    def is_fully_defined(self) -> bool:
        return self._sizes is not None and None not in self._sizes

    def is_compatible_with(self, other: Any) -> bool:
        theirs = TensorShape(other)._sizes
        if self._sizes is None or theirs is None:
            return True
        return len(self._sizes) == len(theirs) and all(
            a is None or b is None or a == b for a, b in zip(self._sizes, theirs)
        )

    def merge_with(self, other: Any) -> TensorShape:
        other = TensorShape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        if self._sizes is None or other._sizes is None:
            return other if self._sizes is None else self
        return TensorShape([b if a is None else a for a, b in zip(self._sizes, other._sizes)])

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def with_rank(self, rank: int) -> TensorShape:
        if self._sizes is not None and len(self._sizes) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def assert_has_rank(self, rank: int) -> None:
        self.with_rank(rank)

    def concatenate(self, other: Any) -> TensorShape:
        other = TensorShape(other)
        unknown = self._sizes is None or other._sizes is None
        return TensorShape(None if unknown else [*self._sizes, *other._sizes])

    def __len__(self) -> int:
        if self._sizes is None:
            raise ValueError("Cannot take the length of Shape with unknown rank.")
        return len(self._sizes)

    def __bool__(self) -> bool:
        return self._sizes is not None

    def __iter__(self) -> Iterator[Dimension]:
        if self._sizes is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(n) for n in self._sizes])

    def __getitem__(self, key: Any) -> Any:
        if self._sizes is None:
            return TensorShape(None) if isinstance(key, slice) else Dimension(None)
        return TensorShape(self._sizes[key]) if isinstance(key, slice) else Dimension(self._sizes[key])

    def __eq__(self, other: object) -> bool:
        try:
            return TensorShape(other)._sizes == self._sizes
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._sizes)

    def __str__(self) -> str:
        if self._sizes is None:
            return "<unknown>"
        inner = ", ".join("?" if n is None else str(n) for n in self._sizes)
        return f"({inner},)" if len(self._sizes) == 1 else f"({inner})"

    def __repr__(self) -> str:
        if self._sizes is None:
            return "TensorShape(None)"
        return f"TensorShape({[Dimension(n) for n in self._sizes]})"
