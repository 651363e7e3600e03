"""tf.logging, on Python's own logging."""

from __future__ import annotations

import logging as _logging
from typing import Any

from twofold import _missing

DEBUG, INFO, WARN, ERROR, FATAL = _logging.DEBUG, _logging.INFO, _logging.WARN, _logging.ERROR, _logging.FATAL
_logger = _logging.getLogger("tensorflow")
debug, info, warn, warning, error, fatal = (
    _logger.debug, _logger.info, _logger.warning, _logger.warning, _logger.error, _logger.critical,
)  # fmt: skip


def set_verbosity(level: int) -> None:
    """What is logged from now on; the first call makes the log appear on stderr."""
    if not _logger.handlers:
        handler = _logging.StreamHandler()
        handler.setFormatter(_logging.Formatter("%(levelname)s:tensorflow:%(message)s"))
        _logger.addHandler(handler)
        _logger.propagate = False
    _logger.setLevel(level)


def get_verbosity() -> int:
    return _logger.getEffectiveLevel()


def log(level: int, message: str, *args: Any) -> None:
    _logger.log(level, message, *args)


_missing.explain(__name__)
