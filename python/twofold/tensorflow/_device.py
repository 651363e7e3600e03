"""Devices: where nodes are wanted, said by name ('/job:ps/gpu:0') or by functions of the node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

_KINDS = ("CPU", "GPU", "TPU", "XLA_CPU", "XLA_GPU")


def parts_of(spec: str) -> dict[str, str]:
    """{'job': 'ps', 'device': 'GPU:0'} of '/job:ps/gpu:0'."""
    parts: dict[str, str] = {}
    for text in filter(None, spec.split("/")):
        key, _, value = text.partition(":")
        kind = (value if key == "device" else text).partition(":")
        if key == "job" and value:
            parts["job"] = value
        elif key in ("replica", "task") and value:
            parts[key] = str(int(value))
        elif kind[0].upper() in _KINDS:
            number = kind[2] if kind[2] in ("", "*") else str(int(kind[2]))
            parts["device"] = f"{kind[0].upper()}:{number or '*'}"
        else:
            raise ValueError(f"Unknown attribute: '{key}' in '{spec}'")
    return parts


def _text(parts: dict[str, str]) -> str:
    return "".join(f"/{k}:{parts[k]}" for k in ("job", "replica", "task", "device") if k in parts)


def checked(device: Any) -> str | Callable[[Any], Any] | None:
    """What tf.device() was given: None forgets the devices outside it."""
    return device if device is None or callable(device) else str(device) and _text(parts_of(str(device)))


def device_for(scopes: Sequence[Any], name: str, op_type: str) -> str:
    """The device of a new node: what an inner scope says counts before what an outer one does."""
    node = SimpleNamespace(name=name, type=op_type, device="")
    node.node_def = SimpleNamespace(name=name, op=op_type)
    for device in reversed(scopes):
        if device is None:
            break
        if callable(device):
            node.device = str(device(node) or "")
        else:
            node.device = _text({**parts_of(device), **parts_of(node.device)})
    return node.device
