"""Weights that broadcast to the values they weigh: scalars, or one for every element of dimensions of size 1 or the
values' own."""

from __future__ import annotations

from typing import Any

import numpy as np

from twofold import _core
from twofold.tensorflow._array import rank, shape, where
from twofold.tensorflow._control import no_op
from twofold.tensorflow._fill import ones_like, zeros_like
from twofold.tensorflow._fill import range as range_
from twofold.tensorflow._graph import Operation, get_default_graph
from twofold.tensorflow._host import Assert, host
from twofold.tensorflow._op import ROWS, operation, scope_of, shadows
from twofold.tensorflow._tensor import Tensor, convert

_REFUSAL = "weights can not be broadcast to values."


def assert_broadcastable(weights: Any, values: Any) -> Operation:
    """ValueError where the graph knows that weights do not broadcast to values; else an operation that fails if they
    turn out not to."""
    with scope_of(None, "assert_broadcastable", [weights, values]) as scope:
        w, v = convert(weights, name="weights"), convert(values, name="values")
        sizes = [f(t, name=f"{of}/{what}") for t, of in ((w, "weights"), (v, "values")) for f, what in ((shape, "shape"), (rank, "rank"))]
        if w._shape == () and v._shape is not None:
            return no_op("static_scalar_check_success")
        if w._shape is not None and v._shape is not None:
            _check_ranks(w, v)
            if w.shape.is_fully_defined() and v.shape.is_fully_defined():
                return no_op("static_dims_check_success")
        return _checked_when_it_runs(scope, w, v, *sizes)


def _check_ranks(w: Tensor, v: Tensor) -> None:
    if len(w._shape) != len(v._shape):
        raise ValueError(f"{_REFUSAL} values.rank={len(v._shape)}. weights.rank={len(w._shape)}. values.shape={v.shape}. weights.shape={w.shape}.")
    if not w.shape.is_fully_defined() or not v.shape.is_fully_defined():
        return
    for k, (m, n) in enumerate(zip(w._shape, v._shape)):
        if m not in (1, n):
            shapes = f"values.shape={np.array(v._shape)} weights.shape={np.array(w._shape)}"
            raise ValueError(f"{_REFUSAL} Mismatch at dim {k}. {shapes}.")


_VALID = "is_valid_shape"
_SHAPED = f"{_VALID}/has_valid_nonscalar_shape"
_DIMS = f"{_SHAPED}/has_invalid_dims"
# TensorFlow compares the shapes in the branches of two conds.
_COMPARISON = (
    f"{_VALID}/Switch {_VALID}/switch_t {_VALID}/switch_f {_VALID}/pred_id {_VALID}/Switch {_SHAPED}/is_same_rank:Equal "
    f"{_SHAPED}/is_same_rank/Switch {_SHAPED}/is_same_rank/Switch {_SHAPED}/Switch {_SHAPED}/switch_t {_SHAPED}/switch_f {_SHAPED}/pred_id "
    f"{_DIMS}/ExpandDims(dim) {_DIMS}/ExpandDims/Switch {_DIMS}/ExpandDims/Switch {_DIMS}/ones_like:Fill(Shape,Const) {_DIMS}/concat(axis) "
    f"{_DIMS}/ExpandDims(dim) {_DIMS}/ExpandDims_1/Switch {_DIMS}/ExpandDims_1/Switch {_DIMS}/DenseToDenseSetOperation "
    f"{_DIMS}/num_invalid_dims:Size {_DIMS}/x {_DIMS}:Equal {_SHAPED}/Switch {_SHAPED}/Merge"
)


def _checked_when_it_runs(scope: str, w: Tensor, v: Tensor, w_shape: Tensor, w_rank: Tensor, v_shape: Tensor, v_rank: Tensor) -> Operation:
    is_scalar = ROWS["equal"](0, w_rank, name="is_scalar")
    with get_default_graph().control_dependencies(None):
        shadows(_COMPARISON)

    def fits(weights: np.ndarray, values: np.ndarray) -> list[np.bool_]:
        same = weights.size == values.size and all(m in (1, n) for m, n in zip(weights, values))
        return [np.bool_(weights.size == 0 or same)]

    with scope_of(f"{_VALID}/Merge", "Merge") as inner:
        valid = operation("Merge", inner, [w_shape, v_shape], lambda step: host(step, fits, [w_shape, v_shape], ["bool"])).outputs[0]
    _core.refine_shape(valid, [])
    data = [_REFUSAL, "weights.shape=", w.name, w_shape, "values.shape=", v.name, v_shape, "is_scalar=", is_scalar]
    return Assert(valid, data, name=scope)


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """The weights in the shape of the values."""
    with scope_of(None, "broadcast_weights", [weights, values]) as scope:
        w, v = convert(weights, name="weights"), convert(values, name="values")
        if w._shape == v._shape and w.shape.is_fully_defined():
            return w
        with get_default_graph().control_dependencies([assert_broadcastable(w, v)]):
            return ROWS["multiply"](w, ones_like(v), name=scope)


def num_present(losses: Any, weights: Any, per_batch: bool = False) -> Tensor:
    """How many losses have a weight that is not 0: in all, or for each example."""
    with scope_of(None, "num_present", [losses, weights]) as scope:
        w = convert(weights)
        present = where(ROWS["equal"](w, 0.0), zeros_like(w), ones_like(w))
        present = broadcast_weights(present, losses)
        if per_batch:
            return ROWS["reduce_sum"](present, range_(1, rank(present)), True, name=scope)
        return ROWS["reduce_sum"](present, name=scope)
