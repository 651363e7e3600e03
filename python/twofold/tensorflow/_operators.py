"""Python's operators and subscripts for tensors and variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from twofold.tensorflow._math import binary, matmul, pow, truediv  # noqa: A004
from twofold.tensorflow._op import ROWS, Steps, auxiliary, is_tensor, operation, refuse, scope_of
from twofold.tensorflow._sizes import static_ints
from twofold.tensorflow._tensor import Tensor, convert

_FAR = 2**63 - 1


def _row(row: str, kind: str) -> Callable[..., Tensor]:
    return lambda x, y, name: binary(row, kind, x, y, name, kind)


def _xor(x: Any, y: Any, name: str) -> Tensor:
    either, both = ROWS["logical_or"](x, y), ROWS["logical_and"](x, y)
    return ROWS["logical_and"](either, ROWS["logical_not"](both), name=name)


_BINARY: dict[str, Callable[..., Tensor]] = {
    "add": _row("add", "AddV2"), "sub": _row("sub", "Sub"), "mul": _row("mul", "Mul"), "truediv": truediv, "pow": pow,
    "floordiv": _row("floor_divide", "FloorDiv"), "mod": _row("remainder", "FloorMod"), "matmul": lambda x, y, name: matmul(x, y, name=name),
    "and": _row("logical_and", "LogicalAnd"), "or": _row("logical_or", "LogicalOr"), "xor": _xor,
}  # fmt: skip
_COMPARISONS = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}


def _forward(name: str, function: Callable[..., Tensor]) -> Callable[[Any, Any], Any]:
    """x + y: the right operand prefers the left one's dtype."""

    def method(self: Any, other: Any) -> Any:
        if hasattr(other, "dense_shape"):
            return NotImplemented
        with scope_of(None, name, [self, other]) as scope:
            return function(self, convert(other, preferred=self.dtype.base_dtype, name="y"), name=scope)

    return method


def _reflected(name: str, function: Callable[..., Tensor]) -> Callable[[Any, Any], Any]:
    """2 * x: the number takes the tensor's dtype, or is refused."""

    def method(self: Any, other: Any) -> Any:
        if hasattr(other, "dense_shape"):
            return NotImplemented
        with scope_of(None, name, [self]) as scope:
            return function(convert(other, self.dtype.base_dtype, name="x"), self, name=scope)

    return method


def add_all_operators(cls: type) -> None:
    """Python's operators for Tensor and Variable; += rebinds, since tensors cannot change (the engine's would)."""
    for name, function in _BINARY.items():
        setattr(cls, f"__{name}__", _forward(name, function))
        setattr(cls, f"__r{name}__", _reflected(name, function))
        setattr(cls, f"__i{name}__", getattr(cls, f"__{name}__"))
    for name, path in _COMPARISONS.items():
        setattr(cls, f"__{name}__", lambda a, b, f=ROWS[path]: f(a, b))
    cls.__neg__ = lambda a: ROWS["negative"](a)
    cls.__abs__ = lambda a: ROWS["abs"](a)
    cls.__invert__ = lambda a: ROWS["logical_not"](a)
    cls.__getitem__ = _subscript


# --- subscripts ---------------------------------------------------------------------------------------------------
class _Spec:
    """A subscript as TensorFlow writes it: where each item begins, ends, and by which step."""

    def __init__(self, key: Any) -> None:
        self.items = list(key) if isinstance(key, (list, tuple)) else [key]
        self.begin: list[Any] = []
        self.end: list[Any] = []
        self.strides: list[Any] = []
        self.masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0)
        for k in self.items:
            self._add(k)

    def _add(self, k: Any) -> None:
        if isinstance(k, slice):
            bounds = (0 if k.start is None else k.start, 0 if k.stop is None else k.stop, 1 if k.step is None else k.step)
            self._mark(begin_mask=k.start is None, end_mask=k.stop is None)
        elif k is Ellipsis or k is None:
            bounds = (0, 0, 1)
            self._mark(ellipsis_mask=k is Ellipsis, new_axis_mask=k is None)
        else:
            _check_index(k)
            bounds = (k, k + 1, 1)
            self._mark(shrink_axis_mask=True)
        for held, value in zip((self.begin, self.end, self.strides), bounds):
            held.append(value)

    def _mark(self, **bits: bool) -> None:
        """A bit for each item."""
        for mask, bit in bits.items():
            self.masks[mask] |= bit << len(self.begin)


