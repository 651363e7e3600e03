"""What the smallest calls cost from Python, on one thread: medians of nine, in nanoseconds.

    build/venv/bin/python bench/python_calls.py [--json]
"""

from __future__ import annotations

import json
import statistics
import sys
import timeit
from collections.abc import Callable

import numpy as np

import twofold.tensorflow as tf
import twofold.torch as torch


def nanoseconds(function: Callable[[], object]) -> float:
    """The median of nine runs, each long enough to time, the lambda included."""
    timer = timeit.Timer(function)
    count = max(1, int(0.05 / max(timer.timeit(10) / 10, 1e-9)))
    return statistics.median(timer.repeat(9, count)) / count * 1e9


def chain(x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> None:
    y = x
    for _ in range(1000):
        y = y * a + b
    y.sum().backward()
    x.grad = None


def main() -> None:
    four, ones = torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.ones(4)
    leaf = four.clone().requires_grad_()
    square = torch.ones(2, 2, requires_grad=True)
    p = tf.placeholder(tf.float32, [4])
    constant, plus_one, fed = tf.constant(3.0), p + 1.0, np.ones(4, np.float32)
    session = tf.Session()
    call = session.make_callable(plus_one, [p])
    rows: dict[str, Callable[[], object]] = {
        "add4": lambda: four + ones,
        "add4_grad": lambda: leaf + ones,
        "index": lambda: four[0],
        "mean_backward": lambda: (square * 2).mean().backward(),
        "run_constant": lambda: session.run(constant),
        "run_fed": lambda: session.run(plus_one, {p: fed}),
        "callable": lambda: call(fed),
        "chain_1000": lambda: chain(leaf, ones, ones),
    }
    limits = {"add4": 250, "add4_grad": 400, "index": 250, "mean_backward": 4000, "run_constant": 2000,
              "run_fed": 4000, "callable": 1500, "chain_1000": 1_200_000}  # fmt: skip
    found = {name: nanoseconds(f) for name, f in rows.items()}
    if "--json" in sys.argv:
        json.dump(found, sys.stdout)
        return
    for name, value in found.items():
        print(f"{name:<14} {value:>11,.0f} ns   aim {limits[name]:>9,}   {'' if value <= limits[name] else 'missed'}")


if __name__ == "__main__":
    main()
