"""tensorflow.examples."""

from twofold import _missing

_missing.explain(__name__)
