"""Every row with a PyTorch spelling on every one of its samples: values, dtypes, shapes, gradients, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.outcomes import Outcome, Value, caught, close, difference
from oracle.report import Section
from oracle.samples import FLOATS, HALVES, Operand, Sample
from oracle.torch_calls import ROWS, Call, Unsayable
from oracle.torch_known import NO_WORD, reason_for
from oracle.torch_side import OURS, THEIRS, Side

ELSEWHERE = {"cond", "while_loop"}  # they take functions: torch_control.py


def listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


def gradients(side: Side, outputs: list[Any], leaves: list[Any], seed: int) -> list[Value | None] | None:
    """Of the sum of the outputs, each weighted at random; None where there is no derivative."""
    random = np.random.RandomState(seed)
    from_, weights = [], []
    for y in outputs:
        weight = random.uniform(-1, 1, tuple(y.shape))
        if y.requires_grad:
            from_.append(y)
            weights.append(side.tensor(weight, str(y.dtype).removeprefix("torch.")))
    to = [x for x in leaves if x.requires_grad]
    if not from_ or not to:
        return []
    try:
        found = side.module.autograd.grad(from_, to, weights, allow_unused=True)
    except RuntimeError as e:
        if "derivative for" in str(e):
            return None
        raise
    return [None if g is None else side.value(g) for g in found]


def outcome(side: Side, call: Call, operands: list[Operand], way: str) -> Outcome:
    def run() -> Outcome:
        leaves = [side.leaf(o) for o in operands]
        side.module.manual_seed(7)
        outputs = listed(call.run(side, leaves, way))
        values = [side.value(y) for y in outputs]
        tensors = [y for y in outputs if isinstance(y, side.module.Tensor)]
        values.append(Value("requires_grad", np.array([y.requires_grad for y in tensors], dtype=bool)))
        values.append(Value("grad_fn", np.array([type(y.grad_fn).__name__ for y in tensors])))
        return Outcome(values, gradients(side, tensors, leaves, call.sample.number))

    return caught(run)


def in_float64(operands: list[Operand]) -> list[Operand]:
    return [Operand(o.parameter, "float64", o.values.astype(np.float64)) if o.dtype in FLOATS else o for o in operands]


def exactly(call: Call, way: str) -> Outcome | None:
    """PyTorch's result in float64 where the operands are halves, which keep few digits of sums that cancel."""
    if not any(o.dtype in HALVES for o in call.sample.operands):
        return None
    found = outcome(THEIRS, call, in_float64(call.sample.operands), way)
    return None if found.error else found


def differences(a: Outcome, b: Outcome, exact: Outcome | None) -> tuple[int, list[str]]:
    """How much of PyTorch's outcome `a` and ours was compared, and what differs."""
    if a.error or b.error:
        return 1, [] if a.error and b.error and a.kind == b.kind else [f"{a} there, {b} here"]
    both = a.gradients is not None and b.gradients is not None
    if both and len(a.gradients) != len(b.gradients):
        return 1, [f"{len(a.gradients)} gradients there, {len(b.gradients)} here"]
    found, compared = [], 0
    for kind in ("values", "gradients") if both else ("values",):
        pairs = list(zip(getattr(a, kind), getattr(b, kind)))
        exactly = getattr(exact, kind) if exact and getattr(exact, kind) else [None] * len(pairs)
        compared += len(pairs)
        for k, ((x, y), e) in enumerate(zip(pairs, exactly)):
            if (x is None) != (y is None) or (x is not None and not close(x, y, e and e.array)):
                found.append(f"{kind[:-1]} {k}: {difference(x, y)}")
    return compared, found


def compare(section: Section, sample: Sample) -> None:
    call = Call(sample)
    found: dict[str, list[str]] = {}
    for way in call.ways():
        a, b = (outcome(side, call, sample.operands, way) for side in (THEIRS, OURS))
        compared, different = differences(a, b, exactly(call, way))
        section.compared += compared
        for text in different:
            found.setdefault(text, []).append(way)
    for text, ways in found.items():
        what = f"{text} (by {', '.join(ways)})"
        section.differ(f"{call.row['torch']}: {sample.text}", what, reason_for(sample, what))


def note_rows(section: Section, samples: dict[str, list[Sample]], called: list[str]) -> None:
    unspelled = sorted(row for row in samples if not ROWS[row]["torch"])
    section.note(
        f"{len(called)} of {len(samples)} rows are called: by keywords, by positions, as methods and in place, wherever PyTorch "
        f"has that. {' and '.join(f'`{row}`' for row in sorted(ELSEWHERE))} take functions; they stand under Control flow."
    )
    section.note(f"PyTorch has no name for these {len(unspelled)}: {', '.join(f'`{row}`' for row in unspelled)}.")


def compare_rows(section: Section, samples: dict[str, list[Sample]]) -> None:
    called = [row for row in samples if ROWS[row]["torch"] and row not in ELSEWHERE]
    note_rows(section, samples, called)
    for sample in section.each(s for row in called for s in samples[row]):
        try:
            compare(section, sample)
        except Unsayable as e:
            where, argument = f"{ROWS[sample.row]['torch']}: {sample.text}", str(e)
            meant = argument in NO_WORD.get(sample.row, ())
            section.differ(where, f"no word for '{argument}'", "PyTorch's function cannot be told this" if meant else None)
