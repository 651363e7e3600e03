"""torch.Tensor: the engine's tensor under PyTorch's names."""

from __future__ import annotations

import copy
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from twofold import _core
from twofold._owners import owned
from twofold.torch import _dtypes
from twofold.torch._dtypes import CPU, DTYPES, LEGACY, Size, checked_device, dtype
from twofold.torch._grad_fn import Node, grad_fn_of
from twofold.torch._words import axis_error

FACE = 1
_base_requires_grad = _core.Tensor.requires_grad
_GRADIENT_DTYPES = "Only Tensors of floating point and complex dtype can require gradients"


def _sizes(values: tuple) -> tuple:
    """(2, 3) from view(2, 3), view((2, 3)) or view(Size)."""
    return tuple(values[0]) if len(values) == 1 and isinstance(values[0], (tuple, list)) else values


def axis_of(t: Tensor, dim: int) -> int:
    """The dimension counted from the front; PyTorch's IndexError if there is none such."""
    rank = len(t._shape)
    if wrong := axis_error(rank, dim):
        raise wrong
    return dim % max(rank, 1)


class Tensor(_core.Tensor):
    """A multi-dimensional array that knows how it was computed (PyTorch's torch.Tensor)."""

    __module__ = "torch"
    __slots__ = ()

    def __new__(cls, *sizes: Any) -> Tensor:
        return new_typed(_dtypes.float32, sizes)

    # --- what is known without values
    @property
    def shape(self) -> Size:
        return Size(self._shape)

    @property
    def dtype(self) -> dtype:
        return DTYPES[self._dtype]

    @property
    def device(self) -> _dtypes.device:
        return CPU

    @property
    def is_cuda(self) -> bool:
        return False

    @property
    def layout(self) -> str:
        return _dtypes.strided

    is_sparse = is_quantized = is_mkldnn = is_meta = property(lambda self: False)

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self.numel() * self.itemsize

    @property
    def T(self) -> Tensor:
        return self.permute(*range(self.dim() - 1, -1, -1))

    @property
    def mT(self) -> Tensor:
        return self.transpose(-2, -1)

    H = mH = mT

    def size(self, dim: int | None = None) -> Size | int:
        return Size(self._shape) if dim is None else self._shape[axis_of(self, dim)]

    def dim(self) -> int:
        return len(self._shape)

    ndimension = dim

    def numel(self) -> int:
        return Size(self._shape).numel()

    nelement = numel

    def element_size(self) -> int:
        return self.dtype.itemsize

    def stride(self, dim: int | None = None) -> tuple | int:
        return self._strides if dim is None else self._strides[axis_of(self, dim)]

    def storage_offset(self) -> int:
        return self._offset

    def is_contiguous(self, memory_format: Any = None) -> bool:
        return self._contiguous

    def data_ptr(self) -> int:
        return self._address

    def is_floating_point(self) -> bool:
        return self._dtype >= 6

    # --- gradients
    @property
    def requires_grad(self) -> bool:
        return _base_requires_grad.__get__(self)

    @requires_grad.setter
    def requires_grad(self, on: bool) -> None:
        if on and self._dtype < 6:
            raise RuntimeError(_GRADIENT_DTYPES[0].lower() + _GRADIENT_DTYPES[1:])
        if not on and not self.is_leaf:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in "
                "a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
            )
        _base_requires_grad.__set__(self, on)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        if requires_grad and self._dtype < 6:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self.requires_grad = requires_grad
        return self

    @property
    def grad_fn(self) -> Node | None:
        return grad_fn_of(self)

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> _core.HookHandle:
        """Calls `hook` with this tensor's gradient in every backward walk; a tensor that it returns takes its place."""
        if not (self.requires_grad or self._symbolic):
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        return _core.register_hook(self, owned(hook, self))

    def retain_grad(self) -> None:
        """A computed tensor keeps its gradient in .grad, as leaves do."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if not self.is_leaf and not self.retains_grad:
            self._retains = True
            _core.register_hook(self, self._keep_gradient())

    @property
    def retains_grad(self) -> bool:
        return getattr(self, "_retains", False)

    def _keep_gradient(self) -> Callable[[Tensor], None]:
        # The hook hangs on the step that made this tensor, which this tensor holds: it may hold the tensor weakly.
        me = weakref.ref(self)

        def keep(gradient: Tensor) -> None:
            if (tensor := me()) is not None:
                tensor.grad = gradient if tensor.grad is None else tensor.grad + gradient

        return keep

    def detach_(self) -> Tensor:
        return self._become(self.detach())

    @property
    def _version(self) -> int:
        return _core.Tensor._version.__get__(self)

    # --- values
    def numpy(self) -> np.ndarray:
        if self.requires_grad:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
            )
        return _core.Tensor.numpy(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        values = self.numpy()
        return values if dtype is None else values.astype(dtype)

    __array_priority__ = 1000  # NumPy's numbers leave arithmetic with tensors to tensors

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Tensor:
        return _core.tensor(array, None, FACE)

    def cpu(self) -> Tensor:
        return self

    def cuda(self, device: Any = None, non_blocking: bool = False) -> Tensor:
        checked_device("cuda")
        return self

    def contiguous(self, memory_format: Any = None) -> Tensor:
        return self if self._contiguous else self.clone()

    def pin_memory(self) -> Tensor:
        return self

    def share_memory_(self) -> Tensor:
        return self

    # --- dtypes
    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """to(dtype), to(device), to(device, dtype) or to(other)."""
        wanted = kwargs.get("dtype")
        for arg in (*args[:2], kwargs.get("device")):
            if isinstance(arg, Tensor):
                wanted = arg.dtype
            elif isinstance(arg, dtype):
                wanted = arg
            elif isinstance(arg, (str, _dtypes.device, int)) and not isinstance(arg, bool):
                checked_device(arg)
        if wanted is None or wanted._dtype == self._dtype:
            return self.clone() if kwargs.get("copy") else self
        made = _cast(self, wanted)
        return made.detach() if wanted._dtype < 6 <= self._dtype else made  # no gradient passes through integers

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The legacy type's name without an argument; else the tensor as that type (a class, name or dtype)."""
        if dtype is None:
            return f"torch.{self.dtype._legacy}Tensor"
        return self.to(legacy_dtype(dtype))

    def type_as(self, other: Tensor) -> Tensor:
        return self.to(other.dtype)

    # --- shapes
    def view(self, *shape: Any) -> Tensor:
        if len(shape) == 1 and isinstance(shape[0], dtype):
            raise NotImplementedError("view(dtype) is not supported yet")
        return _view(self, _sizes(shape))

    def reshape(self, *shape: Any, **named: Any) -> Tensor:
        return _reshape(self, _sizes(shape or (named["shape"],)))

    def view_as(self, other: Tensor) -> Tensor:
        return _view(self, other._shape)

    def reshape_as(self, other: Tensor) -> Tensor:
        return _reshape(self, other._shape)

    def expand(self, *size: Any, implicit: bool = False, **named: Any) -> Tensor:
        return _expand(self, _sizes(size or (named["size"],)))

    def expand_as(self, other: Tensor) -> Tensor:
        return _expand(self, other._shape)

    def permute(self, *dims: Any, **named: Any) -> Tensor:
        return _permute(self, _sizes(dims or (named["dims"],)))

    # --- in place
    def zero_(self) -> Tensor:
        return self.copy_(0)

    def fill_(self, value: Any) -> Tensor:
        return self.copy_(value)

    # --- new tensors like this one
    def new(self, *sizes: Any) -> Tensor:
        return new_typed(self.dtype, sizes)

    def __reduce__(self) -> tuple:
        kind = type(self)
        ours = kind is Tensor or "_is_param" in vars(kind)
        values = self.detach().float() if self._dtype == _dtypes.bfloat16._dtype else self
        array = np.array(_core.Tensor.numpy(values))
        state = getattr(self, "__dict__", None)
        return (_rebuild, (kind.__name__ if ours else kind, array, self._dtype, self.requires_grad), state or None)

    def __deepcopy__(self, memo: dict) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("Only Tensors created explicitly by the user support the deepcopy protocol")
        make, arguments, state = self.__reduce__()
        made = memo[id(self)] = make(*arguments)
        for name, value in (state or {}).items():
            setattr(made, name, copy.deepcopy(value, memo))
        if self.grad is not None:
            made.grad = copy.deepcopy(self.grad, memo)
        return made

    def __copy__(self) -> Tensor:
        return _core.as_class(self, type(self))

    def __repr__(self) -> str:
        from twofold.torch._printing import text_of

        return text_of(self)

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if self.dim() == 0 else object.__format__(self, spec)

    def __pos__(self) -> Tensor:
        return self

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    def __dir__(self) -> list[str]:
        return sorted(set(dir(type(self))))


