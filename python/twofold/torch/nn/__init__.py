"""torch.nn: modules, layers, losses."""

from __future__ import annotations

from twofold import _missing
from twofold.torch.nn import functional, init, modules, parameter, utils
from twofold.torch.nn.modules import *  # noqa: F403
from twofold.torch.nn.parameter import Buffer, Parameter

__all__ = [*modules.__all__, "Buffer", "Parameter", "functional", "init", "modules", "parameter", "utils"]


_missing.explain(__name__)
