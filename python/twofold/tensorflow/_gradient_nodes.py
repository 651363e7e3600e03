"""The nodes that TensorFlow's gradient functions add to a graph.

The engine makes its own, fewer ones; but a gradient is printed under the name of TensorFlow's last node, and operations
made later draw their seeds from the count. So tf.gradients() walks the graph as TensorFlow does, from ys back to xs, and
notes for every operation which nodes its gradient function makes and which of them is the gradient of which input.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold.tensorflow._custom_gradient import made_by
from twofold.tensorflow._graph import Graph, Operation
from twofold.tensorflow._op import shadows
from twofold.tensorflow._sizes import constant_value
from twofold.tensorflow._tensor import Tensor

# A gradient function: the operation, and the name of its output's gradient; a name for each input, None for no gradient.
GradientNodes = Callable[["_Walk", Operation, str], list]

# One input; the gradient is the last node.
_UNARY = {
    "Abs": "Sign mul", "Acos": "Square Const Sub Sqrt Reciprocal Neg mul", "Acosh": "Sinh truediv", "Asin": "Square Const Sub Sqrt Reciprocal mul",
    "Asinh": "Cosh truediv", "Atan": "Square Const Add Reciprocal mul", "Atanh": "Square Const Sub Reciprocal mul", "Cast": "Cast", "CheckNumerics": "CheckNumerics",
    "Cos": "Neg Sin mul", "Cosh": "Sinh mul", "Cumprod": "Cumprod mul Cumsum truediv", "Cumsum": "Cumsum", "Digamma": "Const Polygamma mul",
    "Elu": "EluGrad", "Erf": "Const mul Square Neg Exp mul", "Erfc": "Const mul Square Neg Exp mul", "Exp": "mul", "ExpandDims": "Shape Reshape",
    "Expm1": "Exp mul", "GatherNd": "Shape ScatterNd", "L2Loss": "mul", "LeakyRelu": "LeakyReluGrad", "Lgamma": "Digamma mul", "Log": "Reciprocal mul",
    "Log1p": "add(x) Reciprocal mul", "LogSoftmax": "Exp Sum(reduction_indices) mul sub", "Neg": "Neg", "Pad": "Rank stack(1) Slice(begin) Reshape(shape) Shape Slice",
    "Reciprocal": "ReciprocalGrad", "Relu": "ReluGrad", "Relu6": "Relu6Grad", "Reshape": "Shape Reshape", "ReverseV2": "ReverseV2", "Rsqrt": "RsqrtGrad",
    "SegmentSum": "GatherV2(axis)", "Selu": "SeluGrad", "Sigmoid": "SigmoidGrad", "Sign": "Shape zeros(Const)", "Sin": "Cos mul", "Sinh": "Cosh mul",
    "Slice": "Rank Shape stack(1) Reshape Shape sub sub Reshape concat(axis) Pad", "Softmax": "mul Sum(reduction_indices) sub mul", "Softplus": "Sigmoid mul",
    "Softsign": "SoftsignGrad", "Split": "concat", "SplitV": "concat", "Sqrt": "SqrtGrad", "Square": "Const Mul Mul", "Squeeze": "Shape Reshape",
    "StridedSlice": "Shape StridedSliceGrad", "Tan": "Cos Reciprocal Square mul", "Tanh": "TanhGrad",
    "Tile": "Shape stack transpose(perm) Reshape(shape) Size range(start,delta) Reshape Sum", "Transpose": "InvertPermutation transpose", "Unpack": "stack",
    "BroadcastTo": "Shape BroadcastGradientArgs Sum Reshape",
}  # fmt: skip
# The gradient goes through as it came.
_THROUGH = {"Identity", "AddN", "Print", "PlaceholderWithDefault"}
_SPREAD = "Shape Size add mod Shape range(start,delta) Fill(value) DynamicStitch"


class _Walk:
    """From the gradients of ys back to those of xs."""

    def __init__(self, graph: Graph, ys: Sequence[Tensor], xs: Sequence[Tensor], gated: bool) -> None:
        self.graph, self.gated = graph, gated
        self.scope = graph._scope + "/" if graph._scope else ""
        self.sources = {x.op for x in xs}
        self.depends: dict[Operation, bool] = {}
        self.grads: dict[tuple[Operation, int], list[str]] = {}
        self.pending = self._count(ys)

    # --- what lies between
    def between(self, op: Operation) -> bool:
        """Does a path of floats lead from xs to this operation? Walked without recursion: graphs are deep."""
        stack = [op]
        while stack:
            at = stack[-1]
            if at in self.depends:
                stack.pop()
                continue
            if at in self.sources:
                self.depends[at] = True
                continue
            inputs = [i.op for i in at._inputs if isinstance(i, Operation) or i.dtype.base_dtype.is_floating]
            unknown = [i for i in inputs if i not in self.depends]
            if unknown:
                stack += unknown
            else:
                self.depends[at] = any(self.depends[i] for i in inputs)
        return self.depends[op]

    def _count(self, ys: Sequence[Tensor]) -> dict[Operation, int]:
        """How many uses of each operation lie on a path to ys."""
        pending: dict[Operation, int] = {}
        seen, stack = set(), [y.op for y in ys]
        while stack:
            op = stack.pop()
            if op in seen or not self.between(op):
                continue
            seen.add(op)
            for i in (t.op for t in op._inputs):
                if self.between(i):
                    pending[i] = pending.get(i, 0) + 1
                    stack.append(i)
        return pending

    # --- the walk
    def run(self, ys: Sequence[Tensor], given: list[str]) -> None:
        for y, name in zip(ys, given):
            self._add(y, name)
        ready = deque(dict.fromkeys(y.op for y in ys if not self.pending.get(y.op)))
        while ready:
            op = ready.popleft()
            outputs = self._joined(op)
            if outputs and not (op in self.sources and not any(self.between(i.op) for i in op._inputs)):
                self._step(op, outputs)
            for i in (t.op for t in op._inputs):
                self.pending[i] = self.pending.get(i, 0) - 1
                if self.pending[i] == 0:
                    ready.append(i)

    def _add(self, t: Any, name: str) -> None:
        self.grads.setdefault((t.op, 0 if isinstance(t, Operation) else t.value_index), []).append(name)

    def _joined(self, op: Operation) -> dict[int, str]:
        """The gradients of the operation's outputs, each one tensor."""
        out = {}
        for k in range(max(1, len(op._outputs))):
            names = self.grads.get((op, k))
            if names:
                out[k] = names[0] if len(names) == 1 else shadows("AddN")[0]
                self.grads[op, k] = [out[k]]
        return out

    def _step(self, op: Operation, outputs: dict[int, str]) -> None:
        if len(op._outputs) > 1 and op not in made_by:  # a custom gradient made its zeros itself
            shadows("zeros_like " * (len(op._outputs) - len(outputs)))
        if op.type.endswith("SoftmaxCrossEntropyWithLogits"):
            shadows("zeros_like")
        with self.graph.name_scope(op.name + "_grad"):
            found = self._nodes(op, next(iter(outputs.values())))
            if self.gated and sum(f is not None for f in found) > 1:
                found = self._gate(found)
        for t, name in zip(op._inputs, found):
            if name is not None:
                self._add(t, name)

    def _nodes(self, op: Operation, given: str) -> list[str | None]:
        if len(op._inputs) < _inputs_of(op.type):  # a gradient's own node, or one that stands for several of TensorFlow's
            return [None] * len(op._inputs)
        if op.type in _THROUGH:
            return [given] * (len(op._inputs) if op.type == "AddN" else 1)
        if op.type in _UNARY:
            out: list[str | None] = [None] * len(op._inputs)
            out[1 if op.type == "Split" else 0] = shadows(_UNARY[op.type])[-1]
            return out
        function = _SEVERAL.get(op.type)
        return function(self, op, given) if function else [None] * len(op._inputs)

    def _gate(self, found: list[str | None]) -> list[str | None]:
        """All gradients of an operation wait for each other."""
        with self.graph.name_scope("tuple"):
            shadows("group_deps")
            return [None if name is None else shadows("control_dependency")[0] for name in found]

    def gradient_of(self, x: Tensor) -> str | None:
        names = self.grads.get((x.op, x.value_index))
        return names[0] if names else None


