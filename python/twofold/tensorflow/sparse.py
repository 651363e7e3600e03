"""tf.sparse: the sparse functions under their later names."""

from twofold import _missing
from twofold.tensorflow._sparse import SparseTensor, SparseTensorValue, sparse_placeholder, sparse_tensor_dense_matmul, sparse_tensor_to_dense

placeholder, to_dense = sparse_placeholder, sparse_tensor_to_dense
sparse_dense_matmul = matmul = sparse_tensor_dense_matmul

__all__ = ["SparseTensor", "SparseTensorValue", "matmul", "placeholder", "sparse_dense_matmul", "to_dense"]

_missing.explain(__name__)
