"""torch.nn: modules, layers, losses."""

from __future__ import annotations

from typing import NoReturn

from twofold.torch.nn import functional, init, utils
from twofold.torch.nn.layers import (
    GELU, Dropout, Flatten, Identity, LeakyReLU, Linear, LogSoftmax, ModuleList, ReLU, Sequential, Sigmoid, SiLU,
    Softmax, Softplus, Tanh,
)  # fmt: skip
from twofold.torch.nn.losses import BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss
from twofold.torch.nn.module import Module
from twofold.torch.nn.parameter import Parameter

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "Dropout", "Flatten", "GELU", "Identity", "L1Loss",
    "LeakyReLU", "Linear", "LogSoftmax", "MSELoss", "Module", "ModuleList", "NLLLoss", "Parameter", "ReLU",
    "Sequential", "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh", "functional", "init", "utils",
]  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    import difflib

    close = difflib.get_close_matches(name, __all__, n=1)
    hint = f"; the nearest thing that exists is torch.nn.{close[0]}" if close else ""
    raise AttributeError(f"module 'torch.nn' has no attribute '{name}' in Twofold{hint}")
