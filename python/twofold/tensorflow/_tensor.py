"""tf.Tensor, and turning Python values into tensors of a graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from twofold import _core, _samples
from twofold.tensorflow._dtypes import BY_NUMBER, REFS, DType, TensorShape, as_dtype
from twofold.tensorflow._graph import Graph, Operation, get_default_graph, graph_of

FACE = 2


class Tensor(_core.Tensor):
    """What an operation of a graph will compute when the graph runs."""

    __module__ = "tensorflow.python.framework.ops"
    __slots__ = ("_home",)  # its graph, which lives as long as it does
    __array_priority__ = 100

    @property
    def graph(self) -> Graph:
        try:
            return object.__getattribute__(self, "_home")
        except AttributeError:
            self._home = graph_of(self)
            return self._home

    @property
    def op(self) -> Operation:
        return self.graph.operation_of(self._edge)

    @property
    def value_index(self) -> int:
        outputs, told = self.op.outputs, self.graph._indices.get(self._edge)
        if told is not None:
            return told
        return outputs.index(self) if self in outputs else self._edge[2]

    @property
    def name(self) -> str:
        return f"{self.op.name}:{self.value_index}"

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def dtype(self) -> DType:
        return BY_NUMBER[self._dtype]

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self._shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Adds what the program knows of the sizes; ValueError where the graph knows otherwise."""
        given = TensorShape(shape)
        if not self.shape.is_compatible_with(given):
            raise ValueError(unequal(self._shape, given.as_list()))
        _core.refine_shape(self, self.shape.merge_with(given)._sizes)

    def consumers(self) -> list[Operation]:
        return [op for op in self.graph.get_operations() if any(i is self or i == self for i in op.inputs)]

    def eval(self, feed_dict: dict | None = None, session: Any = None) -> Any:
        """The value, computed by `session` or the default one."""
        from twofold.tensorflow._session import session_for

        return session_for(session, self.graph, "evaluate tensor using `eval()`", "eval").run(self, feed_dict)

    def __str__(self) -> str:
        parts = [f'"{self.name}"']
        if self._shape is not None:
            parts.append(f"shape={self.shape}")
        parts.append(f"dtype={self.dtype.name}")
        if self.device:
            parts.append(f"device={self.device}")
        return f"Tensor({', '.join(parts)})" + _samples.shown(self)

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>" + _samples.shown(self)

    # Identity, as in TensorFlow 1: two handles on one node are the same tensor.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _core.Tensor) and self._edge == other._edge

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._edge)

    def __bool__(self) -> bool:
        raise TypeError(
            "Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` instead of `if t:` to test "
            "if a tensor is defined, and use TensorFlow ops such as tf.cond to execute subgraphs conditioned on the "
            "value of a tensor."
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            "Tensor objects are only iterable when eager execution is enabled. To iterate over this tensor use tf.map_fn."
        )

    def __len__(self) -> int:
        raise TypeError(f"len is not well defined for symbolic Tensors. ({self.name}) Please call `x.shape` rather than `len(x)` for shape information.")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("'Tensor' object does not support item assignment")

    def __float__(self) -> float:
        raise TypeError("float() argument must be a string or a real number, not 'Tensor'")

    def __int__(self) -> int:
        raise TypeError("int() argument must be a string, a bytes-like object or a real number, not 'Tensor'")

    def __index__(self) -> int:
        raise TypeError("'Tensor' object cannot be interpreted as an integer")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")

    def __reduce__(self) -> tuple:
        raise TypeError("a tensor of a graph cannot be pickled")


class RefTensor(Tensor):
    """A variable's memory as an operation that changes it gives it: its dtype is a reference."""

    __slots__ = ()

    @property
    def dtype(self) -> DType:
        return REFS[self._dtype]


_core.set_face_type(FACE, Tensor)


# --- converting ---------------------------------------------------------------------------------------------------
def _find_bad(values: Any, dtype: DType) -> Any:
    """The first Python number that `dtype` does not take, or None."""
    if isinstance(values, (list, tuple)):
        return next((bad for v in values if (bad := _find_bad(v, dtype)) is not None), None)
    if isinstance(values, float) and not dtype.is_floating:
        return values
    if isinstance(values, bool) and dtype._dtype != 0:
        return values
    if isinstance(values, int) and not isinstance(values, bool) and dtype._dtype == 0:
        return values
    return values if isinstance(values, str) else None