# Our own classes by name: they print the names of PyTorch's modules, which need not be importable.
def _rebuild(kind: str | type, values: np.ndarray, dtype: int, requires_grad: bool) -> Tensor:
    from twofold.torch.nn.parameter import Parameter

    made_of = {"Tensor": Tensor, "Parameter": Parameter}[kind] if isinstance(kind, str) else kind
    made = _core.as_class(_core.tensor(values, DTYPES[dtype], FACE), made_of)
    if requires_grad:
        _base_requires_grad.__set__(made, True)
    return made


_core.set_face_type(FACE, Tensor)


def row(name: str, spelling: str = "") -> Callable[..., Any]:
    """The engine's operation as a function of this face."""
    return _core.row_function(name, spelling, FACE)


_cast = row("cast", "cast(input, dtype)")
_view = row("view", "view(input, shape)")
_reshape = row("reshape", "reshape(input, shape)")
_expand = row("expand", "expand(input, shape)")
_permute = row("permute", "permute(input, dims)")


def legacy_dtype(named: Any) -> dtype:
    """torch.FloatTensor, 'torch.FloatTensor' or torch.float32 as a dtype."""
    if isinstance(named, str):
        if named.startswith("torch.cuda."):
            checked_device("cuda")
        name = named.rpartition(".")[2]
        found = LEGACY.get(name.removesuffix("Tensor"))
        if found is None:
            raise ValueError(f"invalid type: '{named}'")
        return found
    if isinstance(named, dtype):
        return named
    if isinstance(getattr(named, "dtype", None), dtype):
        return named.dtype
    return DTYPES[_core.dtype_number(named)]


