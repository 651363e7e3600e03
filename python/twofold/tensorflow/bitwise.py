"""tf.bitwise: the bits of integers."""

from twofold.tensorflow._later_names import later_names

__getattr__ = later_names("bitwise", "")
