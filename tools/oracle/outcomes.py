"""What a call came to, arrays or an error, and when two outcomes are equal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

# PyTorch's own tolerances (torch.testing.assert_close): relative, absolute. Everything else must be equal.
TOLERANCES = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}
KINDS = (IndexError, TypeError, ValueError, RuntimeError)


@dataclass(frozen=True)
class Value:
    dtype: str
    array: np.ndarray

    def __str__(self) -> str:
        text = np.array2string(self.array, threshold=8, separator=",").replace("\n", "")
        return f"{self.dtype}{list(self.array.shape)} {text}"


@dataclass
class Outcome:
    values: list[Value] = field(default_factory=list)
    gradients: list[Value | None] | None = field(default_factory=list)  # None: the original has no derivative
    error: Exception | None = None

    @property
    def kind(self) -> str:
        """The class by which a program would catch the error."""
        return next((k.__name__ for k in KINDS if isinstance(self.error, k)), type(self.error).__name__)

    def __str__(self) -> str:
        if self.error is not None:
            first = (str(self.error).splitlines() or [""])[0]
            return f"{self.kind} ({re.sub(r' .[a-z_]+.py:[0-9]+.$', '', first)})"
        return "; ".join(map(str, self.values))


def caught(run: Callable[[], Outcome]) -> Outcome:
    try:
        return run()
    except Exception as e:  # whatever it is, it is to be compared
        return Outcome(error=e)


def difference(theirs: Value | None, ours: Value | None) -> str:
    """The whole of both where that is short, else the element that is farthest off."""
    if theirs is None or ours is None or theirs.array.shape != ours.array.shape or theirs.array.size < 6:
        return f"{theirs} there, {ours} here"
    with np.errstate(all="ignore"):
        away = np.abs(theirs.array.astype(np.float64) - ours.array.astype(np.float64))
    odd = np.isnan(theirs.array.astype(np.float64)) != np.isnan(ours.array.astype(np.float64))
    at = np.unravel_index(int(np.argmax(np.where(odd, np.inf, np.nan_to_num(away, nan=0.0)))), theirs.array.shape)
    return f"{theirs.dtype} {theirs.array[at]} there, {ours.dtype} {ours.array[at]} here, at {list(map(int, at))}"


def close(theirs: Value, ours: Value, exact: np.ndarray | None = None) -> bool:
    """Within the tolerance of the dtype; where `exact` is known, ours may also err by twice as much as theirs."""
    if theirs.dtype != ours.dtype or theirs.array.shape != ours.array.shape:
        return False
    if theirs.dtype not in TOLERANCES:
        return bool(np.array_equal(theirs.array, ours.array))
    rtol, atol = TOLERANCES[theirs.dtype]
    a, b = theirs.array.astype(np.float64), ours.array.astype(np.float64)
    if np.allclose(b, a, rtol=rtol, atol=atol, equal_nan=True):
        return True
    if exact is None or not np.isfinite(exact).all():
        return False
    allowed = 2 * np.abs(a - exact).max(initial=0) + atol + rtol * np.abs(exact).max(initial=0)
    return bool(np.abs(b - exact).max(initial=0) <= allowed)
