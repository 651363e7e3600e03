"""PyTorch's face of Twofold: `import twofold.torch as torch`."""

from __future__ import annotations

from typing import Any, NoReturn

from twofold import _core
from twofold.torch import _errors
from twofold.torch import _functions as _f
from twofold.torch._creation import (
    arange, as_tensor, empty, empty_like, eye, finfo, from_dlpack, from_numpy, full, full_like, get_default_dtype, iinfo, is_tensor,
    linspace, ones, ones_like, result_type, set_default_dtype, tensor, zeros, zeros_like,
)  # fmt: skip
from twofold.torch._dtypes import (
    Size, bfloat16, device, dtype, float16, float32, float64, int8, int16, int32, int64, uint8,
)  # fmt: skip
from twofold.torch._dtypes import bool_ as bool  # noqa: A004
from twofold.torch._grad_mode import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from twofold.torch._legacy import CPU_TYPES
from twofold.torch._printing import set_printoptions
from twofold.torch._random import initial_seed, manual_seed, normal, rand, rand_like, randint, randn, randn_like, randperm, seed
from twofold.torch._tensor import Tensor, typename

_core.set_translator(1, _errors.translate)
_rows = _f.ROWS
_f.add_methods(_rows)

__version__ = "2.13.0+twofold"
float, double, half = float32, float64, float16
short, int, long = int16, int32, int64
strided = "torch.strided"
preserve_format = contiguous_format = None

globals().update(CPU_TYPES)
globals().update({name: f for name, f in _rows.items() if "." not in name})
globals().update({f.__name__: f for f in _f.FUNCTIONS if f.__name__ not in ("repeat",)})
globals().update({name: _rows[row] for name, row in _f.elementwise.ALIASES.items()})
where, stack, numel, clip = _f.where, _f.stack, _f.numel, _f.elementwise.clamp
concat = concatenate = _rows["cat"]
true_divide = divide = _f.elementwise.div
subtract = _f.sub
relu, selu = _rows["nn.functional.relu"], _rows["nn.functional.selu"]
moveaxis, swapaxes, swapdims = _rows["movedim"], _rows["transpose"], _rows["transpose"]
reshape, permute = _f.reshape, _f.permute


from twofold.torch import autograd, cuda, nn, optim, return_types, utils  # noqa: E402


def set_num_threads(count: Any) -> None:
    """Twofold's thread count is set by TWOFOLD_THREADS; results never depend on it."""


def __getattr__(name: str) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(name, list(globals()), n=1)
    hint = f"; the nearest thing that exists is torch.{close[0]}" if close else ""
    raise AttributeError(f"module 'torch' has no attribute '{name}' in Twofold{hint}")


__all__ = [name for name in globals() if not name.startswith("_")]
