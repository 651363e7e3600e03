// What may not change a bit: strides, threads, instruction sets, neighbours.
#include "base/threads.h"
#include "check/checks.h"
#include "check/element.h"
#include "check/operands.h"
#include "core/impl.h"
#include "lanes/execute.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

// A number of threads, splitting even the smallest work, while this lives.
class Threads {
 public:
  explicit Threads(int count) : before_(thread_count()) {
    set_thread_count(count);
    set_test_grain(1);
  }
  ~Threads() {
    set_thread_count(before_);
    set_test_grain(0);
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

class InstructionSet {
 public:
  explicit InstructionSet(lanes::Isa isa) : before_(lanes::isa()) { lanes::set_isa(isa); }
  ~InstructionSet() { lanes::set_isa(before_); }
  InstructionSet(const InstructionSet&) = delete;
  InstructionSet& operator=(const InstructionSet&) = delete;

 private:
  lanes::Isa before_;
};

// The element of x that position i of a result of this shape reads, as a tensor of one element.
Tensor element(const Tensor& x, const Shape& shape, std::int64_t i) {
  const Tensor spread = expand(x, shape.dims());
  const Tensor out(core::allocate(x.dtype(), Shape{1}));
  store(out.impl()->array, 0, load(spread.impl()->array, i));
  return out;
}

}  // namespace

void check_strides(const Trial& trial, Report& report) {
  Tensors strided;
  for (const Tensor& x : trial.inputs()) strided.push_back(strided_copy(x));
  const Outcome got = run_eager(trial, strided);
  // Whether a view under another shape exists is the one thing that strides decide.
  if (trial.op().view && trial.op().keeps_order && got.error == "shape") return;
  report.equal(trial, "strided operands", got);
}

void check_threads(const Trial& trial, Report& report) {
  for (const int count : {1, 2, 4}) {
    const Threads threads(count);
    report.equal(trial, "threads", run_eager(trial, trial.inputs()));
  }
}

void check_instruction_sets(const Trial& trial, Report& report) {
  for (const lanes::Isa isa : {lanes::Isa::portable, lanes::Isa::avx2, lanes::Isa::avx512}) {
    if (!lanes::has_isa(isa)) continue;
    const InstructionSet set(isa);
    report.equal(trial, "instruction set", run_eager(trial, trial.inputs()));
  }
}

void check_alone(const Trial& trial, Report& report) {
  if (!trial.op().lanes) return;
  const Bits& batch = trial.expected().values[0];
  const std::int64_t n = batch.shape.numel();
  for (std::int64_t i = 0; i<n; i += n> 64 ? n / 16 + 1 : 1) {
    Tensors alone;
    for (const Tensor& x : trial.inputs()) alone.push_back(element(x, batch.shape, i));
    const Bits got = bits_of(call(trial.op(), alone, trial.attrs())[0]);
    const Bits expected{true, batch.dtype, Shape{1}, {batch.words[static_cast<std::size_t>(i)]}};
    report.check(trial, "an element alone", difference(got, expected));
  }
}

}  // namespace twofold::check
