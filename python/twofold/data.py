"""Labelled images, a keyed split, and batches in a keyed order."""

from __future__ import annotations

import sys

from twofold import _core

_core._fill_data(sys.modules[__name__])
