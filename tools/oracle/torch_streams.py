"""Random numbers after manual_seed: PyTorch's own bit for bit; normal ones within two units in the last place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from oracle.outcomes import Outcome, Value, caught
from oracle.report import Section
from oracle.torch_side import OURS, THEIRS, Side

SEEDS = (0, 42, 2**40 + 7, -3)
SIZES = (0, 1, 2, 15, 16, 17, 31, 32, 33, 1000)
FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
Draw = Callable[[Any, int, Any], Any]  # of the module, a size and a dtype

EXACT: dict[str, tuple[tuple[str, ...], Draw]] = {
    "rand": (FLOATS, lambda m, n, d: m.rand(n, dtype=d)),
    "rand_like": (FLOATS, lambda m, n, d: m.rand_like(m.zeros(n, dtype=d))),
    "uniform_": (FLOATS, lambda m, n, d: m.empty(n, dtype=d).uniform_(-3, 5)),
    "uniform_ of a transposed matrix": (FLOATS, lambda m, n, d: m.zeros(n, 3, dtype=d).t().uniform_()),
    "bernoulli_(0.3)": (FLOATS + INTEGERS, lambda m, n, d: m.zeros(n, dtype=d).bernoulli_(0.3)),
    "bernoulli_()": (FLOATS, lambda m, n, d: m.zeros(n, dtype=d).bernoulli_()),
    "bernoulli of a tensor": (FLOATS, lambda m, n, d: m.bernoulli(m.full((n,), 0.7, dtype=d))),
    "dropout": (FLOATS, lambda m, n, d: m.nn.functional.dropout(m.ones(n, dtype=d), 0.4)),
    "nn.Dropout": (FLOATS, lambda m, n, d: m.nn.Dropout(0.25)(m.ones(n, dtype=d))),
    "dropout(p=1)": (FLOATS, lambda m, n, d: m.nn.functional.dropout(m.ones(n, dtype=d), 1.0)),
    "randint": (FLOATS + INTEGERS, lambda m, n, d: m.randint(0, 10, (n,), dtype=d)),
    "randint_like": (INTEGERS, lambda m, n, d: m.randint_like(m.zeros(n, dtype=d), -5, 5)),
    "randint below 2**28": (("int64",), lambda m, n, d: m.randint(2**28 - 1, (n,), dtype=d)),
    "randint below 2**28 + 1": (("int64",), lambda m, n, d: m.randint(-1, 2**28, (n,), dtype=d)),
    "randint below 2**62": (("int64",), lambda m, n, d: m.randint(-(2**61), 2**61, (n,), dtype=d)),
    "random_": (FLOATS + INTEGERS, lambda m, n, d: m.zeros(n, dtype=d).random_()),
    "random_(7)": (FLOATS + INTEGERS, lambda m, n, d: m.zeros(n, dtype=d).random_(7)),
    "random_(-7, 100)": (FLOATS + INTEGERS[1:], lambda m, n, d: m.zeros(n, dtype=d).random_(-7, 100)),
    "randperm": (INTEGERS, lambda m, n, d: m.randperm(min(n, 100), dtype=d)),
    "Linear": (FLOATS[2:], lambda m, n, d: m.nn.Linear(n + 1, 3, dtype=d).weight),
    "xavier_uniform_": (FLOATS[2:], lambda m, n, d: m.nn.init.xavier_uniform_(m.zeros(n + 1, 3, dtype=d))),
    "kaiming_uniform_": (FLOATS[2:], lambda m, n, d: m.nn.init.kaiming_uniform_(m.zeros(n + 1, 3, dtype=d), nonlinearity="relu")),
    "a generator of one's own": (FLOATS, lambda m, n, d: m.rand(n, dtype=d, generator=m.Generator().manual_seed(n))),
    "a shuffled loader": (FLOATS, lambda m, n, d: m.cat(list(m.utils.data.DataLoader(m.arange(n + 1).to(d), 4, shuffle=True)))),
    "random_split": (FLOATS, lambda m, n, d: m.tensor(m.utils.data.random_split(range(n), [n // 2, n - n // 2])[0].indices).to(d)),
}  # fmt: skip
# With the mean and the deviation that the standard normal numbers were given.
Scaled = tuple[tuple[str, ...], Draw, float, Callable[[int], float]]
NEAR: dict[str, Scaled] = {
    "randn": (FLOATS, lambda m, n, d: m.randn(n, dtype=d), 0, lambda n: 1),
    "randn_like": (FLOATS, lambda m, n, d: m.randn_like(m.zeros(n, dtype=d)), 0, lambda n: 1),
    "normal_": (FLOATS, lambda m, n, d: m.empty(n, dtype=d).normal_(2, 3), 2, lambda n: 3),
    "normal_ of a transposed matrix": (FLOATS, lambda m, n, d: m.zeros(n, 3, dtype=d).t().normal_(), 0, lambda n: 1),
    "torch.normal": (FLOATS[2:], lambda m, n, d: m.normal(1.0, 2.0, (n,), dtype=d), 1, lambda n: 2),
    "torch.normal of tensors": (FLOATS[2:], lambda m, n, d: m.normal(m.ones(n, dtype=d), m.full((n,), 2.0, dtype=d)), 1, lambda n: 2),
    "xavier_normal_": (FLOATS[2:], lambda m, n, d: m.nn.init.xavier_normal_(m.zeros(n + 1, 3, dtype=d)), 0, lambda n: (2 / (n + 4)) ** 0.5),
    "kaiming_normal_": (FLOATS[2:], lambda m, n, d: m.nn.init.kaiming_normal_(m.zeros(n + 1, 3, dtype=d)), 0, lambda n: (2 / 3) ** 0.5),
}  # fmt: skip
DIGITS = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}


def drawn(side: Side, draw: Draw, seed: int, size: int, dtype: str) -> Outcome:
    """The numbers and, to see that as many were drawn, the next one of the stream."""

    def run() -> Outcome:
        side.module.manual_seed(seed)
        made = side.value(draw(side.module, size, side.dtype(dtype)))
        return Outcome([made, side.value(side.module.rand(1))])

    return caught(run)


def unit(values: np.ndarray, digits: int) -> np.ndarray:
    return 2.0 ** (np.floor(np.log2(np.maximum(np.abs(values), 2.0**-100))) - digits)


def distance(theirs: Value, ours: Value, mean: float, deviation: float) -> float:
    """The largest, in units in the last place of the standard normal numbers; scaling them rounds once more on each side."""
    a, b, digits = theirs.array.astype(np.float64), ours.array.astype(np.float64), DIGITS[theirs.dtype]
    if a.size == 0 or np.array_equal(a, b):
        return 0.0
    units = unit((a - mean) / deviation, digits) * deviation
    if (mean, deviation) != (0, 1):
        units += unit(np.maximum(np.abs(a), mean), digits) / 2
    return float(np.max(np.abs(a - b) / units))


def compare(section: Section, name: str, dtypes: tuple[str, ...], draw: Draw, far: Callable[[int, Value, Value], float]) -> float:
    """`far` says how far ours is from theirs for a size: at most 2. The next number of the stream must be the same."""
    worst = 0.0
    for seed, size, dtype in product(SEEDS, SIZES, dtypes):
        a, b = (drawn(side, draw, seed, size, dtype) for side in (THEIRS, OURS))
        section.compared += 1
        same = [x.dtype == y.dtype and x.array.shape == y.array.shape for x, y in zip(a.values, b.values)]
        away = far(size, a.values[0], b.values[0]) if same and all(same) else 0.0
        worst = max(worst, away)
        if a.error or b.error:
            wrong = not (a.error and b.error and a.kind == b.kind)
        else:
            wrong = not all(same) or away > 2 or not np.array_equal(a.values[1].array, b.values[1].array)
        if wrong:
            section.differ(f"{name}, {size} of {dtype}, seed {seed}", f"{a} there, {b} here")
    return worst


def equal(size: int, theirs: Value, ours: Value) -> float:
    return 0.0 if np.array_equal(theirs.array, ours.array) else float("inf")


def compare_streams(section: Section) -> None:
    for name, (dtypes, draw) in section.each(EXACT.items()):
        compare(section, name, dtypes, draw, equal)
    worst = 0.0
    for name, (dtypes, draw, mean, deviation) in section.each(NEAR.items()):
        near = lambda n, a, b, mean=mean, deviation=deviation: distance(a, b, mean, deviation(n))  # noqa: E731
        worst = max(worst, compare(section, name, dtypes, draw, near))
    section.note(f"Normal numbers are at most {worst:g} units in the last place from PyTorch's; all others are equal.")
