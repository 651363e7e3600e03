#!/bin/sh
# Installs a build into a temporary prefix and builds and runs tests/package against it.
#   tools/package_test.sh build g++
set -eu
build=$1 compiler=$2
source=$(dirname "$0")/../tests/package
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >"$work/log"
cmake -G Ninja -S "$source" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF
cmake --build "$work/build"
"$work/build/uses_twofold"
