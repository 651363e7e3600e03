#!/bin/sh
# Objects compiled for one instruction set may define no weak symbols: the linker keeps one copy of each, and
# a baseline machine would run the AVX-512 one.
#   tools/weak_symbols.sh build
set -eu
objects=$(find "$1/CMakeFiles" -path '*/isa/*.o')
[ -n "$objects" ] || { echo "weak symbols: no isa objects under $1" >&2; exit 1; }

found=$(for o in $objects; do
  nm -C --defined-only "$o" | awk -v file="$o" '$2 ~ /^[WVu]$/ { $1 = $2 = ""; print file ":" $0 }'
done)
if [ -n "$found" ]; then
  printf '%s\n' "$found" "weak symbols in isa objects: give them internal linkage" >&2
  exit 1
fi
echo "weak symbols: none in $(echo "$objects" | wc -l) isa objects"
