"""Diagonals and traces."""

from __future__ import annotations

from typing import Any

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




