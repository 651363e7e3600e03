"""tf.Operation.node_def: an operation written in the text format of protocol buffers, as TensorFlow 1 prints it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from twofold.tensorflow._dtypes import DType, TensorShape
from twofold.tensorflow._node_attrs import attributes

if TYPE_CHECKING:
    from twofold.tensorflow._graph import Operation


class Enum(str):
    """A name that is written without quotes."""

    __slots__ = ()


class Message:
    """Fields by name, in the order in which they are written; a name may come again."""

    def __init__(self, fields: Sequence[tuple[str, Any]]) -> None:
        self._fields = list(fields)

    def __getattr__(self, name: str) -> Any:
        held = [value for field, value in self._fields if field == name]
        if not held:
            raise AttributeError(name)
        return held[0] if len(held) == 1 else held

    def __str__(self) -> str:
        return "".join(line + "\n" for line in self._lines())

    __repr__ = __str__

    def _lines(self) -> Iterator[str]:
        for name, value in self._fields:
            if isinstance(value, Message):
                yield name + " {"
                yield from ("  " + line for line in value._lines())
                yield "}"
            else:
                yield f"{name}: {_scalar(value)}"


class NodeDef(Message):
    """`name`, `op`, `input`, `device`, and `attr` by name."""

    def __init__(self, op: Operation) -> None:
        self.name, self.op, self.device = op.name, op.type, op.device
        self.input = [i.name.removesuffix(":0") for i in op._inputs] + [f"^{c.name}" for c in op.control_inputs]
        self.attr = {key: _attr_value(value) for key, value in sorted(attributes(op).items())}
        device = [("device", op.device)] if op.device else []
        attrs = [("attr", Message([("key", key), ("value", value)])) for key, value in self.attr.items()]
        super().__init__([("name", op.name), ("op", op.type), *(("input", i) for i in self.input), *device, *attrs])


_ESCAPED = {9: r"\t", 10: r"\n", 13: r"\r", 34: r"\"", 39: r"\'", 92: r"\\"}


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum) or not isinstance(value, (str, bytes)):
        return str(value)
    data = value.encode() if isinstance(value, str) else value
    return '"' + "".join(_ESCAPED.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in data) + '"'


# --- values -------------------------------------------------------------------------------------------------------
_TYPES = {"float32": "DT_FLOAT", "float64": "DT_DOUBLE", "float16": "DT_HALF"}


def _type(dtype: DType) -> Enum:
    name = dtype.base_dtype.name
    return Enum(_TYPES.get(name, f"DT_{name.upper()}"))


def _attr_value(value: Any) -> Message:
    """An attribute in the field that its kind has."""
    if isinstance(value, list):
        return Message([("list", Message([pair for v in value for pair in _attr_value(v)._fields]))])
    if isinstance(value, DType):
        return Message([("type", _type(value))])
    if isinstance(value, TensorShape):
        return Message([("shape", shape_proto(value))])
    if isinstance(value, tuple):
        return Message([("tensor", tensor_proto(*value))])
    if isinstance(value, float):
        return Message([("f", float(np.float32(value)))])
    return Message([({bool: "b", int: "i"}.get(type(value), "s"), value)])


def shape_proto(shape: TensorShape) -> Message:
    if shape._sizes is None:
        return Message([("unknown_rank", True)])
    sizes = (-1 if n is None else n for n in shape._sizes)
    return Message([("dim", Message([("size", n)] if n else [])) for n in sizes])


_FIELDS = {"float32": "float_val", "float64": "double_val", "float16": "half_val", "bfloat16": "half_val", "int64": "int64_val", "bool": "bool_val"}
_ONE_BY_ONE = ("float16", "bfloat16", "bool")  # other dtypes are written as bytes where there are several numbers


def tensor_proto(array: np.ndarray, dtype: DType, given: int) -> Message:
    """A constant of which the program gave the first `given` elements; the last of these fills the rest."""
    head = [("dtype", _type(dtype)), ("tensor_shape", shape_proto(TensorShape(array.shape)))]
    if given == array.size > 1 and dtype.name not in _ONE_BY_ONE:
        return Message([*head, ("tensor_content", array.tobytes())])
    numbers = array.reshape(-1)[:given]
    if dtype.name == "float16":
        numbers = numbers.view(np.uint16)
    elif dtype.name == "bfloat16":
        bits = numbers.astype(np.float32).view(np.uint32)
        numbers = bits + 0x7FFF + (bits >> 16 & 1) >> 16
    return Message([*head, *((_FIELDS.get(dtype.name, "int_val"), n) for n in numbers.tolist())])


def get_attr(op: Operation, name: str) -> Any:
    """One attribute as a Python value; bytes where it is a string."""
    known = attributes(op)
    if name not in known:
        raise ValueError(f"Operation '{op.name}' has no attr named '{name}'.")
    value = known[name]
    if isinstance(value, TensorShape):
        return shape_proto(value)
    return tensor_proto(*value) if isinstance(value, tuple) else value
