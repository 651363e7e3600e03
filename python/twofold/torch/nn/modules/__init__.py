"""The modules of torch.nn, by kind."""

from __future__ import annotations

from twofold import _missing
from twofold.torch.nn.modules import activation, container, distance, dropout, flatten, linear, loss, module
from twofold.torch.nn.modules.activation import (
    ELU, GELU, SELU, Hardtanh, LeakyReLU, LogSigmoid, LogSoftmax, PReLU, ReLU, ReLU6, Sigmoid, SiLU, Softmax, Softmin, Softplus,
    Softsign, Tanh, Tanhshrink, Threshold,
)  # fmt: skip
from twofold.torch.nn.modules.container import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from twofold.torch.nn.modules.distance import CosineSimilarity, PairwiseDistance
from twofold.torch.nn.modules.dropout import Dropout
from twofold.torch.nn.modules.flatten import Flatten, Unflatten
from twofold.torch.nn.modules.linear import Bilinear, Identity, Linear
from twofold.torch.nn.modules.loss import (
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, KLDivLoss, L1Loss, MSELoss, NLLLoss, SmoothL1Loss,
)  # fmt: skip
from twofold.torch.nn.modules.module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "Bilinear", "CosineSimilarity", "CrossEntropyLoss", "Dropout", "ELU", "Flatten", "GELU",
    "Hardtanh", "HuberLoss", "Identity", "KLDivLoss", "L1Loss", "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax", "MSELoss",
    "Module", "ModuleDict", "ModuleList", "NLLLoss", "PReLU", "PairwiseDistance", "ParameterDict", "ParameterList", "ReLU",
    "ReLU6", "SELU", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss", "Softmax", "Softmin", "Softplus", "Softsign", "Tanh",
    "Tanhshrink", "Threshold", "Unflatten",
]  # fmt: skip

_missing.explain(__name__)
