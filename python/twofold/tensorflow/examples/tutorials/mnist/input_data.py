"""The MNIST reader of TensorFlow's tutorials, for files that are here already."""

from __future__ import annotations

import gzip
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np

Datasets = namedtuple("Datasets", ["train", "validation", "test"])
_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


class DataSet:
    """Images [n, 784] in [0, 1] and labels, handed out in shuffled batches."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, seed: int | None = None) -> None:
        self.images, self.labels = images, labels
        self.epochs_completed, self._at = 0, 0
        self._random = np.random.RandomState(seed)

    @property
    def num_examples(self) -> int:
        return len(self.images)

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """The next examples; a new order whenever all were handed out."""
        if self._at == 0 and shuffle:
            self._shuffle()
        if self._at + batch_size > self.num_examples:
            self.epochs_completed += 1
            if shuffle:
                self._shuffle()
            self._at = 0
        start, self._at = self._at, self._at + batch_size
        return self.images[start : self._at], self.labels[start : self._at]

    def _shuffle(self) -> None:
        order = self._random.permutation(self.num_examples)
        self.images, self.labels = self.images[order], self.labels[order]


def _read(folder: Path, name: str) -> np.ndarray:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            return _parsed(path, data)
    raise FileNotFoundError(
        f"{folder / name}: not here. Nothing is downloaded: put {', '.join(_FILES)} (plain or .gz) into {folder}"
    )


def _parsed(path: Path, data: bytes) -> np.ndarray:
    """An IDX file (LeCun, Cortes, Burges): 0, 0, type, rank, big-endian sizes, bytes."""
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise ValueError(f"{path}: offset 0: no IDX file of bytes")
    rank = data[3]
    if len(data) < 4 + 4 * rank:
        raise ValueError(f"{path}: offset 4: the sizes are cut off")
    sizes = [int.from_bytes(data[4 + 4 * d : 8 + 4 * d], "big") for d in range(rank)]
    body = data[4 + 4 * rank :]
    if len(body) != int(np.prod(sizes, dtype=np.int64)):
        raise ValueError(f"{path}: offset {4 + 4 * rank}: {len(body)} bytes for sizes {sizes}")
    return np.frombuffer(body, np.uint8).reshape(sizes)


def read_data_sets(train_dir: str, fake_data: bool = False, one_hot: bool = False, dtype: Any = None, reshape: bool = True,
                   validation_size: int = 5000, seed: int | None = None, **_: Any) -> Datasets:  # fmt: skip
    """train, validation and test from the four IDX files in a folder; FileNotFoundError says where they belong."""
    folder = Path(train_dir)
    images, labels, test_images, test_labels = (_read(folder, name) for name in _FILES)

    def prepared(x: np.ndarray, y: np.ndarray) -> DataSet:
        pixels = x.reshape(len(x), -1) if reshape else x[..., np.newaxis]
        classes = np.eye(10)[y] if one_hot else y
        return DataSet(pixels.astype(np.float32) / 255, classes, seed)

    cut = min(validation_size, len(images))
    return Datasets(prepared(images[cut:], labels[cut:]), prepared(images[:cut], labels[:cut]), prepared(test_images, test_labels))
