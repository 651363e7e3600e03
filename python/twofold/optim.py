"""Optimisers: the same updates in both modes, bit for bit."""

from __future__ import annotations

import sys

from twofold import _core

_core._fill_optim(sys.modules[__name__])
