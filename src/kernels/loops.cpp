#include "kernels/loops_p.h"

#include "lanes/execute.h"

namespace twofold::kernels {

const Loops& loops() {
  switch (lanes::isa()) {
    case lanes::Isa::avx512:
      return avx512::table;
    case lanes::Isa::avx2:
      return avx2::table;
    default:
      return portable::table;
  }
}

}  // namespace twofold::kernels
