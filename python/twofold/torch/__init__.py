"""PyTorch's face of Twofold: `import twofold.torch as torch`."""

from __future__ import annotations

from typing import Any

from twofold import _core, _missing
from twofold.torch import _errors, _methods, _products, _words
from twofold.torch import _functions as _f
from twofold.torch._control import cond, while_loop
from twofold.torch._creation import (
    arange, as_tensor, asarray, can_cast, empty, empty_like, eye, finfo, from_dlpack, from_numpy, full, full_like, get_default_dtype,
    iinfo, is_tensor, linspace, ones, ones_like, promote_types, result_type, scalar_tensor, set_default_dtype, tensor, zeros, zeros_like,
)  # fmt: skip
from twofold.torch._dtypes import (
    Size, bfloat16, channels_last, contiguous_format, device, dtype, float16, float32, float64, int8, int16, int32, int64,
    preserve_format, strided, uint8,
)  # fmt: skip
from twofold.torch._dtypes import bool_ as bool  # noqa: A004
from twofold.torch._grad_mode import enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled
from twofold.torch._legacy import CPU_TYPES
from twofold.torch._out import with_out as _with_out
from twofold.torch._printing import set_printoptions
from twofold.torch._random import (
    Generator, bernoulli, default_generator, get_rng_state, initial_seed, manual_seed, normal, rand, rand_like, randint, randint_like,
    randn, randn_like, randperm, seed, set_rng_state,
)  # fmt: skip
from twofold.torch._tensor import Tensor, typename

_core.set_translator(1, _errors.translate)
_core.set_words(1, _words.reworded)
_rows = _f.ROWS
_f.add_methods(_rows)

__version__ = "2.13.0+twofold"
float, double, half = float32, float64, float16
short, int, long = int16, int32, int64
from math import e, inf, nan, pi  # noqa: E402

newaxis = None

globals().update(CPU_TYPES)
globals().update({name: f for name, f in _rows.items() if "." not in name})
globals().update({f.__name__: _with_out(f) for f in _f.FUNCTIONS})
globals().update({name: _rows[row] for name, row in _f.elementwise.ALIASES.items()})
from twofold.torch._indexing import where  # noqa: E402

cat, stack, clip, ger = (_with_out(f) for f in (_f.cat, _f.stack, _f.elementwise.clamp, _products.outer))
numel = _f.numel
broadcast_shapes, broadcast_tensors = _f.broadcast_shapes, _f.broadcast_tensors
concat = concatenate = cat
true_divide, divide, subtract = (_with_out(f) for f in (_f.elementwise.div, _f.elementwise.div, _f.sub))
relu, selu = _rows["nn.functional.relu"], _rows["nn.functional.selu"]
moveaxis, swapaxes, swapdims = _rows["movedim"], _rows["transpose"], _rows["transpose"]
reshape, permute = _f.reshape, _f.permute
is_floating_point = Tensor.is_floating_point


from twofold.torch import autograd, cuda, nn, optim, return_types, utils  # noqa: E402


def set_num_threads(count: Any) -> None:
    """Twofold's thread count is set by TWOFOLD_THREADS; results never depend on it."""


_missing.explain(__name__)


__all__ = [name for name in globals() if not name.startswith("_")]
