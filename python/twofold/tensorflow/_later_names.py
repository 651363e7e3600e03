"""Modules such as tf.math, which hold the functions of the top level under their later names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import twofold.tensorflow as face
from twofold import _missing
from twofold.tensorflow._op import ROWS


def later_names(module: str, same: str, **others: str) -> Callable[[str], Any]:
    """A module's `__getattr__`: `same` are the names that the top level or tf.nn has too, `others` those that it spells
    otherwise (`normal="random_normal"`). What is not there yet is missing here as well."""
    known = {name: name for name in same.split()} | others

    def __getattr__(name: str) -> Any:
        old = known.get(name, "")
        for place in (face, face.nn):
            if old in vars(place):
                return vars(place)[old]
        path = f"{module}.{name}"
        if path in ROWS:
            return ROWS[path]
        raise _missing.refusal(f"tensorflow.{module}", name, known)

    return __getattr__
