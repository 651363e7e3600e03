"""The samples of the rows, as `twofold samples FOLDER` wrote them: operands.npz and index.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DTYPES = {"bool": "bool", "u8": "uint8", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
          "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64"}  # fmt: skip
FLOATS = ("float16", "bfloat16", "float32", "float64")
HALVES = ("float16", "bfloat16")


@dataclass(frozen=True)
class Operand:
    parameter: str  # of the row
    dtype: str  # bfloat16's values stand in float32
    values: np.ndarray  # with the sample's strides


@dataclass(frozen=True)
class Sample:
    row: str
    number: int
    text: str
    operands: list[Operand]
    attributes: dict[str, Any]  # None for what text cannot give: generators, functions
    refused: str | None  # the kind of error with which the row refuses it

    @property
    def name(self) -> str:
        return f"{self.row}: {self.text}"


def with_strides(values: np.ndarray, strides: list[int]) -> np.ndarray:
    """The same elements, so many elements apart."""
    if values.size == 0:
        return values
    length = 1 + sum((n - 1) * s for n, s in zip(values.shape, strides))
    memory = np.zeros(length, values.dtype)
    out = np.lib.stride_tricks.as_strided(memory, values.shape, [s * values.itemsize for s in strides])
    out[...] = values
    return out


def read_samples(folder: Path) -> dict[str, list[Sample]]:
    """{row: its samples}."""
    arrays = np.load(folder / "operands.npz")
    out = {}
    for row, entries in json.loads((folder / "index.json").read_text()).items():
        out[row] = [
            Sample(
                row,
                k,
                e["text"],
                [Operand(o["parameter"], DTYPES[o["dtype"]], with_strides(arrays[o["key"]], o["strides"])) for o in e["operands"]],
                e["attributes"],
                e.get("refused"),
            )
            for k, e in enumerate(entries)
        ]
    return out
