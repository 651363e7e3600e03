"""How tensors print: PyTorch's modern form, or the one of torch 0.2 (profile='legacy')."""

from __future__ import annotations

from typing import Any

from twofold import _core, _samples

_PROFILES = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": 2**62, "edgeitems": 3, "linewidth": 80},
}
_legacy = False
_line_width = 80


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors print from now on; profile is 'default', 'short', 'full' or 'legacy' (torch 0.2's form)."""
    global _legacy, _line_width
    options: dict[str, Any] = {}
    if profile is not None:
        _legacy = profile == "legacy"
        options.update(_PROFILES["default" if _legacy else profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    options.update({k: v for k, v in given.items() if v is not None})
    options["sci_mode"] = -1 if sci_mode is None else int(sci_mode)
    _line_width = options.get("linewidth", _line_width)
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
    text = head + body
    used = len(text) - text.rfind("\n") + 1  # as PyTorch counts
    for suffix in _suffixes(tensor):
        if used + len(suffix) + 2 > _line_width:
            text += ",\n" + " " * len(head) + suffix
            used = len(head) + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"


def _symbolic(tensor: Any) -> str:
    return f"tensor('{tensor._node_name}', size={tensor._shape}, dtype={tensor.dtype})" + _samples.shown(tensor)


def text_of(tensor: Any) -> str:
    """The printed form of a tensor under the current options."""
    if tensor._symbolic:
        return _symbolic(tensor)
    if not _legacy:
        return _modern(tensor)
    header = "Variable containing:" if tensor.requires_grad and not getattr(tensor, "_is_param", False) else ""
    return header + _core.print_legacy(tensor, f"torch.{tensor.dtype._legacy}Tensor")
