"""Where the TensorFlow face means to differ from TensorFlow 2's compat.v1, and why: the contract is TensorFlow 1.15."""

from __future__ import annotations

import re

from oracle.samples import Sample

# Patterns of the row, of the sample's text and of what differs, and the reason.
KNOWN: list[tuple[str, str, str, str]] = []


def reason_for(sample: Sample, difference: str) -> str | None:
    for row, text, what, why in KNOWN:
        if re.fullmatch(row, sample.row) and re.search(text, sample.text) and re.search(what, difference):
            return why
    return None
