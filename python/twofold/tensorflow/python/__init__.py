"""tensorflow.python: the module paths that programs reach into."""
