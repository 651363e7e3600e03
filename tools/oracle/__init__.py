"""Compares a face with the original itself, live: `./run oracle`. The report goes to docs/oracle.md.

Shared (also by an original that needs an old Python: these three run on 3.7):
    report.py          what was compared and what differed, as markdown
    samples.py         what the rows are tried on, as `twofold samples FOLDER` wrote it
    outcomes.py        a result as arrays or the error; when two are equal
PyTorch's half is torch.py and torch_*.py, one subject a file; torch_known.py lists where we mean to differ.
TensorFlow's half is tensorflow.py and tensorflow_*.py, after the same pattern, against TensorFlow 2's compat.v1.
"""
