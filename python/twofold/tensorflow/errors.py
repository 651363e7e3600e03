"""tf.errors: what a run refuses, and the words TensorFlow uses for what the engine refuses."""

from __future__ import annotations

import math
import re
from typing import Any

from twofold import _missing

_DTYPES = {
    "f32": "float32", "f64": "float64", "f16": "float16", "i32": "int32", "i64": "int64", "bool": "bool", "u8": "uint8",
    "i8": "int8", "i16": "int16", "bf16": "bfloat16",
}  # fmt: skip


class OpError(Exception):
    """Base of errors that a run raises: `message`, `op`, `node_def`, `error_code`."""

    __module__ = "tensorflow.python.framework.errors_impl"
    code = 2

    def __init__(self, node_def: Any = None, op: Any = None, message: str = "", error_code: int | None = None) -> None:
        super().__init__(message)
        self.node_def, self.op, self.message = node_def, op, message
        self.error_code = type(self).code if error_code is None else error_code

    def __str__(self) -> str:
        return self.message


def _kind(name: str, code: int) -> type:
    return type(name, (OpError,), {"code": code, "__module__": OpError.__module__})


CancelledError = _kind("CancelledError", 1)
UnknownError = _kind("UnknownError", 2)
InvalidArgumentError = _kind("InvalidArgumentError", 3)
DeadlineExceededError = _kind("DeadlineExceededError", 4)
NotFoundError = _kind("NotFoundError", 5)
AlreadyExistsError = _kind("AlreadyExistsError", 6)
PermissionDeniedError = _kind("PermissionDeniedError", 7)
ResourceExhaustedError = _kind("ResourceExhaustedError", 8)
FailedPreconditionError = _kind("FailedPreconditionError", 9)
AbortedError = _kind("AbortedError", 10)
OutOfRangeError = _kind("OutOfRangeError", 11)
UnimplementedError = _kind("UnimplementedError", 12)
InternalError = _kind("InternalError", 13)
UnavailableError = _kind("UnavailableError", 14)
DataLossError = _kind("DataLossError", 15)


class ShapeMismatch(ValueError):
    """What shapes do not allow, while a graph is built; the operation adds whose they are."""


def _shape_words(op: str, got: str) -> str | None:
    sizes = re.findall(r"\[([-?\d,]*)\]", got)
    if len(sizes) == 2:
        for x, y in zip(reversed(sizes[0].split(",")), reversed(sizes[1].split(","))):
            if x != y and "1" not in (x, y):
                return f"Dimensions must be equal, but are {x} and {y}"
    counted = re.match(r"\[([-\d,]*)\] for (\d+) elements", got)
    if counted:
        wanted = 1
        for n in counted[1].split(","):
            wanted *= int(n or 1)
        return f"Cannot reshape a tensor with {counted[2]} elements to shape [{counted[1]}] ({abs(wanted)} elements)"
    return None


def _outside(argument: str, got: str, expected: str) -> str:
    value, _, values = got.partition(" among ")
    bounds = expected.removeprefix("a place in ")
    if argument.startswith("labels"):
        return f"Received a label value of {value} which is outside the valid range of {bounds}.  Label values: {values}"
    return f"{argument} = {value} is not in {bounds}"


running = False  # the session sets it: the same mistake has another class while a graph runs


def _run_words(kind: str, op: str, argument: str, got: str, expected: str) -> Exception | None:
    missing = re.match(r"no value for a placeholder of (\w+)(.*)", got)
    if missing:
        return InvalidArgumentError(message="", op=(missing[1], missing[2]))
    if op == "within" and kind == "shape":
        logits = expected.partition(" for logits of shape ")[2]
        return InvalidArgumentError(message=f"logits and labels must have the same first dimension, got logits shape {logits} and labels shape {got}")
    if op == "within":
        return InvalidArgumentError(message=_outside(argument, got, expected))
    if got.startswith("indices["):
        return InvalidArgumentError(message=got + (". Many sparse ops require sorted indices." if got.endswith("out of order") else ""))
    if got == "an integer 0":
        return InvalidArgumentError(message="Integer division by zero")
    counted = re.match(r"\[([-\d,]*)\] for (\d+) elements", got)
    if counted and "-" not in counted[1]:
        wanted = math.prod(int(n) for n in counted[1].split(",") if n)
        return InvalidArgumentError(message=f"Input to reshape is a tensor with {counted[2]} values, but the requested shape has {wanted}")
    sizes = re.findall(r"\[([-?\d,]*)\]", got)
    if kind == "shape" and len(sizes) == 2:
        what = "Matrix size-incompatible: In[0]" if op in ("matmul", "product") else "Incompatible shapes"
        pair = f": [{sizes[0]}], In[1]: [{sizes[1]}]" if "Matrix" in what else f": [{sizes[0]}] vs. [{sizes[1]}]"
        return InvalidArgumentError(message=what + pair)
    return None


def translate(kind: str, op: str, argument: str, got: str, expected: str, text: str) -> Exception | None:
    """The exception that TensorFlow would raise: ValueError and TypeError while building, tf.errors while running."""
    if kind == "graph" and "finalized" in got:
        return RuntimeError(f"Graph is finalized and cannot be modified. [twofold] {text}")
    if kind == "graph" and argument == "device":
        device, _, node = (part.strip("'") for part in got.partition(" for "))
        return InvalidArgumentError(
            message=f"Cannot assign a device for operation {node}: node {node} was explicitly assigned to {device} but available "
            "devices are [ /job:localhost/replica:0/task:0/device:CPU:0 ]. Make sure the device specification refers to a valid "
            f"device.\n[twofold] {text}"
        )
    if running:
        made = _run_words(kind, op, argument, got, expected)
        if made is not None and isinstance(made.op, tuple):
            dtype, shape = made.op
            known = "" if shape in ("[]", "[...]") else f" and shape {shape}"
            name = {"float32": "float", "float64": "double"}.get(_DTYPES.get(dtype, dtype), _DTYPES.get(dtype, dtype))
            made.op, made.message = None, (
                f"You must feed a value for placeholder tensor '{argument}' with dtype {name}{known}\n[twofold] {text}"
            )
            return made
        if made is not None:
            made.message += f"\n[twofold] {text}"
            return made
        wrap = {"index": InvalidArgumentError, "shape": InvalidArgumentError, "value": InvalidArgumentError,
                "dtype": InvalidArgumentError, "memory": ResourceExhaustedError}.get(kind, InternalError)  # fmt: skip
        return wrap(message=text)
    words = _shape_words(op, got) if kind in ("shape", "value") else None
    if words:
        return ShapeMismatch(f"{words}\n[twofold] {text}")
    return (TypeError if kind == "dtype" else ValueError)(text)


_missing.explain(__name__)