def _default_array(values: Any) -> np.ndarray:
    """Python floats are float32, integers int32 (int64 where they need it); arrays keep their dtype."""
    array = dense(values)
    if isinstance(values, (np.ndarray, np.generic)):
        return array
    inner = values
    while isinstance(inner, (list, tuple)) and inner:
        inner = inner[0]
    if isinstance(inner, (np.ndarray, np.generic)):
        return array
    if array.dtype == np.float64:
        return array.astype(np.float32)
    if array.dtype == np.int64 and (array.size == 0 or (np.abs(array) < 2**31).all()):
        return array.astype(np.float32 if array.size == 0 else np.int32)
    return array


def dense(values: Any) -> np.ndarray:
    """The array; lists in it that should be of one length are."""
    try:
        return np.asarray(values)
    except ValueError:
        inner, wanted = values, []
        while isinstance(inner, (list, tuple)) and len(wanted) < 64:  # a list may hold itself
            inner, wanted = (inner[0] if inner else None), [*wanted, len(inner)]
        raise ValueError(f"Argument must be a dense tensor: {values} - got shape {wanted[:1]}, but wanted {wanted}.") from None


def to_array(values: Any, dtype: Any = None) -> np.ndarray:
    """The array that a constant of these values holds; TypeError for numbers that the dtype does not take."""
    if values is None:
        raise ValueError("None values not supported.")
    if dtype is None:
        array = _default_array(values)
        if array.dtype == object or array.dtype.kind in "US":
            raise TypeError(f"Failed to convert object of type {type(values)} to Tensor. Contents: {values}. Consider casting elements to a supported type.")
        return array
    wanted = as_dtype(dtype).base_dtype
    bad = None if isinstance(values, (np.ndarray, np.generic)) else _find_bad(values, wanted)
    if bad is not None:
        raise TypeError(f"Expected {wanted.name}, got {bad!r} of type '{type(bad).__name__}' instead.")
    array = dense(values)
    if array.dtype.kind in "iuO" and wanted.is_integer and not isinstance(values, (np.ndarray, np.generic)):
        bounds = np.iinfo(wanted.name)
        if any(not bounds.min <= v <= bounds.max for v in array.flat):
            raise ValueError(f"Expected {wanted.name}, got {values!r}, which lies outside [{bounds.min}, {bounds.max}].")
    return array.astype(storage(wanted))


def storage(dtype: Any) -> str:
    """The NumPy dtype that holds a constant's values: NumPy has no bfloat16."""
    return "float32" if dtype._name == "bfloat16" else dtype._name


def sizes_array(sizes: Any) -> np.ndarray:
    """Sizes as TensorFlow holds them: in int32 where they fit."""
    array = np.array(sizes, np.int64)
    return array if (np.abs(array) >= 2**31).any() else array.astype(np.int32)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const", verify_shape: bool = False) -> Tensor:
    """A tensor that always has this value; with `shape`, the last value repeats to fill it."""
    if isinstance(value, _core.Tensor) and value._symbolic:
        raise TypeError("List of Tensors when single Tensor expected")
    array = to_array(value, dtype)
    if array.nbytes >= 2**31:
        raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
    given = array.size
    if shape is not None:
        array = _filled(array, tuple(TensorShape(shape).as_list()), verify_shape)
    graph = get_default_graph()
    return constant_named(graph, array, graph.exact_name(name, "node"), None if dtype is None else as_dtype(dtype)._name, given)


def _filled(array: np.ndarray, shape: tuple, verify_shape: bool) -> np.ndarray:
    count = int(np.prod(shape, dtype=np.int64))
    if verify_shape and array.shape != shape:
        raise TypeError(f"Expected Tensor's shape: {shape}, got {array.shape}.")
    if array.size > count:
        raise ValueError(f"Too many elements provided. Needed at most {count}, but received {array.size}")
    flat = array.reshape(-1)
    if flat.size < count:
        flat = np.concatenate([flat, np.repeat(flat[-1:], count - flat.size)])
    return flat.reshape(shape)


def constant_named(graph: Graph, array: np.ndarray, name: str, dtype: str | None = None, given: int | None = None) -> Tensor:
    """A constant under an exact name; the program gave the first `given` elements, all by default."""
    value = _core.tensor(array, dtype, 0)
    attrs = {"given": array.size if given is None else given, "dtype": BY_NUMBER[value._dtype]}
    op = graph.add(name, "Const", lambda: graph._core.constant(value, name), attrs=attrs)
    op.value = array
    return op.outputs[0]


def _has_tensor(values: Any) -> bool:
    if isinstance(values, (list, tuple)):
        return any(_has_tensor(v) for v in values)
    return hasattr(values, "_as_graph_element") or (isinstance(values, _core.Tensor) and values._symbolic)


