"""tensorflow.python: the module paths that programs reach into."""

from twofold import _missing

_missing.explain(__name__)
