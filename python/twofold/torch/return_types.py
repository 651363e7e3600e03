"""torch.return_types: the named tuples that functions with several results give."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def _text(self: Any) -> str:
    lines = ",\n".join(f"{k}={v!r}" for k, v in self._asdict().items())
    return f"torch.return_types.{type(self).__name__}(\n{lines})"


def _again(name: str, parts: tuple) -> Any:
    """One of the pairs below from its pickle, which cannot name torch."""
    return globals()[name](*parts)


def _made(name: str) -> type:
    made = namedtuple(name, ["values", "indices"])
    made.__module__, made.__repr__ = "torch.return_types", _text
    made.__reduce__ = lambda self: (_again, (name, tuple(self)))
    return made


max, min, sort, topk, kthvalue, median = (_made(name) for name in ("max", "min", "sort", "topk", "kthvalue", "median"))