def convert(value: Any, dtype: Any = None, name: str = "Const", preferred: Any = None) -> Tensor:
    """Anything that an operation takes, as a tensor; what is no tensor yet becomes a constant of this name."""
    if hasattr(value, "_as_graph_element"):
        value = value._as_tensor() if hasattr(value, "_as_tensor") else value._as_graph_element()
    if isinstance(value, _core.Tensor) and value._symbolic:
        value = value if isinstance(value, Tensor) else _core.as_class(value, Tensor)
        if dtype is not None and as_dtype(dtype)._dtype != value._dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor with dtype {value.dtype.name}: "
                f"{value!r}"
            )
        return value
    if isinstance(value, _core.Tensor):
        value = value.detach().numpy()
    if isinstance(value, Operation):
        raise TypeError(f"Can't convert Operation '{value.name}' to Tensor (target dtype={dtype}, name={name!r})")
    if isinstance(value, TensorShape):
        value = _sizes_of(value)
    if _has_tensor(value):
        return packed(value, dtype, "packed" if name == "Const" else name)
    if dtype is None and preferred is not None:
        try:
            return constant(value, preferred, name=name)
        except (TypeError, ValueError):
            pass
    return constant(value, dtype, name=name)


def _sizes_of(shape: TensorShape) -> np.ndarray:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {shape}")
    return np.array(shape.as_list(), np.int32)


def _dtype_within(values: Any) -> DType | None:
    """The dtype of the first tensor in nested lists."""
    if isinstance(values, (list, tuple)):
        return next((d for v in values if (d := _dtype_within(v)) is not None), None)
    return convert(values).dtype if _has_tensor(values) else None


def packed(values: Any, dtype: Any, name: str) -> Tensor:
    """Nested lists with tensors in them as one tensor; numbers become constants called by their places."""
    wanted = _dtype_within(values) if dtype is None else as_dtype(dtype)
    graph = get_default_graph()
    with graph.name_scope(name) as scope:
        parts = []
        for k, v in enumerate(values):
            nested = isinstance(v, (list, tuple)) and _has_tensor(v)
            parts.append(packed(v, wanted, str(k)) if nested else convert(v, None if _has_tensor(v) else wanted, name=str(k)))
            if parts[-1]._dtype != wanted._dtype:
                raise TypeError(f"Cannot convert a list containing a tensor of dtype {parts[-1].dtype} to {wanted} (Tensor is: {parts[-1]!r})")
        return pack(parts, 0, scope)


def pack(parts: list[Tensor], axis: int, scope: str) -> Tensor:
    """Tensors of one shape along a new axis, as the operation that a scope was opened for."""
    graph, name = same_graph(parts), scope[:-1]

    known = next((p for p in parts if p.shape.is_fully_defined()), None)

    def raised(p: Tensor) -> Any:
        """With the new axis; a part of unknown rank has the others' shape."""
        if p._shape is None and known is not None:
            p = graph._core.record("reshape", [p], {"shape": list(known._shape)}, name)[0]
        return graph._core.record("unsqueeze", [p], {"axis": axis}, name)[0]

    def compute() -> Any:
        return graph._core.record("concat", [raised(p) for p in parts], {"axis": axis}, name)

    for p in parts[1:]:
        if not p.shape.is_compatible_with(parts[0].shape):
            raise ValueError(
                f"{unequal(parts[0]._shape, p._shape)}\n\tFrom merging shape 0 with other shapes."
                f" for '{name}' (op: 'Pack') with input shapes: {', '.join(str(list(t._shape)) for t in parts)}."
            )
    return graph.add(name, "Pack", compute, parts, {"axis": axis}).outputs[0]


def unequal(a: Sequence[int | None], b: Sequence[int | None]) -> str:
    """What two shapes differ in."""
    if len(a) != len(b):
        return f"Shapes must be equal rank, but are {len(a)} and {len(b)}"
    k = next(k for k, (m, n) in enumerate(zip(a, b)) if None not in (m, n) and m != n)
    texts = [f"[{','.join('?' if n is None else str(n) for n in sizes)}]" for sizes in (a, b)]
    return f"Dimension {k} in both shapes must be equal, but are {a[k]} and {b[k]}. Shapes are {texts[0]} and {texts[1]}."


def convert_to_tensor(value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None) -> Tensor:
    """A tensor with this value: arrays keep their dtype, Python floats become float32."""
    return convert(value, dtype, name or "Const", preferred_dtype)


def same_graph(values: list[Any]) -> Graph:
    """The graph of an operation's operands, else the default one."""
    first = None
    for t in values:
        if first is None:
            first = t
        elif t.graph is not first.graph:
            raise ValueError(f"{_shown(t)} must be from the same graph as {_shown(first)}.")
    return get_default_graph() if first is None else first.graph


def _shown(value: Any) -> Any:
    return value._as_tensor() if hasattr(value, "_as_tensor") else value
