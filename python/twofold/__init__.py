"""Twofold: one tensor engine, two ways to run, two faces.

    import twofold.torch as torch            # define-by-run, as PyTorch users know it
    import twofold.tensorflow as tf          # define-and-run, as TensorFlow 1 users know it

`python -m twofold script.py` runs a script whose own lines say `import torch` or `import tensorflow as tf`;
`twofold.install()` does the same in a notebook.
"""

from __future__ import annotations

import atexit
import importlib
import os
import sys

from twofold import _core
from twofold._install import install, load_ipython_extension

atexit.register(_core.end)
_core.set_package_folder(os.path.dirname(os.path.abspath(__file__)))
_core._fill(sys.modules[__name__])

__version__ = "0.1.0"
_ERRORS = ["Location", "Error", "ShapeError", "DtypeError", "IndexError", "ValueError", "StateError", "GraphError", "MemoryError", "InternalError",
           "IoError"]  # fmt: skip
_PARTS = ["data", "nn", "optim"]  # imported when they are asked for


def _row_function(row: str, spelling: str, face: int) -> object:
    return _core.row_function(row, spelling, face)


def _rebuild(values: object, dtype: str, requires_grad: bool) -> _core.Tensor:
    return globals()["tensor"](values, dtype).set_requires_grad(requires_grad)


def _reduce(self: _core.Tensor) -> tuple:
    """Pickled by its values; those of bfloat16, which NumPy has not, as float32."""
    wide = self._dtype == 7
    values = (globals()["cast"](self, "float32") if wide else self).detach().numpy().copy()
    return (_rebuild, (values, "bfloat16" if wide else values.dtype.name, self.requires_grad))


_core.Tensor.__reduce__ = _reduce


def __getattr__(name: str) -> object:
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'twofold' has no attribute '{name}'")


def _add_names() -> None:
    for name in _ERRORS:
        globals()[name] = getattr(_core, name)
    for row in _core.rows():
        globals().setdefault(row["name"], _core.row_function(row["name"], "", 0))


_add_names()
__all__ = [name for name in globals() if not name.startswith("_") and name not in ("annotations", "atexit", "importlib", "os", "sys")] + _PARTS
