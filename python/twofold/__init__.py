"""Twofold: one tensor engine, two ways to run, two faces.

    import twofold.torch as torch            # define-by-run, as PyTorch users know it
    import twofold.tensorflow as tf          # define-and-run, as TensorFlow 1 users know it

`python -m twofold script.py` runs a script whose own lines say `import torch` or `import tensorflow as tf`;
`twofold.install()` does the same in a notebook.
"""

from __future__ import annotations

import atexit
import os

from twofold import _core
from twofold._core import Error, Generator, Graph, Session, Tensor, manual_seed
from twofold._install import install, load_ipython_extension

atexit.register(_core.end)
_core.set_package_folder(os.path.dirname(os.path.abspath(__file__)))

__version__ = "0.1.0"
__all__ = [
    "Error",
    "Generator",
    "Graph",
    "Session",
    "Tensor",
    "from_dlpack",
    "from_numpy",
    "install",
    "load_ipython_extension",
    "manual_seed",
    "tensor",
]


def tensor(values: object, dtype: object = None) -> Tensor:
    """A tensor with values of its own: nested lists, numbers or any array-like. `dtype` defaults to NumPy's."""
    return _core.tensor(values, dtype, 0)


def from_numpy(array: object) -> Tensor:
    """A tensor over the array's memory: writing to either is seen by both."""
    return _core.share(array, 0)


def from_dlpack(source: object) -> Tensor:
    """A tensor over the memory of any object with __dlpack__; read-only where that says so."""
    return _core.from_dlpack(source, 0)


def _row_function(row: str, spelling: str, face: int) -> object:
    return _core.row_function(row, spelling, face)


def _rebuild(values: object, dtype: str, requires_grad: bool) -> Tensor:
    made = tensor(values, dtype)
    made.requires_grad = requires_grad
    return made


def _reduce(self: Tensor) -> tuple:
    """Pickled by its values; those of bfloat16, which NumPy has not, as float32."""
    wide = self._dtype == 7
    values = (globals()["cast"](self, "float32") if wide else self).detach().numpy().copy()
    return (_rebuild, (values, "bfloat16" if wide else values.dtype.name, self.requires_grad))


Tensor.__reduce__ = _reduce


def _add_rows() -> None:
    for row in _core.rows():
        name = row["name"]
        if name not in globals():
            globals()[name] = _core.row_function(name, "", 0)
            __all__.append(name)


_add_rows()
