"""Every row with a TensorFlow spelling on every one of its samples: values, dtypes, static shapes, names, gradients, refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oracle.outcomes import Outcome, Value, caught, close, difference
from oracle.report import Section
from oracle.samples import FLOATS, Operand, Sample
from oracle.tensorflow_calls import ROWS, Unsayable, call
from oracle.tensorflow_known import reason_for
from oracle.tensorflow_side import OURS, THEIRS, Side

ELSEWHERE = {"cond", "while_loop"}  # they take functions: tensorflow_expressions.py
# How an operand stands in the graph: a constant, or a placeholder of which so much is known.
FORMS: dict[str, Callable[[Sequence[int]], Any] | None] = {
    "constants": None,
    "partly known": lambda sizes: [None if k % 2 == 0 else n for k, n in enumerate(sizes)],
    "unknown": lambda sizes: None,
}


def statics(tensors: list[Any]) -> list[Value]:
    """What the graph knows of its tensors before it runs."""
    return [Value("static", np.array(f"{t.name} {t.dtype.name} {t.shape}")) for t in tensors]


def gradients(side: Side, session: Any, outputs: list[Any], values: list[Value], leaves: list[Any], feed: dict, seed: int) -> list[Value | None]:
    """Of the sum of the outputs, each weighted at random."""
    random = np.random.RandomState(seed)
    from_, weights = [], []
    for y, v in zip(outputs, values):
        weight = random.uniform(-1, 1, v.array.shape)
        if v.dtype in FLOATS:
            from_.append(y)
            weights.append(side.module.cast(side.module.constant(weight), y.dtype))
    to = [x for x in leaves if x.dtype.is_floating]
    if not from_ or not to:
        return []
    found = [None if g is None else side.module.convert_to_tensor(g) for g in side.module.gradients(from_, to, weights)]
    computed = iter(side.values(session, [g for g in found if g is not None], feed))
    return [None if g is None else next(computed) for g in found]


Made = Callable[[Side, Sample, list[Any]], list[Any]]  # the outputs of a sample


def outcome(side: Side, sample: Sample, operands: list[Operand], sizes: Callable[[Sequence[int]], Any] | None, make: Made) -> Outcome:
    def run() -> Outcome:
        with side.graph(), side.session() as session:
            made = [side.leaf(o, sizes) for o in operands]
            leaves, feed = [t for t, _ in made], {k: v for _, f in made for k, v in f.items()}
            outputs = make(side, sample, leaves)
            known = statics(outputs)
            values = side.values(session, outputs, feed)
            return Outcome(known + values, gradients(side, session, outputs, values, leaves, feed, sample.number))

    return caught(run)


def in_float64(operands: list[Operand]) -> list[Operand]:
    return [Operand(o.parameter, "float64", o.values.astype(np.float64)) if o.dtype in FLOATS else o for o in operands]


def exactly(sample: Sample, make: Made) -> Outcome | None:
    """TensorFlow's result in float64: sums that cancel, or that are long, keep fewer digits than their dtype has."""
    if not any(o.dtype in FLOATS[:3] for o in sample.operands):
        return None
    found = outcome(THEIRS, sample, in_float64(sample.operands), None, make)
    return None if found.error else found


def differences(a: Outcome, b: Outcome, exact: Outcome | None) -> tuple[int, list[str]]:
    """How much of TensorFlow's outcome `a` and ours was compared, and what differs."""
    if a.error or b.error:
        return 1, [] if a.error and b.error and a.kind == b.kind else [f"{a} there, {b} here"]
    compared, found = 0, []
    for kind in ("values", "gradients"):
        xs, ys = getattr(a, kind), getattr(b, kind)
        if len(xs) != len(ys):
            return 1, [f"{len(xs)} {kind} there, {len(ys)} here"]
        exactly = getattr(exact, kind) if exact and len(getattr(exact, kind)) == len(xs) else [None] * len(xs)
        compared += len(xs)
        for k, (x, y, e) in enumerate(zip(xs, ys, exactly)):
            if (x is None) != (y is None) or (x is not None and not close(x, y, e and (e.dtype != "static" or None) and e.array)):
                found.append(f"{kind[:-1]} {k}: {difference(x, y)}")
    return compared, found


def compare(section: Section, sample: Sample, make: Made) -> None:
    found: dict[str, list[str]] = {}
    for form, sizes in FORMS.items():
        if not sample.operands and sizes is not None:
            continue
        a, b = (outcome(side, sample, sample.operands, sizes, make) for side in (THEIRS, OURS))
        if isinstance(a.error, Unsayable):
            raise a.error
        compared, different = differences(a, b, exactly(sample, make))
        section.compared += compared
        for text in different:
            found.setdefault(text, []).append(form)
    for text, forms in found.items():
        text = f"{text} ({', '.join(forms)})"
        section.differ(title(sample), text, reason_for(sample.name if sample.row in ROWS else sample.text, text))


def title(sample: Sample) -> str:
    """What is called, and on what."""
    return f"{ROWS[sample.row]['tf'].partition(' ->')[0]}: {sample.text}" if sample.row in ROWS else sample.text


def compare_rows(section: Section, samples: dict[str, list[Sample]]) -> None:
    unsayable: Counter[str] = Counter()
    for sample in section.each(s for row in samples.values() for s in row):
        if not ROWS[sample.row]["tf"] or sample.row in ELSEWHERE:
            continue
        try:
            compare(section, sample, call)
        except Unsayable as e:
            unsayable[f"{sample.row}({e})"] += 1
    listed = ", ".join(f"{n} of `{name}`" for name, n in sorted(unsayable.items()))
    section.note(f"Samples that set what TensorFlow's function has no argument for: {listed}.")
