"""tf.linalg: matrices, products, norms."""

from twofold.tensorflow._later_names import later_names
from twofold.tensorflow._matrix import adjoint, matvec, normalize

__all__ = ["adjoint", "matvec", "normalize"]
__getattr__ = later_names(
    "linalg",
    "cholesky cross einsum eye global_norm l2_normalize matmul matrix_transpose norm qr svd tensordot trace",
    band_part="matrix_band_part", det="matrix_determinant", diag="matrix_diag", diag_part="matrix_diag_part", inv="matrix_inverse",
    set_diag="matrix_set_diag", solve="matrix_solve", tensor_diag="diag", tensor_diag_part="diag_part", transpose="matrix_transpose",
)  # fmt: skip
