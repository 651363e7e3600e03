"""How tensors print: PyTorch's modern form, or the one of torch 0.2 (profile='legacy')."""

from __future__ import annotations

from typing import Any

from twofold import _core

_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": 2**62, "edgeitems": 3, "linewidth": 80},
}
_legacy = False


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors print from now on; profile is 'default', 'short', 'full' or 'legacy' (torch 0.2's form)."""
    global _legacy
    options: dict[str, Any] = {}
    if profile is not None:
        _legacy = profile == "legacy"
        options.update(_PROFILES["default" if _legacy else profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    options.update({k: v for k, v in given.items() if v is not None})
    if sci_mode is not None:
        options["sci_mode"] = int(sci_mode)
    elif profile is not None:
        options["sci_mode"] = -1
    _core.set_print_options(**options)


def _suffixes(tensor: Any) -> list[str]:
    out = []
    if tensor.numel() == 0 and tensor.dim() != 1:
        out.append(f"size={tuple(tensor.shape)}")
    if tensor._dtype not in (0, 5, 8) or (tensor.numel() == 0 and tensor._dtype in (0, 5)):
        out.append(f"dtype={tensor.dtype}")
    grad_fn = tensor.grad_fn
    if grad_fn is not None:
        out.append(f"grad_fn=<{grad_fn.name()}>")
    elif tensor.requires_grad:
        out.append("requires_grad=True")
    return out


def _modern(tensor: Any) -> str:
    head = "tensor("
    body = "[]" if tensor.numel() == 0 else _core.print_values(tensor, len(head))
    for suffix in _suffixes(tensor):
        last = body.rpartition("\n")[2]
        used = len(last) + (len(head) if "\n" not in body else 0)
        body += (",\n" + " " * len(head) if used + len(suffix) + 2 > 80 else ", ") + suffix
    return f"{head}{body})"


def _symbolic(tensor: Any) -> str:
    return f"tensor('{tensor._node_name}', size={tensor._shape}, dtype={tensor.dtype})"


def text_of(tensor: Any) -> str:
    """The printed form of a tensor under the current options."""
    if tensor._symbolic:
        return _symbolic(tensor)
    if not _legacy:
        return _modern(tensor)
    header = "Variable containing:" if tensor.requires_grad or getattr(tensor, "_is_param", False) else ""
    return header + _core.print_legacy(tensor, f"torch.{tensor.dtype._legacy}Tensor")
