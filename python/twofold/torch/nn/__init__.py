"""torch.nn: modules, layers, losses."""

from __future__ import annotations

from typing import NoReturn

from twofold.torch.nn import functional, init, modules, parameter, utils
from twofold.torch.nn.modules import *  # noqa: F403
from twofold.torch.nn.parameter import Buffer, Parameter

__all__ = [*modules.__all__, "Buffer", "Parameter", "functional", "init", "modules", "parameter", "utils"]


def __getattr__(name: str) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(name, __all__, n=1)
    hint = f"; the nearest thing that exists is torch.nn.{close[0]}" if close else ""
    raise AttributeError(f"module 'torch.nn' has no attribute '{name}' in Twofold{hint}")
