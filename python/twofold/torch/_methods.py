"""Methods of torch.Tensor that are no functions: new tensors like this one, and changes of its own shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from twofold import _core
from twofold.torch import _creation
from twofold.torch._tensor import FACE, Tensor, _sizes


# --- new tensors like this one ------------------------------------------------------------------------------------
def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    return _creation.filled(_creation.tensor(data, dtype=self.dtype if dtype is None else dtype), "new_tensor", options)


def new_empty(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    return _creation.empty(*size, dtype=self.dtype if dtype is None else dtype, **options)


def new_full(self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    return _creation.full(size, fill_value, dtype=self.dtype if dtype is None else dtype, **options)


def new_zeros(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    return _creation.zeros(*size, dtype=self.dtype if dtype is None else dtype, **options)


def new_ones(self: Tensor, *size: Any, dtype: Any = None, **options: Any) -> Tensor:
    return _creation.ones(*size, dtype=self.dtype if dtype is None else dtype, **options)


# --- its own shape, in place --------------------------------------------------------------------------------------
def _reshaped(self: Tensor, view: Tensor) -> Tensor:
    if self.requires_grad and self.is_leaf and _core.grad_enabled():
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    return self._become(view)


def unsqueeze_(self: Tensor, dim: int) -> Tensor:
    return _reshaped(self, self.unsqueeze(dim))


def squeeze_(self: Tensor, dim: int | None = None) -> Tensor:
    return _reshaped(self, self.squeeze() if dim is None else self.squeeze(dim))


def transpose_(self: Tensor, dim0: int, dim1: int) -> Tensor:
    return _reshaped(self, self.transpose(dim0, dim1))


def t_(self: Tensor) -> Tensor:
    return _reshaped(self, self.t())


def resize_(self: Tensor, *sizes: Any, memory_format: Any = None) -> Tensor:
    """The same elements in order under another shape; room for more is taken, with whatever is in it."""
    if self.requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    shape = list(_sizes(sizes))
    count, old = int(np.prod(shape, dtype=np.int64)), self.reshape(-1)
    if count <= old.numel():
        return self._become(old[:count].view(shape))
    made = _core.empty([count], self.dtype, FACE)
    made[: old.numel()] = old
    return self._become(made.view(shape))


def resize_as_(self: Tensor, the_template: Tensor, memory_format: Any = None) -> Tensor:
    return resize_(self, *the_template.shape)


def set_(self: Tensor, source: Tensor | None = None) -> Tensor:
    """From now on a tensor over the other's memory."""
    return self._become(_core.empty([0], self.dtype, FACE) if source is None else source.detach())


def apply_(self: Tensor, callable: Any) -> Tensor:
    """Each element becomes callable(element); slow, and not recorded."""
    values = np.vectorize(callable, otypes=[object])(self.detach().numpy()) if self.numel() else self
    return self.copy_(_creation.tensor(values.tolist(), dtype=self.dtype))


def map_(self: Tensor, tensor: Tensor, callable: Any) -> Tensor:
    """Each element becomes callable(element, the other tensor's element)."""
    pairs = zip(self.reshape(-1).tolist(), tensor.expand(self._shape).reshape(-1).tolist())
    return self.copy_(_creation.tensor([callable(a, b) for a, b in pairs], dtype=self.dtype).view(self._shape))


METHODS = [new_tensor, new_empty, new_full, new_zeros, new_ones, unsqueeze_, squeeze_, transpose_, t_, resize_, resize_as_, set_,
           apply_, map_]  # fmt: skip
for _method in METHODS:
    setattr(Tensor, _method.__name__, _method)
Tensor.swapaxes = Tensor.swapdims = lambda self, dim0, dim1: self.transpose(dim0, dim1)
