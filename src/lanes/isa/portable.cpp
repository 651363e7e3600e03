// Compiled with the flags of its instruction set (CMakeLists.txt); every name but loops() stays local.
#define TWOFOLD_ISA_NAMESPACE portable
#include "lanes/tile_loops.inc"