def _check_index(k: Any) -> None:
    whole = isinstance(k, (int, np.integer)) and not isinstance(k, bool)
    scalar = is_tensor(k) and convert(k).dtype.is_integer and convert(k).shape.is_compatible_with(())
    if not whole and not scalar and not (hasattr(k, "__index__") and not is_tensor(k)):
        raise TypeError(f"Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are valid indices, got {k!r}")


def _packed(values: list[Any], name: str) -> Any:
    return convert(values, name=name) if any(is_tensor(v) for v in values) else auxiliary(name, [static_ints(v) for v in values])


def _subscript(self: Any, key: Any) -> Tensor:
    source = convert(self)
    spec = _Spec(key)
    with scope_of(None, "strided_slice", [source]) as scope:
        bounds = [_packed(v, "stack") for v in (spec.begin, spec.end, spec.strides)]
        inputs = [source, *bounds]
        if source._shape is None and Ellipsis in spec.items:
            raise NotImplementedError("`...` in a subscript of a tensor of unknown rank")
        return operation("StridedSlice", scope, inputs, lambda step: _taken(step, source, spec.items, scope, inputs), **spec.masks).outputs[0]


def _taken(step: Steps, source: Tensor, items: list[Any], scope: str, inputs: list[Any]) -> Tensor:
    axis, out = 0, source
    named = sum(1 for k in items if k is not None and k is not Ellipsis)
    if source._shape is not None and named > len(source._shape):
        raise refuse(f"Index out of range using input dim {len(source._shape)}; input has only {len(source._shape)} dims", "StridedSlice", scope, inputs)
    for k in items:
        if k is None:
            out, axis = step("unsqueeze", out, axis=axis), axis + 1
        elif k is Ellipsis:
            axis += len(source._shape) - named
        elif isinstance(k, slice):
            out, axis = _range_taken(step, out, axis, k), axis + 1
        else:
            out = _one_taken(step, out, axis, k, scope, inputs)
    return step("identity", out)


def _range_taken(step: Steps, out: Tensor, axis: int, k: slice) -> Tensor:
    by = static_ints(k.step)
    if by == 0:
        raise ValueError("strides[0] must be non-zero")
    back = (by or 1) < 0
    start, stop = _FAR if back and k.start is None else k.start, -_FAR if back and k.stop is None else k.stop
    attrs = {n: static_ints(v) for n, v in (("start", start), ("stop", stop), ("step", by)) if v is not None}
    return step("slice", out, axis=axis, **attrs)


def _one_taken(step: Steps, out: Tensor, axis: int, k: Any, scope: str, inputs: list[Any]) -> Tensor:
    if is_tensor(k) and not _known(k):
        place = step("reshape", convert(k), shape=[1])
        return step("squeeze", step("take", out, place, axis=axis), axis=axis)
    index = static_ints(k)
    index = index[0] if isinstance(index, list) else index
    length = None if out._shape is None else out._shape[axis]
    if length is not None and not -length <= index < length:
        raise refuse(f"slice index {index} of dimension {axis} out of bounds.", "StridedSlice", scope, inputs)
    return step("select", out, axis=axis, index=index)


def _known(k: Any) -> bool:
    from twofold.tensorflow._sizes import constant_value

    return constant_value(convert(k)) is not None


def strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None, begin_mask: int = 0, end_mask: int = 0,
                  ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0, var: Any = None,
                  name: str | None = None) -> Tensor:  # fmt: skip
    """x[begin[0]:end[0]:strides[0], ...]; a bit of begin_mask or end_mask leaves that bound out."""
    from twofold.tensorflow._fill import ones_like

    if ellipsis_mask or new_axis_mask:
        raise NotImplementedError("tf.strided_slice with ellipsis_mask or new_axis_mask: write the subscript instead")
    if strides is None:
        strides = ones_like(begin)
    first, last, by = (static_ints(v) for v in (begin, end, strides))
    items: list[Any] = []
    for k, (b, e, s) in enumerate(zip(first, last, by)):
        shrinks = shrink_axis_mask >> k & 1
        items.append(b if shrinks else slice(None if begin_mask >> k & 1 else b, None if end_mask >> k & 1 else e, s))
    with scope_of(name, "StridedSlice", [input_]) as scope:
        source = convert(input_, name="input")
        given = ((begin, "begin"), (end, "end"), (strides, "strides"))
        inputs = [source, *(v if is_tensor(v) else auxiliary(n, v) for v, n in given)]
        masks = {"begin_mask": begin_mask, "end_mask": end_mask, "shrink_axis_mask": shrink_axis_mask}
        return operation("StridedSlice", scope, inputs, lambda step: _taken(step, source, items, scope, inputs), **masks).outputs[0]


add_all_operators(Tensor)
