"""tf.SparseTensor: indices, values, dense_shape."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import DType, TensorShape
from twofold.tensorflow._control import placeholder
from twofold.tensorflow._graph import Graph, get_default_graph
from twofold.tensorflow._ops import scalar_name, transpose
from twofold.tensorflow._sizes import as_tensor, constant_value, sizes_of
from twofold.tensorflow._tensor import Tensor, convert, record

SparseTensorValue = namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])


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
    known, base = TensorShape(shape), get_default_graph().unique_name(name or "Placeholder", mark_as_used=False)
    rank = None if shape is None else len(known.as_list())
    sizes: Any = placeholder(_dtypes.int64, [rank], f"{base}/shape")
    if shape is not None and known.is_fully_defined():
        sizes = known.as_list()
    return SparseTensor(placeholder(_dtypes.int64, [None, rank], f"{base}/indices"), placeholder(dtype, [None], f"{base}/values"), sizes)


def gather_nd(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """The elements or slices of params that the rows of indices name."""
    return record("gather_nd", "GatherNd", [convert(params), convert(indices)], {}, scalar_name(name, "GatherNd"))


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Zeros of `shape` with the updates added at the places that the rows of indices name."""
    exact = scalar_name(name, "ScatterNd")
    sizes = as_tensor(sizes_of(shape, exact), f"{exact}/shape")
    return record("scatter_nd", "ScatterNd", [convert(indices), convert(updates), sizes.tensor], {"hint": sizes.hint}, exact)


def _sparse(value: Any) -> SparseTensor:
    if isinstance(value, (SparseTensor, SparseTensorValue)):
        return SparseTensor.from_value(value)
    raise TypeError("Input must be a SparseTensor.")


def sparse_to_dense(sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0,
                    validate_indices: bool = True, name: str | None = None) -> Tensor:  # fmt: skip
    """`default_value` everywhere but at the rows of sparse_indices; they must increase, without repeats."""
    exact = scalar_name(name, "SparseToDense")
    indices, values = convert(sparse_indices, _dtypes.int64), convert(sparse_values)
    sizes = as_tensor(sizes_of(output_shape, exact), f"{exact}/output_shape")
    if validate_indices:
        indices = record("in_order", "InOrder", [indices, sizes.tensor], {}, f"{exact}/indices")
    plain = isinstance(default_value, (int, float)) and default_value == 0
    core, inner = values.graph._core, exact if plain else f"{exact}/values"
    placed = [indices, values, sizes.tensor]
    if plain:
        return record("scatter_nd", "SparseToDense", placed, {"hint": sizes.hint}, exact)
    dense = core.record("scatter_nd", placed, {"hint": sizes.hint}, inner)[0]
    marks = core.record("scatter_nd", [indices, core.record("ones_like", [values], {}, f"{exact}/ones")[0], sizes.tensor],
                        {"hint": sizes.hint}, f"{exact}/marks")[0]  # fmt: skip
    there = core.record("cast", [marks], {"dtype": "bool"}, f"{exact}/there")[0]
    return record("where", "SparseToDense", [there, dense, convert(default_value, values.dtype)], {}, exact)


def sparse_tensor_to_dense(sp_input: Any, default_value: Any = 0, validate_indices: bool = True, name: str | None = None) -> Tensor:
    sparse = _sparse(sp_input)
    return sparse_to_dense(sparse.indices, sparse.dense_shape, sparse.values, default_value, validate_indices, name)


def sparse_tensor_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None) -> Tensor:
    """sp_a @ b for a sparse matrix: the rows of b that it names, weighted and added up in the order of its elements."""
    sparse, dense = _sparse(sp_a), convert(b)
    if adjoint_b:
        dense = transpose(dense)
    exact = scalar_name(name, "SparseTensorDenseMatMul/SparseTensorDenseMatMul")
    row, column = (1, 0) if adjoint_a else (0, 1)
    core = sparse.graph._core

    def step(kind: str, inputs: list, attrs: dict, part: str) -> Any:
        return core.record(kind, inputs, attrs, f"{exact}/{part}")[0]

    columns = step("select", [sparse.indices], {"axis": 1, "index": column}, "columns")
    weights = step("unsqueeze", [sparse.values], {"axis": 1}, "weights")
    products = step("mul", [weights, step("take", [dense, columns], {"axis": 0}, "rows")], {}, "products")
    places = step("slice", [sparse.indices], {"axis": 1, "start": row, "stop": row + 1}, "places")
    height = step("slice", [sparse.dense_shape], {"axis": 0, "start": row, "stop": row + 1}, "height")
    width = step("shape_of", [dense], {"dtype": "int64"}, "shape")
    sizes = step("concat", [height, step("slice", [width], {"axis": 0, "start": 1, "stop": 2}, "width")], {"axis": 0}, "sizes")
    known = constant_value(sparse.dense_shape)
    columns_out = dense._shape[1] if dense._shape is not None else None
    hint = [-1 if known is None else int(known[row]), -1 if columns_out is None else columns_out]
    return record("scatter_nd", "SparseTensorDenseMatMul", [places, products, sizes], {"hint": hint}, exact)
