#include "lanes/execute.h"

#include <algorithm>

#include "lanes/isa_p.h"
#include "lanes/plan_p.h"

namespace twofold::lanes {
namespace {

using Plan = Executable::Plan;

std::byte* at(const Operand& operand, std::int64_t i) {
  return static_cast<std::byte*>(operand.data) + i * operand.step;
}

// One call of run() through tiles. It lives on the caller's stack, its memory left uninitialised.
class TiledRun {
 public:
  TiledRun(const Plan& plan, const Loops& loops, std::span<const Operand> in, Operand out, std::int64_t n)
      : plan_(plan), loops_(loops), in_(in), out_(out), n_(n) {
    const std::int64_t size = static_cast<std::int64_t>(size_of(plan.output));
    straight_ = plan.in_place && (out.step == size || n == 1);
  }
  void run(std::span<const Uniform> uniforms, std::int64_t first);

 private:
  void point_slots();
  void fill_uniforms(std::span<const Uniform> values, std::int64_t count);
  void fill_broadcasts(std::int64_t count);
  void bind_inputs(std::int64_t base, std::int64_t count);
  void run_tile(std::int64_t base, std::int64_t count);
  void load(int input, const void* data, std::int64_t step, std::int64_t count);
  void call(const Plan::Step& s, void* out, std::int64_t count) {
    loops_.compute[s.loop](out, slots_[s.a], slots_[s.b], slots_[s.c], count);
  }

  const Plan& plan_;
  const Loops& loops_;
  std::span<const Operand> in_;
  Operand out_;
  std::int64_t n_;
  bool straight_;  // the last step writes to the output itself
  alignas(64) std::byte scratch_[scratch_bytes];
  void* slots_[slot_limit];
};

void TiledRun::point_slots() {
  for (int i = 0; i < plan_.constants; ++i) slots_[i] = plan_.constant_tile(i);
  std::byte* tile = scratch_;
  for (int i = plan_.constants; i < plan_.slots(); ++i, tile += plan_.tile_bytes) slots_[i] = tile;
}

void TiledRun::load(int input, const void* data, std::int64_t step, std::int64_t count) {
  const Dtype dtype = plan_.inputs[static_cast<std::size_t>(input)].dtype;
  void* tile = slots_[plan_.input_slot(input)];
  loops_.load[static_cast<int>(dtype)](tile, width_of(type_of(dtype)), data, step, count);
}

void TiledRun::fill_uniforms(std::span<const Uniform> values, std::int64_t count) {
  for (std::size_t i = 0; i < plan_.uniforms.size(); ++i) {
    const auto [index, type, dtype] = plan_.uniforms[i];
    const Uniform& value = values[static_cast<std::size_t>(index)];
    std::uint64_t bits =
        is_float(type) ? bits_of(value.number, type) : static_cast<std::uint64_t>(value.integer);
    if (type == Type::b8) bits = value.integer != 0;
    void* tile = slots_[plan_.uniform_slot(static_cast<int>(i))];
    loops_.load[static_cast<int>(dtype)](tile, width_of(type), &bits, 0, count);
  }
}

void TiledRun::fill_broadcasts(std::int64_t count) {
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i)
    if (plan_.inputs[i].used && in_[i].step == 0) load(static_cast<int>(i), in_[i].data, 0, count);
}

void TiledRun::bind_inputs(std::int64_t base, std::int64_t count) {
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
    const Plan::Input& input = plan_.inputs[i];
    if (!input.used || in_[i].step == 0) continue;
    std::byte* data = at(in_[i], base);
    if (is_native(input.dtype) && in_[i].step == input.size)
      slots_[plan_.input_slot(static_cast<int>(i))] = data;
    else
      load(static_cast<int>(i), data, in_[i].step, count);
  }
}

void TiledRun::run_tile(std::int64_t base, std::int64_t count) {
  const std::size_t held_back = straight_ ? 1 : 0;
  for (std::size_t i = 0; i + held_back < plan_.steps.size(); ++i)
    call(plan_.steps[i], slots_[plan_.steps[i].out], count);
  void* out = at(out_, base);
  if (straight_) return call(plan_.steps.back(), out, count);
  const int width = width_of(type_of(plan_.output));
  loops_.store[static_cast<int>(plan_.output)](out, out_.step, slots_[plan_.result], width, count);
}

void TiledRun::run(std::span<const Uniform> uniforms, std::int64_t first) {
  point_slots();
  const std::int64_t widest = std::min<std::int64_t>(plan_.tile, n_);
  fill_uniforms(uniforms, widest);
  fill_broadcasts(widest);
  for (std::int64_t base = 0; base < n_; base += plan_.tile) {
    const std::int64_t count = std::min<std::int64_t>(plan_.tile, n_ - base);
    bind_inputs(base, count);
    if (plan_.uses_index) loops_.index(slots_[plan_.index_slot()], first + base, count);
    run_tile(base, count);
  }
}

// Kept out of run(), which would otherwise pay for the large frame in its short path too.
[[gnu::noinline]] void run_tiles(const Plan& plan, const Loops& loops, std::span<const Operand> in,
                                 std::span<const Uniform> uniforms, Operand out, std::int64_t n,
                                 std::int64_t first) {
  TiledRun(plan, loops, in, out, n).run(uniforms, first);
}

}  // namespace

void run(const Executable& executable, std::span<const Operand> in, std::span<const Uniform> uniforms,
         Operand out, std::int64_t n, std::int64_t first) {
  if (n <= 0) return;
  const Plan& plan = executable.plan();
  const Loops& loops = active_loops();
  if (!plan.direct) return run_tiles(plan, loops, in, uniforms, out, n, first);
  const Plan::Step& s = plan.steps[0];
  const Operand &a = in[s.a], &b = in[s.b], &c = in[s.c];
  const std::int64_t* steps = plan.direct_steps;
  const std::int64_t gaps =
      (a.step ^ steps[0]) | (b.step ^ steps[1]) | (c.step ^ steps[2]) | (out.step ^ steps[3]);
  if (gaps && n != 1) return run_tiles(plan, loops, in, uniforms, out, n, first);
  loops.compute[s.loop](out.data, a.data, b.data, c.data, n);
}

}  // namespace twofold::lanes
