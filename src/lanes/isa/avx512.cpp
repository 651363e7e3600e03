// Compiled with the flags of its instruction set (CMakeLists.txt); every name but loops() stays local.
#define TWOFOLD_ISA_NAMESPACE avx512
#include "lanes/tile_loops.inc"
