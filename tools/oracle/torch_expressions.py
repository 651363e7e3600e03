"""Expressions that the oracle evaluates in PyTorch and here, with `x` of every dtype: values, dtypes, gradients, errors.

`x` is [2, 3, 4] with ties, `m` a matrix [3, 4] and `v` a vector [5] of the same dtype, `i` int64 indices, `b` a mask; `z`
is a vector with zeros in it, `n` one with NaNs and infinities (floats only), `e` is empty [0, 3], `s` a scalar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from oracle.outcomes import Outcome, caught
from oracle.report import Section
from oracle.samples import DTYPES, FLOATS, HALVES
from oracle.torch_rows import differences, gradients, listed
from oracle.torch_side import OURS, THEIRS, Side

EXPRESSIONS = """
x.argmin(), x.argmax(), x.argmin(1), x.argmax(-1, keepdim=True), x.argmin(keepdim=True), s.argmin(), e.argmin(1), n.argmin(), n.argmax()
x.min(1), x.max(0, keepdim=True), x.min(), x.max(x.flip(0)), s.max(0), n.min(0), n.max(0), e.max(1)
x.prod(), x.prod(1), x.prod(-1, keepdim=True), z.prod(), z.prod(0), (z * 0).prod(), s.prod(), e.prod(), e.prod(0), m.prod(dtype=torch.float64)
x.cumsum(0), x.cumsum(-1), s.cumsum(0), e.cumsum(0), z.cumsum(0, dtype=torch.int32), torch.cumsum(m, dim=1), n.cumsum(0)
x.cumprod(0), x.cumprod(-1), s.cumprod(0), z.cumprod(0), e.cumprod(1), m.cumprod(1, dtype=torch.float32), n.cumprod(0)
x.sum(1, dtype=torch.int32), x.logsumexp(1), x.logsumexp((0, 2), keepdim=True), e.logsumexp(0), n.logsumexp(0), s.logsumexp(0)
x.std(), x.std(1), x.std((0, 2), keepdim=True), x.std(1, False), x.var(2, correction=2), torch.std_mean(x, 1), torch.var_mean(m)
x.norm(), x.norm(1), x.norm(float('inf'), 1), x.norm(3, 0), x.norm(2, (0, 2), True), z.norm(float('-inf')), (z * 0).norm(), v.norm(p=0.5)
F.pad(x, (1, 2)), F.pad(x, (1, -1, 0, 2), value=3), F.pad(x, (2, 1), mode='reflect'), F.pad(x, (1, 3), mode='replicate')
F.pad(x, (1, 2), mode='circular'), F.pad(x[None], (1, 1, 2, 0), mode='reflect'), F.pad(x[None], (3, 0, 1, 2), mode='replicate')
x.flip(0), x.flip(0, -1), torch.flip(x, (1,)), m.fliplr(), m.flipud(), x.roll(1), x.roll((1, -2), (0, 2)), x.roll(7, 1), e.roll(1, 0), s.roll(0)
v.repeat(2), m.repeat(2, 1), m.repeat(2, 1, 3), m.tile(2), m.tile((2, 1, 1)), e.repeat(2, 2), s.repeat(3), v.repeat(0)
m.triu(), m.tril(-1), x.triu(1), x.tril(), e.triu(), m.triu(9), v.diag(), v.diag(1), m.diag(), m.diag(-2), m.diag(9), m.diagflat(), m.trace()
m.diagonal(), x.diagonal(0, 1, 2), x.diagonal(-1, 2, 0), torch.diag_embed(m), torch.diag_embed(v, 2), torch.diag_embed(m, -1, 0, 1)
x.sort(), x.sort(1), x.sort(0, descending=True), n.sort(), n.sort(descending=True), s.sort(), e.sort(0), m.argsort(1), m.argsort(0, True), x.msort()
x.sort(stable=True, dim=1), v.topk(2), x.topk(2), x.topk(1, 0), x.topk(2, 1, largest=False), n.topk(3), n.topk(5, largest=False), s.topk(1), v.topk(0)
d.topk(2), d.topk(3, largest=False), d.kthvalue(2), p.kthvalue(1, 0), p.kthvalue(3, 1, True), d.median(), p.median(1), n.median(), s.median(0)
x.unique(), m.unique(return_inverse=True, return_counts=True), n.unique(return_counts=True), e.unique(), s.unique(return_inverse=True)
x.unique(dim=0), m.unique(dim=1, return_inverse=True, return_counts=True), x.unique(dim=-1), v.unique(dim=0, return_inverse=True)
v.unique_consecutive(), m.unique_consecutive(return_inverse=True, return_counts=True), x.unique_consecutive(dim=1), e.unique_consecutive()
torch.searchsorted(v.sort()[0], m), torch.searchsorted(v.sort()[0], m, right=True), torch.searchsorted(m.sort()[0], m, side='right')
torch.searchsorted(v.sort()[0], s), torch.bucketize(m, v.sort()[0]), torch.bucketize(v, v.sort()[0], right=True, out_int32=True)
torch.bincount(v), torch.bincount(i, v), torch.bincount(i, v, minlength=9), F.one_hot(i), F.one_hot(i, 7), F.one_hot(v)
x.masked_select(x > 1), m.masked_select(b), v.masked_select(v != v), s.masked_select(s == s), m.masked_select(m)
m.repeat_interleave(2), m.repeat_interleave(2, 1), m.repeat_interleave(k, 0), v.repeat_interleave(0), torch.repeat_interleave(k), m.repeat_interleave(v, 0)
x.movedim(0, 2), x.moveaxis((0, 1), (2, 0)), x.flatten(), x.flatten(1), x.flatten(0, 1), s.flatten(), e.flatten(), x[None].squeeze((0, 1)), x[None].squeeze(0)
x.swapaxes(0, 1), m.squeeze(), m[None, :, None].squeeze(), torch.fliplr(v), m.flatten(1, 0), m.squeeze(4), m[None].squeeze((0, 0)), m.movedim(0, 3)
m.movedim((0, 0), (0, 1)), m.flip(0, 0), m.flip(2), m.roll(1, 2), m.roll((1, 2)), m.repeat(2), m.repeat(-1, 1), v.triu(), x.diag(), x.trace()
m.diagonal(0, 1, 1), v.diagonal(), x.sort(3), x.topk(5), x.topk(-1), x.kthvalue(0), e.max(0), e.argmax(0), e.argmax(), e.max(), x.cumsum(3), x.prod(3)
F.pad(m, (1,)), F.pad(m, (1, 1, 1, 1, 1, 1)), F.pad(m, (4, 0), mode='reflect'), F.pad(m, (-5, 0)), F.pad(m, (0, 0), mode='wrap'), F.pad(v, (1, 1), mode='reflect')
torch.searchsorted(x, v), torch.searchsorted(v, v, side='left', right=True), torch.bincount(-i), torch.bincount(m), F.one_hot(i, 1), m.masked_select(b[0, :2])
m.repeat_interleave(-1), m.repeat_interleave(k[:2], 0), m.repeat_interleave(2, 5), m.repeat_interleave(-k, 0), torch.eye(-1), torch.linspace(0, 1, -1)
x.absolute(), torch.absolute(v), m.arccos(), m.arcsin(), m.arctan(), m.arccosh(), m.arcsinh(), m.arctanh(), m.arctan2(x), torch.arcsin(m), torch.arctan(m)
torch.arccos(m), torch.arccosh(m), torch.arcsinh(m), torch.arctanh(m), torch.arctan2(m, x), m.fix(), torch.fix(m), m.divide(x), torch.divide(m, s), m.true_divide(2)
m.subtract(x), torch.subtract(m, s, alpha=2), m.multiply(x), m.negative(), m.greater(1), m.greater_equal(x), m.less(x), m.less_equal(1), m.not_equal(x), torch.less(m, x)
torch.greater_equal(m, x), torch.less_equal(m, x), torch.not_equal(m, x), torch.true_divide(m, x), m.clone().absolute_(), m.clone().arccos_(), m.clone().arccosh_()
m.clone().arcsin_(), m.clone().arcsinh_(), m.clone().arctan_(), m.clone().arctan2_(s), m.clone().arctanh_(), m.clone().clip_(1, 2), m.clone().divide_(2), m.clone().fix_()
m.clone().greater_(1), m.clone().greater_equal_(1), m.clone().less_(1), m.clone().less_equal_(1), m.clone().multiply_(m), m.clone().negative_(), m.clone().not_equal_(1)
m.clone().subtract_(m, alpha=2), m.clone().true_divide_(2), m.clone().div_(2, rounding_mode='floor'), m.clone().add_(other=m), m.clone().copy_(m, non_blocking=True)
m.addmv(v[:4], v[:3]), v[:3].addmv(m, v[:4], beta=2, alpha=3), torch.addmv(v[:3], m, v[:4]), m.clone().addmm_(m[:, :2], m[:2]), s.broadcast_to(2, 3), v.broadcast_to((2, 5))
torch.broadcast_to(s, (2,)), torch.concat([m, m]), torch.concatenate([m, m], axis=1), m.swapdims(0, 1), torch.swapdims(m, 0, 1), m.mH, torch.full_like(m, 2), x.ndimension()
m.index_fill(0, k, 5), torch.index_fill(m, 1, k, 2), m.index_copy(0, k, m), torch.index_copy(m, 0, k, m), m.index_fill(0, k, s), m.clone().logical_xor_(m), m.clone().eq_(1)
F.tanhshrink(m), F.bilinear(m, m, x[:, :, :1].expand(2, 4, 4)), F.bilinear(m, m, x[:, :, :1].expand(2, 4, 4), v[:2]), torch.nn.Tanhshrink()(x)
torch.nn.CosineSimilarity(dim=0)(m, x[0]), torch.nn.PairwiseDistance()(m, x[0]), torch.nn.PairwiseDistance(1, keepdim=True)(m, x[0]), F.huber_loss(m, x[0], weight=m), F.mse_loss(m, x[0], weight=m), F.l1_loss(m, x[0], weight=m), F.mse_loss(m, x[0], weight=m, reduction='sum')
torch.add(m, m, out=torch.empty(0, dtype=D)), torch.sum(m.detach(), 0, out=torch.empty(0).double()), torch.exp(m, out=torch.empty(3, 4)), torch.cat([m, m], out=torch.empty(0, dtype=D))
torch.max(m.detach(), 0, out=(torch.empty(0, dtype=D), torch.empty(0).long())), torch.mm(m.detach(), m.detach().t(), out=torch.empty(0, dtype=D)), torch.exp(m.detach(), out=e[:0].detach())
torch.add(m.detach(), 1, out=torch.empty(3, 4).int()), torch.mul(m.detach(), 1.5, out=torch.empty(3, 4)), torch.stack([v, v], out=torch.empty(2, 9, dtype=D)), torch.clip(v, 1, 2, out=v)
torch.eye(3), torch.eye(2, 4, dtype=D), torch.linspace(0, 1, 7, dtype=D), torch.linspace(1, 5, 9, dtype=D), torch.tril_indices(3, 4, 1), torch.triu_indices(3, 2)
"""
# PyTorch leaves open which of equal elements is meant; here it is the first. Only the values are compared.
OPEN = {"x.topk(2)", "n.topk(5, largest=False)", "n.median()"}
# What is called, what differs, and why it is meant to.
KNOWN = [
    (r"masked_select\(m\)", "uint8", "Bytes are masks here, as they were in the first PyTorch"),
    (r"(greater|less|equal|xor|eq)_\(", "gradients there, 0 here", "A comparison has no history here, in place either"),
]
# PyTorch has no kernel for these dtypes; an answer is no mistake.
_NO_KERNEL = ("not implemented for", "not supported", "does not support", "unsupported", "Not implemented", "not support")


def expressions() -> Iterator[str]:
    for line in EXPRESSIONS.strip().splitlines():
        depth, begin = 0, 0
        for at, char in enumerate(line + ","):
            depth += (char in "([") - (char in ")]")
            if char == "," and depth == 0:
                yield line[begin:at].strip()
                begin = at + 1


def operands(side: Side, dtype: str) -> dict[str, Any]:
    """The names that expressions use, made alike on either side; floats are leaves."""
    module, random, kind = side.module, np.random.RandomState(3), side.dtype(dtype)

    def made(values: Any) -> Any:
        t = module.tensor(np.asarray(values).tolist(), dtype=kind)
        return t.requires_grad_() if dtype in FLOATS else t

    whole = random.randint(0, 4, (2, 3, 4))
    x = whole * 0.5 + 0.25 if dtype in FLOATS else whole
    names = {"x": x, "m": x[1], "v": x[0, 0].tolist() + [1], "z": [2, 0, 1, 0, 3], "s": 2, "d": [5, 1, 3, 2, 4],
             "p": np.stack([random.permutation(4) + 4 * k for k in range(3)])}  # fmt: skip
    out = {name: made(values) for name, values in names.items()}
    out["e"] = module.zeros(0, 3, dtype=kind)
    out["n"] = made([1, float("nan"), float("inf"), -2, float("nan"), float("-inf"), 1]) if dtype in FLOATS else out["v"]
    out["i"], out["k"] = module.tensor([1, 0, 3, 1, 1]), module.tensor([2, 0, 1])
    out["b"] = module.tensor([[True, False, True, True]])
    return {**out, "torch": module, "F": module.nn.functional, "D": kind}


def evaluated(side: Side, expression: str, dtype: str) -> Outcome:
    """A result, and the gradients of its weighted sum."""

    def run() -> Outcome:
        names = operands(side, dtype)
        results = listed(eval(expression, dict(names)))[: 1 if expression in OPEN else None]
        leaves = [] if expression in OPEN else [t for _, t in sorted(names.items()) if getattr(t, "requires_grad", False)]
        return Outcome([side.value(t) for t in results], gradients(side, results, leaves, 5))

    return caught(run)


def lacks_kernel(outcome: Outcome) -> bool:
    return outcome.error is not None and any(words in str(outcome.error) for words in _NO_KERNEL)


def compare_expressions(section: Section) -> None:
    for expression, dtype in section.each((e, d) for e in expressions() for d in DTYPES.values()):
        a, b = (evaluated(side, expression, dtype) for side in (THEIRS, OURS))
        if lacks_kernel(a):
            section.compared += 1
            continue
        exact = evaluated(THEIRS, expression, "float64") if dtype in HALVES else None
        compared, found = differences(a, b, None if exact is None or exact.error else exact)
        section.compared += compared
        for text in found:
            section.differ(f"{expression} of {dtype}", text, reason_of(expression, text))


def reason_of(expression: str, difference: str) -> str | None:
    return next((why for call, what, why in KNOWN if re.search(call, expression) and re.search(what, difference)), None)
