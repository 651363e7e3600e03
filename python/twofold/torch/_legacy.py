"""torch.FloatTensor and its kin: PyTorch's first way to say a dtype."""

from __future__ import annotations

from typing import Any

from twofold.torch._dtypes import LEGACY, dtype
from twofold.torch._tensor import Tensor, new_typed


class _TypedTensor(type):
    """FloatTensor(2, 3) makes sizes, FloatTensor([1, 2]) values; isinstance() looks at the dtype."""

    dtype: dtype
    is_cuda = False

    def __call__(cls, *args: Any) -> Tensor:
        return new_typed(cls.dtype, args)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.dtype

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__name__}'>"


class _CudaTensor(_TypedTensor):
    is_cuda = True

    def __call__(cls, *args: Any) -> Tensor:
        raise TypeError(
            f"type torch.cuda.{cls.__name__} not available. Torch not compiled with CUDA enabled. "
            f"[twofold] this build runs on the CPU: use torch.{cls.__name__}"
        )

    def __instancecheck__(cls, instance: object) -> bool:
        return False


def _typed(meta: type, module: str) -> dict[str, type]:
    return {
        f"{name}Tensor": meta(f"{name}Tensor", (), {"dtype": d, "__module__": module}) for name, d in LEGACY.items()
    }


CPU_TYPES = _typed(_TypedTensor, "torch")
CUDA_TYPES = _typed(_CudaTensor, "torch.cuda")