def new_typed(of: dtype, args: Sequence[Any]) -> Tensor:
    """FloatTensor(2, 3): sizes, uninitialised. FloatTensor([[1, 2]]): values."""
    if len(args) == 1 and not isinstance(args[0], (int, Size)):
        source = args[0]
        if isinstance(source, Tensor):
            return source.detach() if source.dtype is of else source.to(of)
        if isinstance(source, np.ndarray):
            return _core.tensor(source, of, FACE)
        return _core.tensor(np.asarray(source), of, FACE)
    sizes = args[0] if len(args) == 1 and isinstance(args[0], Size) else args
    made = _core.empty(list(sizes) if sizes else [0], of, FACE).zero_()
    _core.as_new(made)
    return made


def variable(data: Tensor, requires_grad: bool = False, volatile: bool = False) -> Tensor:
    """torch.autograd.Variable: a tensor that may require a gradient, integers too (with a warning)."""
    if not isinstance(data, _core.Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
    made = _core.as_class(data.detach(), Tensor)
    if requires_grad and made._dtype < 6:
        warnings.warn(
            f"Variable(...) of dtype {made.dtype} requires a gradient: PyTorch has refused this since 0.4.1 "
            f"({_GRADIENT_DTYPES}). Twofold computes integer gradients.",
            UserWarning,
            stacklevel=3,
        )
    if requires_grad:
        _base_requires_grad.__set__(made, True)
    return made


def typename(obj: Any) -> str:
    """'torch.FloatTensor' for a tensor, the qualified name of its class for anything else."""
    if isinstance(obj, Tensor):
        return obj.type()
    cls = type(obj)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
