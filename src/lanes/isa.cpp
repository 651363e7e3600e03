#include <cpuid.h>

#include <cstdlib>
#include <string>

#include "lanes/execute.h"
#include "lanes/isa_p.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

constexpr Isa all_isas[] = {Isa::portable, Isa::avx2, Isa::avx512};

const Loops& loops_for(Isa which) {
  if (which == Isa::avx512) return avx512::loops();
  return which == Isa::avx2 ? avx2::loops() : portable::loops();
}

Isa best_isa() {
  if (has_isa(Isa::avx512)) return Isa::avx512;
  return has_isa(Isa::avx2) ? Isa::avx2 : Isa::portable;
}

Isa requested_isa() {
  const char* name = std::getenv("TWOFOLD_ISA");
  if (!name || !*name) return best_isa();
  for (Isa which : all_isas)
    if (name_of(which) == name) return which;
  throw ValueError({"TWOFOLD_ISA", "", name, "portable, avx2 or avx512"});
}

// Not every compiler's __builtin_cpu_supports knows this one.
bool has_f16c() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}

}  // namespace

constinit std::atomic<const Loops*> loops_in_use{nullptr};

const Loops& choose_loops() {
  set_isa(requested_isa());
  return *loops_in_use.load(std::memory_order_relaxed);
}

Isa isa() {
  const Loops* active = &active_loops();
  for (Isa which : all_isas)
    if (active == &loops_for(which)) return which;
  return Isa::portable;
}

// These are the flags that isa/*.cpp are compiled with.
bool has_isa(Isa which) {
  if (which == Isa::portable) return true;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2") && has_f16c();
  if (which == Isa::avx2) return avx2;
  return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

void set_isa(Isa which) {
  if (!has_isa(which))
    throw ValueError(
        {"set_isa", "which", std::string(name_of(which)), "an instruction set that this machine has"});
  loops_in_use.store(&loops_for(which), std::memory_order_relaxed);
}

std::string_view name_of(Isa which) {
  constexpr std::string_view names[] = {"portable", "avx2", "avx512"};
  return names[static_cast<int>(which)];
}

}  // namespace twofold::lanes
