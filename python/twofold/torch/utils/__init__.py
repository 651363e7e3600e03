"""torch.utils."""

from __future__ import annotations

from twofold import _missing
from twofold.torch.utils import checkpoint, data, dlpack

__all__ = ["checkpoint", "data", "dlpack"]

_missing.explain(__name__)
