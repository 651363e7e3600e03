"""Making `import torch` and `import tensorflow` find the faces."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

FACES = {"torch": "twofold.torch", "tensorflow": "twofold.tensorflow"}


def real_name(name: str) -> str | None:
    """'torch.nn' -> 'twofold.torch.nn'; None for names that are no face's."""
    root, dot, rest = name.partition(".")
    return FACES[root] + dot + rest if root in FACES else None


class _FaceLoader:
    """Gives the face's own module object, so that both names mean one module."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: Any) -> ModuleType:
        module = importlib.import_module(self.name)
        self.identity = (module.__spec__, module.__loader__, module.__package__)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__, module.__loader__, module.__package__ = self.identity
        _rename_classes(self.name)


def _rename_classes(real: str) -> None:
    """The classes of a face print, and are pickled, under the names of the modules that they now can be imported from."""
    for module in [m for name, m in sys.modules.items() if name == real or name.startswith(real + ".")]:
        for value in list(vars(module).values()):
            if isinstance(value, type) and value.__module__.startswith(real):
                value.__module__ = value.__module__.removeprefix("twofold.")


class _FaceFinder:
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        real = real_name(name)
        if real is None:
            return None
        from importlib import machinery, util

        if util.find_spec(real) is None:
            return None
        return machinery.ModuleSpec(name, _FaceLoader(real), is_package=True)


def install() -> None:
    """From now on `import torch` and `import tensorflow` (and their submodules) mean Twofold's faces.

    RuntimeError when the original is already imported: half of a program would use it.
    """
    for name, real in FACES.items():
        present = sys.modules.get(name)
        if present is not None and present is not sys.modules.get(real):
            raise RuntimeError(f"twofold.install(): '{name}' is already imported; call install() before it is")
    if not any(isinstance(finder, _FaceFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _FaceFinder())


def load_ipython_extension(ipython: object) -> None:
    """`%load_ext twofold` in a notebook is `twofold.install()`."""
    install()
