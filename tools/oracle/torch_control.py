"""cond and while_loop, which take functions: ours against PyTorch's own, and against Python's if and while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oracle.outcomes import Outcome, caught
from oracle.report import Section
from oracle.samples import Sample
from oracle.torch_known import reason_for
from oracle.torch_rows import differences, gradients
from oracle.torch_side import OURS, THEIRS, Side


def branch(m: Any, x: Any, y: Any) -> Any:
    return m.cond(x.sum() > 0, lambda x, y: x * y, lambda x, y: x * x, (x, y))


def python_branch(m: Any, x: Any, y: Any) -> Any:
    return x * y if x.sum() > 0 else x * x


def multiply(m: Any, x: Any, y: Any, times: int = 3) -> Any:
    start = m.tensor(0)
    return m.while_loop(lambda i, v: i < times, lambda i, v: (i + 1, v * y), (start, x))[1]


def python_multiply(m: Any, x: Any, y: Any, times: int = 3) -> Any:
    for _ in range(times):
        x = x * y
    return x


def doubled(m: Any, x: Any) -> Any:
    """Until the sum is large; four times at most would do for the samples' positive sums."""
    return m.while_loop(lambda i, v: m.logical_and(i < 4, v.sum() < 1e30), lambda i, v: (i + 1, v + v), (m.tensor(0), x))[1]


def python_doubled(m: Any, x: Any) -> Any:
    for _ in range(4):
        x = x + x
    return x


# Row, whether the sample's operands fit, ours, PyTorch's.
PROGRAMS: list[tuple[str, int, Callable[..., Any], Callable[..., Any]]] = [
    ("cond", 2, branch, python_branch),
    ("while_loop", 2, multiply, python_multiply),
    ("while_loop", 1, doubled, python_doubled),
]


def outcome(side: Side, program: Callable[..., Any], sample: Sample) -> Outcome:
    def run() -> Outcome:
        leaves = [side.leaf(o) for o in sample.operands]
        out = program(side.module, *leaves, **sample.attributes)
        return Outcome([side.value(out)], gradients(side, [out], leaves, sample.number))

    return caught(run)


def compare_control(section: Section, samples: dict[str, list[Sample]]) -> None:
    for row, operands, ours, plain in PROGRAMS:
        for sample in samples[row]:
            if len(sample.operands) != operands:
                continue
            a, b = outcome(THEIRS, plain, sample), outcome(OURS, ours, sample)
            compared, different = differences(a, b, None)
            section.compared += compared
            for text in different:
                section.differ(sample.name, text, reason_for(sample, text))
