"""tf.SparseTensor: indices, values, dense_shape."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from twofold.tensorflow import _dtypes
from twofold.tensorflow._dtypes import DType, TensorShape
from twofold.tensorflow._graph import Graph, get_default_graph
from twofold.tensorflow._sizes import constant_value
from twofold.tensorflow._tensor import convert

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
