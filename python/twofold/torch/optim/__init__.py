"""torch.optim: optimisers, and schedules of their learning rates."""

from __future__ import annotations

from twofold import _missing
from twofold.torch.optim import lr_scheduler
from twofold.torch.optim.adam import Adam
from twofold.torch.optim.optimizer import Optimizer
from twofold.torch.optim.sgd import SGD

__all__ = ["Adam", "Optimizer", "SGD", "lr_scheduler"]

_missing.explain(__name__)
