"""torch.cuda: there is no CUDA in this build, and it says so."""

from __future__ import annotations

from twofold import _missing
from twofold.torch._legacy import CUDA_TYPES

globals().update(CUDA_TYPES)
__all__ = ["current_device", "device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", *CUDA_TYPES]


def is_available() -> bool:
    return False


def device_count() -> int:
    return 0


def current_device() -> int:
    raise AssertionError("Torch not compiled with CUDA enabled")


def manual_seed(seed: int) -> None:
    """Nothing to seed without a device; PyTorch ignores it as well."""


def manual_seed_all(seed: int) -> None:
    """Nothing to seed without a device; PyTorch ignores it as well."""


def empty_cache() -> None:
    """Nothing is cached without a device."""


_missing.explain(__name__)
