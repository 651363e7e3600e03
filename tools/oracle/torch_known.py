"""Where the torch face means to differ from PyTorch, and why. Each line: a row, a pattern of its samples, a reason."""

from __future__ import annotations

import re

from oracle.samples import Sample

KNOWN: list[tuple[str, str, str]] = []


def reason_for(sample: Sample) -> str | None:
    return next((why for row, text, why in KNOWN if sample.row == row and re.search(text, sample.text)), None)
