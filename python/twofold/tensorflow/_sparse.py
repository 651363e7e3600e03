"""tf.SparseTensor: indices, values, dense_shape."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np

from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import DType, TensorShape
from twofold.tensorflow._control import placeholder
from twofold.tensorflow._fill import zeros
from twofold.tensorflow._graph import Graph, get_default_graph
from twofold.tensorflow._op import Steps, asked_of, operation, scope_of
from twofold.tensorflow._sizes import Told, constant_value, sizes_in
from twofold.tensorflow._tensor import Tensor, convert

SparseTensorValue = namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])
SparseTensorValue.__module__ = "tensorflow.python.framework.sparse_tensor"


class SparseTensor:
    """A tensor of which most elements are zero: int64 indices [n, rank], values [n], dense_shape [rank]."""

    __module__ = "tensorflow.python.framework.sparse_tensor"

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        graph = get_default_graph()
        with graph.name_scope("SparseTensor"):
            self.indices = convert(indices, _dtypes.int64, name="indices")
            self.values = convert(values, name="values")
            self.dense_shape = convert(dense_shape, _dtypes.int64, name="dense_shape")
        if self.indices._shape is not None and len(self.indices._shape) != 2:
            raise ValueError(f"Shape {self.indices.shape} must have rank 2")
        sizes = [t.shape.dims for t in (self.indices, self.values, self.dense_shape)]
        for a, b in ((sizes[0] and sizes[0][0], sizes[1] and sizes[1][0]), (sizes[0] and sizes[0][1], sizes[2] and sizes[2][0])):
            if a is not None and b is not None and None not in (a.value, b.value) and a.value != b.value:
                raise ValueError(f"Dimensions {a} and {b} are not compatible")

    @classmethod
    def from_value(cls, value: Any) -> SparseTensor:
        return value if isinstance(value, SparseTensor) else cls(*value)

    @property
    def dtype(self) -> DType:
        return self.values.dtype

    @property
    def graph(self) -> Graph:
        return self.indices.graph

    @property
    def op(self) -> Any:
        return self.values.op

    @property
    def shape(self) -> TensorShape:
        known = constant_value(self.dense_shape)
        return TensorShape(None if known is None else known.tolist())

    def get_shape(self) -> TensorShape:
        return self.shape

    def eval(self, feed_dict: dict | None = None, session: Any = None) -> SparseTensorValue:
        from twofold.tensorflow._session import session_for

        return session_for(session, self.graph, "evaluate tensor using `eval()`", "eval").run(self, feed_dict)

    def _fetch_parts(self) -> tuple[Callable[[list], Any], list]:
        return (lambda parts: SparseTensorValue(*parts)), [self.indices, self.values, self.dense_shape]

    def __str__(self) -> str:
        return f"SparseTensor(indices={self.indices}, values={self.values}, dense_shape={self.dense_shape})"

    __repr__ = __str__


def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A sparse tensor that is fed: by a SparseTensorValue, or (indices, values, dense_shape)."""
    within = lambda part: None if name is None else f"{name}/{part}"  # noqa: E731
    if shape is None:
        rank, sizes = None, placeholder(_dtypes.int64, [None], within("shape"))
    else:
        known = TensorShape(shape)
        rank = len(known.as_list())
        sizes = convert(np.array([-1 if n is None else n for n in known.as_list()], np.int64), name=within("shape") or "Const")
    values = placeholder(dtype, [None], within("values"))
    return SparseTensor(placeholder(_dtypes.int64, [None, rank], within("indices")), values, sizes)


def _sparse(value: Any) -> SparseTensor:
    if isinstance(value, (SparseTensor, SparseTensorValue)):
        return SparseTensor.from_value(value)
    raise TypeError("Input must be a SparseTensor.")


def sparse_to_dense(sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0,
                    validate_indices: bool = True, name: str | None = None) -> Tensor:  # fmt: skip
    """`default_value` everywhere but at the rows of sparse_indices; they must increase, without repeats."""
    with scope_of(name, "SparseToDense", [sparse_indices, output_shape, sparse_values]) as scope:
        indices = convert(sparse_indices, name="sparse_indices")
        sizes = convert(output_shape, asked_of(output_shape, indices.dtype), name="output_shape")
        values = convert(sparse_values, name="sparse_values")
        elsewhere = convert(default_value, values.dtype, name="default_value")
        known = sizes_in(sizes)
        hint = known.hint if isinstance(known, Told) else known
        wide = _rows_of(indices)

        def compute(step: Steps) -> Tensor:
            places = step("reshape", indices, shape=wide) if wide else indices
            spread = values if values._shape != () else step("expand_to", values, step("slice", step("shape_of", places), axis=0, stop=1), hint=[])
            checked = step("in_order", places, sizes) if validate_indices else places
            dense = step("scatter_nd", checked, spread, sizes, hint=hint)
            marks = step("scatter_nd", checked, step("ones_like", spread), sizes, hint=hint)
            return step("where", step("cast", marks, dtype="bool"), dense, elsewhere)

        return operation("SparseToDense", scope, [indices, sizes, values, elsewhere], compute).outputs[0]


def _rows_of(indices: Tensor) -> list[int] | None:
    """Indices may be one place, or places along one dimension: as rows; None where they are rows."""
    if indices._shape is not None and len(indices._shape) < 2:
        return [1, 1] if indices._shape == () else [-1, 1]
    return None


def sparse_tensor_to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None) -> Tensor:
    """The sparse tensor as a dense one, `default_value` (0) where it has no element."""
    sparse = _sparse(sp_input)
    elsewhere = zeros([], sparse.dtype) if default_value is None else default_value
    return sparse_to_dense(sparse.indices, sparse.dense_shape, sparse.values, elsewhere, validate_indices, name)


def sparse_tensor_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None) -> Tensor:
    """sp_a @ b for a sparse matrix: the rows of b that it names, weighted and added up in the order of its elements."""
    sparse, kind = _sparse(sp_a), "SparseTensorDenseMatMul"
    row, column = (1, 0) if adjoint_a else (0, 1)
    with scope_of(name, kind, [sparse.indices, sparse.values, b]), scope_of(kind, kind) as scope:
        dense = convert(b, name="b")
        known = constant_value(sparse.dense_shape)
        width = None if dense._shape is None else dense._shape[0 if adjoint_b else 1]
        hint = [-1 if known is None else int(known[row]), -1 if width is None else width]

        def compute(step: Steps) -> Tensor:
            factor = step("transpose", dense, axis0=0, axis1=1) if adjoint_b else dense
            weights = step("unsqueeze", sparse.values, axis=1)
            columns = step("within", step("select", sparse.indices, axis=1, index=column), factor, axis=0)
            products = step("mul", weights, step("take", factor, columns, axis=0))
            places = step("slice", sparse.indices, axis=1, start=row, stop=row + 1)
            height = step("slice", sparse.dense_shape, axis=0, start=row, stop=row + 1)
            across = step("slice", step("shape_of", factor, dtype="int64"), axis=0, start=1, stop=2)
            return step("scatter_nd", places, products, step("concat", height, across, axis=0), hint=hint)

        return operation(kind, scope, [sparse.indices, sparse.values, sparse.dense_shape, dense], compute).outputs[0]
