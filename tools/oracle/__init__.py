"""Compares a face with the original itself, live: `./run oracle`. The report goes to docs/oracle.md.

    report.py          what was compared and what differed, as markdown
    samples.py         what the rows are tried on, as `twofold samples FOLDER` wrote it
    outcomes.py        a result as arrays or the error; when two are equal
    torch_*.py         PyTorch's half, one subject a file; torch_known.py lists where we mean to differ
"""
