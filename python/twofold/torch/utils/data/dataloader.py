"""DataLoader: batches of a dataset, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from twofold.torch._random import Generator
from twofold.torch.utils.data.collate import default_collate, default_convert
from twofold.torch.utils.data.dataset import IterableDataset
from twofold.torch.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler, drawn_seed


def get_worker_info() -> None:
    """None: there are no worker processes."""


class _Endless:
    """The sampler of a dataset that can only be walked through."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


class DataLoader:
    """Batches of a dataset. Shuffling draws from torch's generator; `num_workers` changes nothing but speed."""

    def __init__(self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = None, sampler: Iterable | None = None,
                 batch_sampler: Iterable | None = None, num_workers: int = 0, collate_fn: Callable | None = None,
                 pin_memory: bool = False, drop_last: bool = False, timeout: float = 0, worker_init_fn: Callable | None = None,
                 multiprocessing_context: Any = None, generator: Generator | None = None, *, prefetch_factor: int | None = None,
                 persistent_workers: bool = False, pin_memory_device: str = "", in_order: bool = True) -> None:  # fmt: skip
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        self._iterable = isinstance(dataset, IterableDataset)
        if self._iterable and shuffle:
            raise ValueError(f"DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle={shuffle}")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size = None
        self.dataset, self.num_workers, self.drop_last, self.generator = dataset, num_workers, drop_last, generator
        self.sampler = sampler if sampler is not None else self._own_sampler(bool(shuffle))
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)
        self.batch_size, self.batch_sampler, self.pin_memory, self.timeout = batch_size, batch_sampler, pin_memory, timeout
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)

    def __class_getitem__(cls, item: Any) -> type:
        return cls

    def _own_sampler(self, shuffle: bool) -> Any:
        if self._iterable:
            return _Endless()
        return RandomSampler(self.dataset, generator=self.generator) if shuffle else SequentialSampler(self.dataset)

    def __len__(self) -> int:
        if self._iterable:
            n = len(self.dataset)
            return n if self.batch_size is None else n // self.batch_size if self.drop_last else -(-n // self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        drawn_seed(self.generator)  # PyTorch's loaders draw one for their workers, whether there are any or not
        return self._batches()

    def _batches(self) -> Iterator[Any]:
        source = iter(self.dataset) if self._iterable else None
        for wanted in self.sampler if self.batch_sampler is None else self.batch_sampler:
            if source is None:
                yield self.collate_fn(self.dataset[wanted] if self.batch_sampler is None else self._items(wanted))
                continue
            items = [item for _, item in zip(wanted if self.batch_sampler is not None else [None], source)]
            if not items or (self.drop_last and len(items) < len(wanted)):
                return
            yield self.collate_fn(items[0] if self.batch_sampler is None else items)

    def _items(self, indices: list) -> Any:
        many = getattr(self.dataset, "__getitems__", None)
        return many(indices) if many else [self.dataset[i] for i in indices]


__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]