def _inputs_of(kind: str) -> int:
    return 3 if kind in ("GatherV2", "Select") else 2 if kind in _SEVERAL and kind != "Pack" else 1


# --- operands that broadcast --------------------------------------------------------------------------------------
def _known(t: Any) -> tuple | None:
    shape = tuple(t.value.shape) if isinstance(t, Operation) else t._shape
    return None if shape is None or None in shape else tuple(shape)


def _result(op: Operation) -> tuple | None:
    return _known(op._outputs[0])


class _Broadcast:
    """Sums the gradients of two operands back to their shapes, where these are not the result's."""

    def __init__(self, walk: _Walk, op: Operation) -> None:
        self.x, self.y, self.out = _known(op._inputs[0]), _known(op._inputs[1]), _result(op)
        self.static = self.x is not None and self.y is not None
        if not self.static:
            shadows("Shape Shape BroadcastGradientArgs")
            return
        cache = walk.graph._broadcasts
        if (self.x, self.y) not in cache:
            cache.add((self.x, self.y))
            shadows("BroadcastGradientArgs(s0,s1)")

    def sum(self, of: tuple | None, name: str) -> str:
        if not self.static:
            return shadows("Sum Reshape")[1]
        return name if of == self.out else shadows("Sum(reduction_indices) Reshape(shape)")[1]


