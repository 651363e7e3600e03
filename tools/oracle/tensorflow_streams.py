"""Random numbers under graph and operation seeds: TensorFlow's own bit for bit; normal ones within two units in the last place.

Every operation has a seed of its own: without one, TensorFlow 2 no longer takes the number of operations of the graph,
as 1.15 does and we do (tests/python/recorded/draws.txt holds such draws of 1.15).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from oracle.outcomes import Outcome, Value, caught, difference
from oracle.report import Section
from oracle.tensorflow_known import reason_for
from oracle.tensorflow_side import OURS, THEIRS, Side

SEEDS = ((None, 7), (42, 5), (0, 0), (2**31 - 1, 2**31 - 1), (-3, 2**40))  # of the graph, of the operation
SIZES = (0, 1, 2, 3, 4, 5, 16, 255, 256, 257, 1000)
RUNS = 3  # of a session: each goes on where the last one stopped
DTYPES = ("float16", "float32", "float64")
INTEGERS = ("int32", "int64")
Draw = Callable[[Any, int, Any, Any], Any]  # of the module, a size, a dtype and the operation's seed

EXACT: dict[str, tuple[tuple[str, ...], Draw]] = {
    "random_uniform": (DTYPES, lambda m, n, d, s: m.random_uniform([n], dtype=d, seed=s)),
    "random_uniform(-3, 5)": (DTYPES, lambda m, n, d, s: m.random_uniform([n], -3, 5, d, s)),
    "random_uniform of a matrix": (DTYPES, lambda m, n, d, s: m.random_uniform([n, 3], dtype=d, seed=s)),
    "random_uniform(0, 10)": (INTEGERS, lambda m, n, d, s: m.random_uniform([n], 0, 10, d, s)),
    "random_uniform(-100, 2**31 - 200)": (INTEGERS, lambda m, n, d, s: m.random_uniform([n], -100, 2**31 - 200, d, s)),
    "random_uniform(-2**62, 2**62)": (INTEGERS[1:], lambda m, n, d, s: m.random_uniform([n], -(2**62), 2**62, d, s)),
    "random_shuffle": (DTYPES + INTEGERS, lambda m, n, d, s: m.random_shuffle(m.cast(m.range(n), d), seed=s)),
    "random_shuffle of rows": (DTYPES, lambda m, n, d, s: m.random_shuffle(m.reshape(m.cast(m.range(2 * n), d), [n, 2]), s)),
    "nn.dropout": (DTYPES, lambda m, n, d, s: m.nn.dropout(m.ones([n], d), keep_prob=0.6, seed=s)),
    "nn.dropout(noise_shape)": (DTYPES, lambda m, n, d, s: m.nn.dropout(m.ones([n, 3], d), 0.5, noise_shape=[n, 1], seed=s)),
    "random_uniform_initializer": (DTYPES[1:], lambda m, n, d, s: m.random_uniform_initializer(-2, 2, seed=s)([n, 2], d)),
    "glorot_uniform_initializer": (DTYPES[1:], lambda m, n, d, s: m.glorot_uniform_initializer(seed=s)([n + 1, 4], d)),
    "variance_scaling_initializer": (DTYPES[1:], lambda m, n, d, s: m.variance_scaling_initializer(
        2.0, "fan_out", "uniform", seed=s)([3, n + 1], d)),
    "uniform_unit_scaling_initializer": (DTYPES[1:], lambda m, n, d, s: m.uniform_unit_scaling_initializer(seed=s)([n + 1, 2], d)),
}  # fmt: skip
# With the deviation that the standard normal numbers were given: multiplying by it rounds once more on each side.
NEAR: dict[str, tuple[tuple[str, ...], Draw, Callable[[int], float]]] = {
    "random_normal": (DTYPES, lambda m, n, d, s: m.random_normal([n], dtype=d, seed=s), lambda n: 1),
    "random_normal(stddev=2)": (DTYPES, lambda m, n, d, s: m.random_normal([n, 2], 0, 2, d, s), lambda n: 2),
    "truncated_normal": (DTYPES, lambda m, n, d, s: m.truncated_normal([n], dtype=d, seed=s), lambda n: 1),
    "truncated_normal(stddev=0.5)": (DTYPES, lambda m, n, d, s: m.truncated_normal([n, 2], 0, 0.5, d, s), lambda n: 0.5),
    "random_normal_initializer": (DTYPES[1:], lambda m, n, d, s: m.random_normal_initializer(0, 4, seed=s)([n, 2], d), lambda n: 4),
    "truncated_normal_initializer": (DTYPES[1:], lambda m, n, d, s: m.truncated_normal_initializer(seed=s)([n, 2], d), lambda n: 1),
    "glorot_normal_initializer": (DTYPES[1:], lambda m, n, d, s: m.glorot_normal_initializer(seed=s)([n + 1, 4], d),
                                  lambda n: (2 / (n + 5)) ** 0.5 / CUT),
    "variance_scaling_initializer": (DTYPES[1:], lambda m, n, d, s: m.variance_scaling_initializer(seed=s)([n + 1, 2], d),
                                     lambda n: (1 / (n + 1)) ** 0.5 / CUT),
}  # fmt: skip
CUT = 0.87962566103423978  # the deviation of normal numbers that are cut off at two deviations
DIGITS = {"float16": 10, "float32": 23, "float64": 52}


def drawn(side: Side, draw: Draw, seeds: tuple[Any, Any], size: int, dtype: str) -> Outcome:
    """What the runs of one session draw, and the first run of the next session, where the stream begins anew."""

    def run() -> Outcome:
        with side.graph(seeds[0]):
            made = draw(side.module, size, side.find(dtype), seeds[1])
            out = Outcome()
            for runs in (RUNS, 1):
                with side.session() as session:
                    out.values += [v for _ in range(runs) for v in side.values(session, [made], {})]
            return out

    return caught(run)


def equal(size: int, theirs: Value, ours: Value) -> float:
    return 0.0 if np.array_equal(theirs.array, ours.array) else float("inf")


def unit(values: np.ndarray, digits: int) -> np.ndarray:
    return 2.0 ** (np.floor(np.log2(np.maximum(np.abs(values), 2.0**-100))) - digits)


def distance(theirs: Value, ours: Value, deviation: float) -> float:
    """The largest, in units in the last place of the standard normal numbers."""
    a, b, digits = theirs.array.astype(np.float64), ours.array.astype(np.float64), DIGITS[theirs.dtype]
    if np.array_equal(a, b):
        return 0.0
    units = unit(a / deviation, digits) * deviation
    if np.frexp(deviation)[0] != 0.5:
        units += unit(a, digits) / 2
    return float(np.max(np.abs(a - b) / units))


def compare(section: Section, name: str, dtypes: tuple[str, ...], draw: Draw, far: Callable[[int, Value, Value], float]) -> float:
    """`far` says how far ours is from theirs for a size: at most 2."""
    worst = 0.0
    for seeds, size, dtype in product(SEEDS, SIZES, dtypes):
        a, b = (drawn(side, draw, seeds, size, dtype) for side in (THEIRS, OURS))
        section.compared += 1
        if a.error or b.error:
            away = 0.0 if a.error and b.error and a.kind == b.kind else float("inf")
        else:
            same = all(x.dtype == y.dtype and x.array.shape == y.array.shape for x, y in zip(a.values, b.values))
            away = max(far(size, x, y) for x, y in zip(a.values, b.values)) if same else float("inf")
        if away > 2:
            pairs = [difference(x, y) for x, y in zip(a.values, b.values) if far(size, x, y) > 2]
            text = f"{away:.2g} units: {pairs[0]}" if pairs else f"{a} there, {b} here"
            section.differ(f"{name}, {size} of {dtype}, seeds {seeds}", text, reason_for(name, f"{dtype}: {text}"))
        else:
            worst = max(worst, away)
    return worst


def compare_streams(section: Section) -> None:
    for name, (dtypes, draw) in section.each(EXACT.items()):
        compare(section, name, dtypes, draw, equal)
    worst = 0.0
    for name, (dtypes, draw, deviation) in section.each(NEAR.items()):
        near = lambda n, a, b, deviation=deviation: distance(a, b, deviation(n))  # noqa: E731
        worst = max(worst, compare(section, name, dtypes, draw, near))
    section.note(f"Normal numbers, but for those listed, are at most {worst:g} units in the last place from TensorFlow's; all others are equal.")
