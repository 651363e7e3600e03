"""torch.utils.dlpack: sharing memory with other libraries."""

from __future__ import annotations

from typing import Any

from twofold.torch._creation import from_dlpack
from twofold.torch._tensor import Tensor

__all__ = ["from_dlpack", "to_dlpack"]


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule over the tensor's memory, to be consumed once."""
    return tensor.__dlpack__()
