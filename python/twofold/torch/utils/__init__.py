"""torch.utils."""

from __future__ import annotations

from twofold.torch.utils import data

__all__ = ["data"]
