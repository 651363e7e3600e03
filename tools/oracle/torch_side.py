"""PyTorch and our face of it behind one handle, so that the same code runs on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch as pytorch

import twofold.torch as twofold_torch
from oracle.outcomes import Value
from oracle.samples import FLOATS, Operand


class Side:
    def __init__(self, module: Any) -> None:
        self.module = module

    def find(self, path: str) -> Callable[..., Any]:
        """torch.nn.functional.relu from 'nn.functional.relu'."""
        found = self.module
        for part in path.split("."):
            found = getattr(found, part)
        return found

    def dtype(self, name: str) -> Any:
        return getattr(self.module, name)

    def tensor(self, values: np.ndarray, dtype: str) -> Any:
        """With the array's strides, where NumPy has the dtype."""
        made = self.module.from_numpy(np.array(values, copy=values.flags.c_contiguous))
        return made.to(self.dtype(dtype)) if str(made.dtype) != f"torch.{dtype}" else made

    def leaf(self, operand: Operand) -> Any:
        made = self.tensor(operand.values, operand.dtype)
        return made.requires_grad_() if operand.dtype in FLOATS else made

    def value(self, tensor: Any) -> Value:
        if not isinstance(tensor, self.module.Tensor):
            return Value(type(tensor).__name__, np.asarray(tensor))
        dtype = str(tensor.dtype).removeprefix("torch.")
        plain = tensor.detach()
        return Value(dtype, np.array((plain.float() if dtype == "bfloat16" else plain).numpy()))


THEIRS, OURS = Side(pytorch), Side(twofold_torch)
VERSION = pytorch.__version__
