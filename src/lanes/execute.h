// Running lane programs: the portable executor, one source compiled per instruction set.
//
//   Executable e(program, {f32, f32}, f32);
//   Operand in[] = {{a, 4}, {b, 0}};            // b is one value for all elements
//   run(e, in, {}, {out, 4}, n);
//
// TWOFOLD_ISA=portable|avx2|avx512 forces an instruction set (a missing one is refused); all give the same
// bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "lanes/program.h"

namespace twofold::lanes {

enum class Isa : std::uint8_t { portable, avx2, avx512 };
// The instruction set in use: the best the machine has, or what TWOFOLD_ISA or set_isa() chose.
Isa isa();
bool has_isa(Isa which);
void set_isa(Isa which);  // throws ValueError when the machine lacks it
std::string_view name_of(Isa which);

// Elements of an operand lie `step` bytes apart: its size when contiguous, 0 for one value shared by all,
// anything else (negative too) for a strided one.
struct Operand {
  void* data;
  std::int64_t step;
};

// An attribute of an operation, the same for all elements; converted to the lane's type when a run starts.
struct Uniform {
  double number;
  std::int64_t integer;  // used where the lane type is an integer or b8
};

// A program made ready to run: lowered, its values assigned to tile registers, its memory types fixed.
class Executable {
 public:
  Executable(const Program& program, std::span<const Dtype> inputs, Dtype output);
  Executable(const Program& program, std::initializer_list<Dtype> inputs, Dtype output);
  Executable(Executable&&) noexcept;
  ~Executable();

  struct Plan;  // src/lanes/plan_p.h
  const Plan& plan() const { return *plan_; }

 private:
  std::unique_ptr<Plan> plan_;
};

// out[i] = program(in[0][i], in[1][i], ...) for i in [0, n); `first` is the index that element 0 has.
// An input may be the very memory of `out` (same data, same step); any other overlap is the caller's error.
// Single-threaded, allocation-free, reentrant. For n <= 16 contiguous elements of a one-instruction
// program it costs about ten nanoseconds.
void run(const Executable& executable, std::span<const Operand> in, std::span<const Uniform> uniforms,
         Operand out, std::int64_t n, std::int64_t first = 0);

}  // namespace twofold::lanes
