"""Layers: what has parameters and turns a tensor into another, written once for both modes."""

from __future__ import annotations

import sys

from twofold import _core

_core._fill_nn(sys.modules[__name__])