def _equal_shapes(op: Operation) -> bool:
    shapes = {_known(i) for i in op._inputs} | {_result(op)}
    return len(shapes) == 1 and None not in shapes


def _add(walk: _Walk, op: Operation, given: str) -> list:
    if _equal_shapes(op):
        return [given, given]
    b = _Broadcast(walk, op)
    return [b.sum(b.x, given), b.sum(b.y, given)]


def _sub(walk: _Walk, op: Operation, given: str) -> list:
    if _equal_shapes(op):
        return [given, shadows("Neg")[0]]
    b = _Broadcast(walk, op)
    first = b.sum(b.x, given)
    return [first, b.sum(b.y, shadows("Neg")[0])]


def _mul(walk: _Walk, op: Operation, given: str) -> list:
    if _equal_shapes(op) and op._outputs[0].dtype.name in ("float32", "int32"):
        return shadows("Mul Mul")
    b = _Broadcast(walk, op)
    first = b.sum(b.x, shadows("Mul")[0])
    return [first, b.sum(b.y, shadows("Mul")[0])]


def _pow(walk: _Walk, op: Operation, given: str) -> list:
    b = _Broadcast(walk, op)
    first = b.sum(b.x, shadows("mul sub(y) Pow mul")[-1])
    last = shadows("Greater(y) ones_like(Shape,Const) Select Log zeros_like Select mul mul")[-1]
    return [first, b.sum(b.y, last)]


def _squared_difference(walk: _Walk, op: Operation, given: str) -> list:
    product = shadows("scalar Mul sub mul")[-1]
    if _equal_shapes(op):
        return [product, shadows("Neg")[0]]
    b = _Broadcast(walk, op)
    first = b.sum(b.x, product)
    b.sum(b.y, product)
    return [first, shadows("Neg")[0]]


def _fixed(text: str, first: int, second: int) -> GradientNodes:
    """Always the same nodes: which of them are the gradients of the two operands."""

    def function(walk: _Walk, op: Operation, given: str) -> list:
        made = shadows(text)
        return [made[first], made[second]]

    return function


def _choice(compare: str) -> GradientNodes:
    return _fixed(f"Shape Shape Shape zeros(Const) {compare} BroadcastGradientArgs Select Sum Reshape Select Sum Reshape", 8, 11)


# --- reductions ---------------------------------------------------------------------------------------------------
def _sum(walk: _Walk, op: Operation, given: str) -> list:
    shape, axes = op._inputs[0]._shape, _value(op._inputs[1])
    if shape is not None and axes is not None and np.array_equal(axes, np.arange(len(shape))):
        return [shadows(f"Reshape(shape) {'Shape' if None in shape else 'Const'} Tile")[-1], None]
    if shape is not None and axes is not None and None not in shape:
        key = (tuple(shape), tuple(np.reshape(axes, -1).tolist()))
        if key not in walk.graph._reductions:
            walk.graph._reductions.add(key)
            shadows(f"Cast-(x) Cast-(x) {_SPREAD.removeprefix('Shape ')} Maximum(x,y) floordiv(x)")
        return [shadows("Reshape(shape) Tile(multiples)")[-1], None]
    return [shadows(f"{_SPREAD} Maximum(y) floordiv Reshape Tile")[-1], None]


def _value(given: Any) -> np.ndarray | None:
    """What an operand is known to be."""
    return given.value if isinstance(given, Operation) else constant_value(given)


def _mean(walk: _Walk, op: Operation, given: str) -> list:
    _sum(walk, op, given)
    known = _known(op._inputs[0]) is not None and _result(op) is not None
    return [shadows("Const truediv" if known else "Shape Shape Const Prod Const Prod Maximum(y) floordiv Cast truediv")[-1], None]


def _extreme(walk: _Walk, op: Operation, given: str) -> list:
    return [shadows(f"{_SPREAD} Reshape Reshape Equal Cast Sum Reshape truediv mul")[-1], None]


def _prod(walk: _Walk, op: Operation, given: str) -> list:
    text = ("Shape Reshape(shape) Size add mod Shape range(start,delta) Fill(value) DynamicStitch Maximum(y) floordiv Reshape Tile Rank add mod "
            "range(start,delta) ListDiff concat(axis) GatherV2(axis) Const Prod GatherV2(axis) Const Prod transpose Shape Reshape(shape:Pack) Reshape "
            "Cumprod(axis) Cumprod(axis) mul Reshape InvertPermutation transpose mul Reshape")  # fmt: skip
    return [shadows(text)[-1], None]


# --- products, pieces, choices ------------------------------------------------------------------------------------
def _batch_matmul(walk: _Walk, op: Operation, given: str) -> list:
    piece = "strided_slice(stack,stack_1,stack_2)"
    made = shadows(f"MatMul MatMul Shape Shape {piece} {piece} BroadcastGradientArgs Sum Reshape Sum Reshape")
    return [made[8], made[10]]


