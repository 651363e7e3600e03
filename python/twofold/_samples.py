"""Sample values while a graph is built: what the printed forms of its tensors append in both faces."""

from __future__ import annotations

from typing import Any

active: dict[int, Any] = {}  # by address of the engine's graph


def shown(tensor: Any) -> str:
    """' = value' of a symbolic tensor inside tf.sample_values(); '' elsewhere."""
    samples = active.get(tensor._edge[0]) if active else None
    value = samples(tensor) if samples else None
    if value is None:
        return ""
    text = str(value.numpy())
    return f" =\n{text}" if "\n" in text else f" = {text}"


def follow(address: int) -> None:
    """A node was made: it computes too."""
    if address in active:
        active[address].compute_new()
