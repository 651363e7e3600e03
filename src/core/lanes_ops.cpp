// Elementwise rows at run time: programs compiled per dtypes, derivative operations made on demand.
#include <limits>
#include <memory>
#include <mutex>

#include "core/op.h"
#include "kernels/pointwise.h"

namespace twofold::core {
namespace {

constexpr int max_operands = 16;

struct DtypeKey {
  Dtype dtypes[max_operands] = {};
  int count = 0;

  explicit DtypeKey(std::span<const Dtype> in) : count(static_cast<int>(in.size())) {
    if (in.size() > max_operands)
      throw InternalError({.op = "", .argument = "", .got = "too many operands", .expected = "at most 16"});
    std::copy(in.begin(), in.end(), dtypes);
  }
  bool operator==(const DtypeKey&) const = default;
};

// One program ready for operands of these dtypes. Entries are only ever prepended, so readers take no lock.
struct Compiled {
  DtypeKey key;
  lanes::Program program;
  Dtype result;
  lanes::Executable executable;
  std::atomic<const Op*> vjp[max_operands] = {};
  std::atomic<std::uint32_t> vjp_known{0};  // bit i: vjp[i] is final (null means a zero gradient)
  Compiled* next = nullptr;
};

Dtype memory_type(lanes::Type type) {
  constexpr Dtype dtypes[] = {bool_, u8, i8, i16, i32, i64, f32, f64};
  return dtypes[static_cast<int>(type)];
}

}  // namespace

struct OpRuntime {
  std::atomic<const LanesEntry*> uniform[dtype_count] = {};
  std::mutex mutex;
  std::atomic<Compiled*> compiled{nullptr};
  // A derivative operation has a program of its own; the operands it does not read may be absent.
  std::unique_ptr<lanes::Program> program;
  std::string name;
  Dtype result = f32;
};

namespace {

OpRuntime& runtime_of(const Op& op) {
  if (OpRuntime* r = op.runtime.load(std::memory_order_acquire)) return *r;
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  if (!op.runtime.load()) op.runtime.store(new OpRuntime, std::memory_order_release);
  return *op.runtime.load();
}

lanes::Program program_of(const Op& op, const OpRuntime& runtime, std::span<const Dtype> in) {
  if (runtime.program) return *runtime.program;
  std::vector<lanes::Type> types;
  for (Dtype d : in) types.push_back(lanes::type_of(d));
  return lanes::build(types, op.lanes);
}

Dtype result_of(const OpRuntime& runtime, const lanes::Program& program, std::span<const Dtype> in) {
  if (runtime.program) return runtime.result;
  const Dtype natural = memory_type(program.result_type());
  for (Dtype d : in)  // a half computes in f32 and comes back as it was
    if (is_half(d) && natural == f32) return d;
  return natural;
}

Compiled* find(const OpRuntime& runtime, const DtypeKey& key) {
  Compiled* c = runtime.compiled.load(std::memory_order_acquire);
  while (c && !(c->key == key)) c = c->next;
  return c;
}

Compiled& compiled(const Op& op, std::span<const Dtype> in) {
  OpRuntime& runtime = runtime_of(op);
  const DtypeKey key(in);
  if (Compiled* c = find(runtime, key)) return *c;
  std::lock_guard lock(runtime.mutex);
  if (Compiled* c = find(runtime, key)) return *c;
  lanes::Program program = program_of(op, runtime, in);
  const Dtype result = result_of(runtime, program, in);
  lanes::Executable executable(program, in, result);
  auto* c = new Compiled{key, std::move(program), result, std::move(executable)};
  c->next = runtime.compiled.load();
  runtime.compiled.store(c, std::memory_order_release);
  return *c;
}

const Op* derive(const Op& op, const Compiled& c, int input) {
  lanes::Program program = c.program.vjp(input);
  if (program.empty()) return nullptr;
  auto* runtime = new OpRuntime;
  runtime->name = std::string(op.name) + "_vjp" + std::to_string(input);
  auto* derived = new Op{.name = runtime->name.c_str(),
                         .sig = Sig("*operands: any"),
                         .doc = "A derivative made from a lane program.",
                         .promote = Promote::none,
                         .hidden = true,
                         .lanes = op.lanes};
  runtime->program = std::make_unique<lanes::Program>(std::move(program));
  runtime->result = c.key.dtypes[input];
  derived->runtime.store(runtime);
  return derived;
}

const Op* vjp_of(const Op& op, Compiled& c, int input) {
  const std::uint32_t bit = 1u << input;
  if (c.vjp_known.load(std::memory_order_acquire) & bit) return c.vjp[input].load(std::memory_order_relaxed);
  std::lock_guard lock(runtime_of(op).mutex);
  if (!(c.vjp_known.load() & bit)) {
    c.vjp[input].store(derive(op, c, input));
    c.vjp_known.fetch_or(bit, std::memory_order_release);
  }
  return c.vjp[input].load();
}

}  // namespace

const LanesEntry* uniform_entry(const Op& op, Dtype dtype) {
  const OpRuntime* runtime = op.runtime.load(std::memory_order_acquire);
  return runtime ? runtime->uniform[static_cast<int>(dtype)].load(std::memory_order_acquire) : nullptr;
}

void remember_uniform(const Op& op, Dtype dtype, int operands) {
  const std::vector<Dtype> in(static_cast<std::size_t>(operands), dtype);
  const Compiled& c = compiled(op, in);
  const LanesEntry* entry = new LanesEntry{c.result, lanes_saves(op, in), &c.executable};
  const LanesEntry* none = nullptr;
  if (!runtime_of(op).uniform[static_cast<int>(dtype)].compare_exchange_strong(none, entry)) delete entry;
}

const lanes::Executable& executable(const Op& op, std::span<const Dtype> in) {
  return compiled(op, in).executable;
}
Dtype lanes_result(const Op& op, std::span<const Dtype> in) { return compiled(op, in).result; }

const Op* lanes_vjp(const Op& op, int input, std::span<const Dtype> in) {
  return vjp_of(op, compiled(op, in), input);
}

bool lanes_reads(const Op& op, int operand) {
  const OpRuntime* runtime = op.runtime.load(std::memory_order_acquire);
  return !runtime || !runtime->program || runtime->program->uses_input(operand);
}

std::uint32_t lanes_saves(const Op& op, std::span<const Dtype> in) {
  Compiled& c = compiled(op, in);
  std::uint32_t mask = 0;
  const int n = static_cast<int>(in.size());
  for (int i = 0; i < n; ++i) {
    const Op* d = vjp_of(op, c, i);
    if (!d) continue;
    for (int k = 0; k < n; ++k)
      if (lanes_reads(*d, k)) mask |= X0 << k;
    if (lanes_reads(*d, n)) mask |= Y0;
  }
  return mask;
}

// A real attribute in an integer program: toward zero, within range.
std::int64_t saturated(double v) {
  constexpr double beyond = 0x1p63;
  if (!(v > -beyond)) return v == v ? std::numeric_limits<std::int64_t>::min() : 0;
  return v < beyond ? static_cast<std::int64_t>(v) : std::numeric_limits<std::int64_t>::max();
}

int lanes_uniforms(const Attrs& attrs, lanes::Uniform* out) {
  for (int i = 0; i < attrs.size(); ++i) {
    const Attr& a = attrs[i];
    if (auto* d = std::get_if<double>(&a))
      out[i] = {*d, saturated(*d)};
    else if (auto* k = std::get_if<std::int64_t>(&a))
      out[i] = {static_cast<double>(*k), *k};
    else if (auto* b = std::get_if<bool>(&a))
      out[i] = {static_cast<double>(*b), *b};
    else
      out[i] = {};
  }
  return attrs.size();
}

void run_lanes(const Op& op, std::span<const Array* const> in, const Attrs& attrs, const Array& out) {
  Dtype dtypes[max_operands];
  for (std::size_t i = 0; i < in.size(); ++i) dtypes[i] = (in[i] ? in[i] : in.back())->dtype;
  lanes::Uniform uniforms[Sig::capacity];
  const auto n = static_cast<std::size_t>(lanes_uniforms(attrs, uniforms));
  pointwise(executable(op, {dtypes, in.size()}), in.data(), static_cast<int>(in.size()), {uniforms, n}, out);
}

}  // namespace twofold::core
