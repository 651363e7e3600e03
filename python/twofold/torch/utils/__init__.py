"""torch.utils."""

from __future__ import annotations

from twofold.torch.utils import checkpoint, data, dlpack

__all__ = ["checkpoint", "data", "dlpack"]
