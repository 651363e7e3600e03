"""torch.utils.data: datasets, samplers, and batches of them."""

from __future__ import annotations

from twofold import _missing
from twofold.torch.utils.data import dataloader, dataset, sampler
from twofold.torch.utils.data.collate import default_collate, default_convert
from twofold.torch.utils.data.dataloader import DataLoader, get_worker_info
from twofold.torch.utils.data.dataset import (
    ChainDataset, ConcatDataset, Dataset, IterableDataset, Subset, TensorDataset, random_split,
)  # fmt: skip
from twofold.torch.utils.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler, SubsetRandomSampler

__all__ = ["BatchSampler", "ChainDataset", "ConcatDataset", "DataLoader", "Dataset", "IterableDataset", "RandomSampler", "Sampler",
           "SequentialSampler", "Subset", "SubsetRandomSampler", "TensorDataset", "default_collate", "default_convert",
           "get_worker_info", "random_split"]  # fmt: skip

_missing.explain(__name__)
