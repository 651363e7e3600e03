"""Diagonals and traces."""

from __future__ import annotations

from typing import Any

from twofold.tensorflow._array import expand_dims, matrix_transpose, squeeze
from twofold.tensorflow._math import matmul
from twofold.tensorflow._op import auxiliary, operation, scope_of
from twofold.tensorflow._tensor import Tensor, convert


def matrix_diag(diagonal: Any, name: str = "diag") -> Tensor:
    """Matrices with the last dimension on their diagonals."""
    with scope_of(name, "diag", [diagonal]) as scope:
        source = convert(diagonal, name="diagonal")
        return operation("MatrixDiag", scope, [source], lambda step: step("diag_embed", source)).outputs[0]


def matrix_diag_part(input: Any, name: str = "diag_part") -> Tensor:  # noqa: A002
    """The diagonals of the matrices in the last two dimensions."""
    with scope_of(name, "diag_part", [input]) as scope:
        source = convert(input, name="input")
        return operation("MatrixDiagPart", scope, [source], lambda step: step("identity", step("diagonal", source, axis1=-2, axis2=-1))).outputs[0]


def trace(x: Any, name: str | None = None) -> Tensor:
    """The sums of the diagonals of the matrices in the last two dimensions."""
    with scope_of(name, "Trace", [x]) as scope:
        parts = matrix_diag_part(convert(x, name="x"))
        axes = auxiliary("reduction_indices", [-1])
        return operation("Sum", scope, [parts, axes], lambda step: step("cast", step("sum", parts, axes=[-1]), dtype=parts.dtype._name)).outputs[0]


def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False,
           name: str | None = None) -> Tensor:  # fmt: skip
    """The product of a matrix and a vector, or of batches of them."""
    with scope_of(name, "MatVec", [a, b]):
        return squeeze(matmul(a, expand_dims(b, axis=-1), transpose_a=transpose_a, adjoint_a=adjoint_a), axis=-1)


def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The last two dimensions exchanged: all numbers are real."""
    with scope_of(name, "adjoint", [matrix]):
        return matrix_transpose(convert(matrix, name="matrix"))


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Tensor, Tensor]:  # noqa: A002
    """(tensor / norm, norm), the norm taken over `axis` (all by default)."""
    from twofold.tensorflow._gradients import norm

    with scope_of(name, "normalize", [tensor]):
        source = convert(tensor)
        length = norm(source, ord, axis, keepdims=True)
        return source / length, length
