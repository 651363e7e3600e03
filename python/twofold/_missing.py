"""What a face's module answers for a name that it does not have: that, and the nearest name that exists."""

from __future__ import annotations

import sys
from collections.abc import Iterable

_HELPERS = ("typing", "collections.abc", "__future__")


def explain(module: str) -> None:
    """Gives a face's module its `__getattr__`. A call, so that type checkers still refuse what is not there."""

    def __getattr__(name: str) -> object:
        raise refusal(module, name, _public(module))

    vars(sys.modules[module])["__getattr__"] = __getattr__


def refusal(module: str, name: str, known: Iterable[str]) -> AttributeError:
    import difflib

    shown = module.removeprefix("twofold.")
    spelled = {k.lower(): k for k in known if not k.startswith("_")}
    close = [] if name.startswith("__") else difflib.get_close_matches(name.lower(), list(spelled), n=1, cutoff=0.76)
    hint = f"; the nearest thing that exists is {shown.replace('tensorflow', 'tf', 1)}.{spelled[close[0]]}" if close else ""
    return AttributeError(f"module '{shown}' has no attribute '{name}' in Twofold{hint}")


def _public(module: str) -> list[str]:
    """The names that a module offers: not what it imports to use."""
    face = vars(sys.modules[".".join(module.split(".")[:2])])
    space = vars(sys.modules[module])
    return [
        k for k, v in space.items()
        if getattr(v, "__module__", "") not in _HELPERS and (space is face or face.get(k) is not v)
    ]  # fmt: skip
