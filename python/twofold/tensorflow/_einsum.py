"""tf.einsum: products of tensors by named axes, pair by pair, each a matrix product or an outer one."""

from __future__ import annotations

import re
import string
from typing import Any

from twofold.tensorflow._array import expand_dims, reshape, shape, transpose
from twofold.tensorflow._math import matmul
from twofold.tensorflow._op import ROWS, scope_of
from twofold.tensorflow._tensor import Tensor, convert


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """'ij,jk->ik': the product over the axes that the result does not name, summed. '...' stands for other axes in front."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise TypeError(f"invalid keyword arguments for this function: {', '.join(sorted(kwargs))}")
    with scope_of(name, "einsum", inputs):
        tensors = [convert(t, name="input") for t in inputs]
        labels, wanted = _parsed(equation, tensors)
        out, have = tensors[0], labels[0]
        for k in range(1, len(tensors)):
            later = wanted + "".join(labels[k + 1 :])
            out, have = _joined(out, have, tensors[k], labels[k], later)
        over = [k for k, label in enumerate(have) if label not in wanted]
        out = ROWS["reduce_sum"](out, over) if over else out
        have = "".join(label for label in have if label in wanted)
        return _in_order(out, have, wanted)


def _parsed(equation: str, tensors: list[Tensor]) -> tuple[list[str], str]:
    """The axes of each operand, and of the result."""
    text = equation.replace(" ", "")
    if not re.fullmatch(r"[a-zA-Z.]*(,[a-zA-Z.]*)*(->[a-zA-Z.]*)?", text) or re.sub(r"\.\.\.", "", text).count("."):
        raise ValueError(f"Indices have incorrect format: {equation}")
    left, arrow, right = text.partition("->")
    labels = left.split(",")
    if len(labels) != len(tensors):
        raise ValueError(f'Got {len(tensors)} arguments for equation "{text}", expecting {len(labels)}')
    labels, others = _without_dots(text, labels, tensors)
    for given in labels:
        if len(set(given)) != len(given):
            raise ValueError(f"Subscript not supported: an axis appears more than once: {given}")
    if not arrow:
        every = "".join(labels)
        right = others + "".join(sorted(c for c in set(every) - set(others) if every.count(c) == 1))
    right = right.replace("...", others)
    if set(right) - set("".join(labels)) or len(set(right)) != len(right):
        raise ValueError(f"Invalid equation: {text}")
    return labels, right


def _without_dots(text: str, labels: list[str], tensors: list[Tensor]) -> tuple[list[str], str]:
    """`...` as names that nobody else uses; operands may have fewer of these axes, the last ones."""
    if "..." not in text:
        for given, t in zip(labels, tensors):
            if t._shape is not None and len(t._shape) != len(given):
                raise ValueError(f"Unexpected number of dimensions: '{given}' for a tensor of shape {t.shape}")
        return labels, ""
    counts = [len(t._shape) - len(given.replace("...", "")) for given, t in zip(labels, tensors)]
    free = [c for c in string.ascii_letters if c not in text]
    others = "".join(free[: max(n for given, n in zip(labels, counts) if "..." in given)])
    return [given.replace("...", others[len(others) - n :]) for given, n in zip(labels, counts)], others


# --- two operands -------------------------------------------------------------------------------------------------
def _joined(a: Tensor, a_labels: str, b: Tensor, b_labels: str, later: str) -> tuple[Tensor, str]:
    """The product, summed over the axes that both have and nobody needs later; and its axes."""
    both = set(a_labels) & set(b_labels)
    kept, summed = (sorted(c for c in both if (c in later) == needed) for needed in (True, False))
    mine, others = sorted(set(a_labels) - both), sorted(set(b_labels) - both)
    a = _in_order(a, a_labels, "".join(kept + mine + summed))
    b = _in_order(b, b_labels, "".join(kept + summed + others))
    result = "".join(kept + mine + others)
    if not summed:
        return _outer(a, b, len(kept), len(mine), len(others)), result
    return _contracted(a, b, len(kept), len(mine), len(summed)), result


def _outer(a: Tensor, b: Tensor, kept: int, mine: int, others: int) -> Tensor:
    for _ in range(others):
        a = expand_dims(a, -1)
    for _ in range(mine):
        b = expand_dims(b, kept)
    return ROWS["multiply"](a, b)


def _contracted(a: Tensor, b: Tensor, kept: int, mine: int, summed: int) -> Tensor:
    """Batches of matrices, the axes of each kind as one."""
    sizes = _sizes(a)
    batch, rows = sizes[:kept], sizes[kept : kept + mine]
    total_rows, inner = _total(rows), _total(sizes[kept + mine :])
    a = _reshaped(a, [*batch, total_rows, inner])
    sizes = _sizes(b)
    columns = sizes[kept + summed :]
    b = _reshaped(b, [*sizes[:kept], inner, _total(columns)])
    product = matmul(a, b)
    return _reshaped(product, [*batch, *rows, *columns])


def _sizes(t: Tensor) -> list[Any]:
    """The sizes: numbers where they are known, else what the run finds."""
    if t.shape.is_fully_defined():
        return list(t._shape)
    told = shape(t)
    return [told[k] if n is None else n for k, n in enumerate(t._shape)]


def _total(sizes: list[Any]) -> Any:
    total: Any = 1
    for n in sizes:
        total = total * n
    return total


def _reshaped(t: Tensor, sizes: list[Any]) -> Tensor:
    known = [n if isinstance(n, int) else None for n in sizes]
    if None not in known and list(t._shape) == known:
        return t
    made = reshape(t, sizes)
    made.set_shape(known)
    return made


def _in_order(t: Tensor, have: str, wanted: str) -> Tensor:
    return t if have == wanted else transpose(t, [have.index(c) for c in wanted])
