#!/bin/sh
# Follows CONTRIBUTING.md literally: prints src/ops/elementary.cpp with the row that the page shows added to its array.
set -eu
cd "$(dirname "$0")/.."
awk '
  FNR == NR {
    if (/^```cpp/) inside = 1
    else if (/^```/) inside = 0
    else if (inside) row = row $0 "\n"
    next
  }
  /^};/ && !done { printf "%s", row; done = 1 }
  { print }
' CONTRIBUTING.md src/ops/elementary.cpp
