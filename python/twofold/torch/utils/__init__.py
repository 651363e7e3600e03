"""torch.utils."""

from __future__ import annotations

from twofold.torch.utils import data, dlpack

__all__ = ["data", "dlpack"]