def _concat(walk: _Walk, op: Operation, given: str) -> list:
    parts = op._inputs[:-1]
    known = all(_known(p) is not None for p in parts)
    made = shadows(f"Rank mod Shape {'Shape ' * (len(parts) - 1) if known else 'ShapeN'} ConcatOffset {'Slice ' * len(parts)}")
    return [*made[-len(parts) :], None]


def _pack(walk: _Walk, op: Operation, given: str) -> list:
    name = shadows("unstack")[0]
    return [name] + [f"{name}:{k}" for k in range(1, len(op._inputs))]


def _gather(walk: _Walk, op: Operation, given: str) -> list:
    at = _value(op._inputs[2])
    piece = "strided_slice(stack,stack_1,stack_2)"
    if at is not None and int(at) == 0:
        return [shadows(f"Shape Cast Size ExpandDims(dim) {piece} concat(axis) Reshape Reshape")[-2], None, None]
    text = (f"Shape Cast Size ExpandDims(dim) {piece} {piece} {piece} concat(values_1,axis) Size Size range(start,limit,delta) range(start,delta) "
            f"add(y) range(delta) Reshape concat(values_1,axis) transpose add(y) {piece} Size ExpandDims(dim) Reshape UnsortedSegmentSum add(y) "
            "concat(values_2,axis) transpose")  # fmt: skip
    return [shadows(text)[-1], None, None]


def _select(walk: _Walk, op: Operation, given: str) -> list:
    return [None, *shadows("zeros_like Select Select")[1:]]


def _sparse_cross_entropy(walk: _Walk, op: Operation, given: str) -> list:
    return [shadows("PreventGradient ExpandDims(dim) mul")[-1], None]


def _sparse_product(walk: _Walk, op: Operation, given: str) -> list:
    piece = "strided_slice(stack,stack_1,stack_2)"
    made = shadows(f"SparseTensorDenseMatMul {piece} {piece} GatherV2(axis) GatherV2(axis) mul Sum(reduction_indices)")
    return [None, made[-1], None, made[0]]


_DIVISION = _fixed("Shape Shape BroadcastGradientArgs RealDiv Sum Reshape Neg RealDiv RealDiv mul Sum Reshape", 5, 11)
_SEVERAL: dict[str, GradientNodes] = {
    "Add": _add, "AddV2": _add, "Sub": _sub, "Mul": _mul, "RealDiv": _DIVISION, "Div": _DIVISION, "Pow": _pow, "SquaredDifference": _squared_difference,
    "DivNoNan": _fixed("Shape Shape BroadcastGradientArgs div_no_nan:DivNoNan Sum Reshape Neg div_no_nan:DivNoNan div_no_nan:DivNoNan mul Sum Reshape", 5, 11),
    "Maximum": _choice("GreaterEqual"), "Minimum": _choice("LessEqual"), "Atan2": _fixed("Square Square add truediv mul Neg mul", 4, 6),
    "FloorMod": _fixed("Shape Shape BroadcastGradientArgs FloorDiv Sum Reshape Neg mul Sum Reshape", 5, 9), "MatMul": _fixed("MatMul MatMul", 0, 1),
    "BatchMatMulV2": _batch_matmul, "Sum": _sum, "Mean": _mean, "Max": _extreme, "Min": _extreme, "Prod": _prod, "ConcatV2": _concat, "Pack": _pack,
    "IdentityN": lambda walk, op, given: made_by.get(op, [None] * len(op._inputs)),
    "GatherV2": _gather, "Select": _select, "BiasAdd": lambda walk, op, given: [given, shadows("BiasAddGrad")[0]],
    "SoftmaxCrossEntropyWithLogits": _fixed("ExpandDims(dim) mul LogSoftmax Neg ExpandDims(dim) mul", 1, 5), "SparseSoftmaxCrossEntropyWithLogits": _sparse_cross_entropy, "SparseTensorDenseMatMul": _sparse_product,
}  # fmt: skip


def name_starts(given: Sequence[Any]) -> list[str]:
    """Adds the ones that TensorFlow begins with, in the open scope; the names of the gradients of ys."""
    return [shadows(f"Shape grad_ys_{k} Fill")[-1] if g is None else g.op.name for k, g in enumerate(given)]


def name_gradients(graph: Graph, ys: Sequence[Tensor], xs: Sequence[Tensor], starts: list[str], results: Sequence[Any], gated: bool) -> None:
    """Adds TensorFlow's gradient nodes by name in the open scope, and gives the results theirs."""
    walk = _Walk(graph, ys, xs, gated)
    walk.run(ys, starts)
    for x, result in zip(xs, results):
        name = None if result is None else walk.gradient_of(x)
        if name is not None:
            graph.name_result(result, name)
