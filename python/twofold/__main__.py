"""`python -m twofold script.py [arguments]`: runs a script with Twofold's faces as torch and tensorflow."""

from __future__ import annotations

import argparse
import runpy
import sys
from pathlib import Path

import twofold


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m twofold",
        description="Run a script whose own lines say `import torch` or `import tensorflow as tf` on Twofold.",
        epilog="Example: python -m twofold train.py --epochs 3",
    )
    parser.add_argument("--version", action="version", version=twofold.__version__)
    parser.add_argument("-m", dest="module", action="store_true", help="SCRIPT is a module's name")
    parser.add_argument("script", help="the script to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script finds in sys.argv")
    options = parser.parse_args()
    twofold.install()
    sys.argv = [options.script, *options.arguments]
    if options.module:
        runpy.run_module(options.script, run_name="__main__", alter_sys=True)
        return
    if not Path(options.script).is_file():
        parser.error(f"there is no file {options.script}")
    sys.path.insert(0, str(Path(options.script).resolve().parent))
    runpy.run_path(options.script, run_name="__main__")


if __name__ == "__main__":
    main()
