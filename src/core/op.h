// Op: the row. Everything about an operation stands in one row of one array in src/ops/.
//
//   constinit const Op rows[] = {
//       {.name = "silu", .sig = "x: float", .torch = "nn.functional.silu(input)", .tf = "nn.swish(features)",
//        .doc = "x * sigmoid(x), elementwise.", .lanes = [](Lanes x) { return x[0] * sigmoid(x[0]); },
//        .ref = [](double x) { return x / (1 + std::exp(-x)); }, .samples = "f32[3,4] | f16[0] | !i32[2] ->
//        dtype"},
//   };
#pragma once

#include <span>

#include "base/array.h"
#include "base/small_vector.h"
#include "core/attrs.h"
#include "core/sig.h"
#include "lanes/execute.h"
#include "twofold/tensor.h"

namespace twofold::core {

struct Op;
struct OpRuntime;

// What is known of a tensor before it exists.
struct Meta {
  Dtype dtype = f32;
  Shape shape;
  bool absent = false;  // an optional operand that was left out
};

using Metas = SmallVector<Meta, 2>;

// The shape and dtype rule: reads `in`, fills `out` (as many as the sig names; variadic outputs push_back).
// It serves both modes, so every dimension may be unknown. It throws what the operation refuses.
struct Infer {
  const Op& op;
  std::span<const Meta> in;
  const Attrs& attrs;
  Metas& out;
};

// What a kernel receives. Outputs are allocated, row-major; kernels never allocate tensors.
struct Call {
  const Op& op;
  std::span<const Array* const> in;  // null where an optional input is absent
  std::span<Array* const> out;
  const Attrs& attrs;

  const Array& x(int i) const { return *in[static_cast<std::size_t>(i)]; }
  const Array& y(int i = 0) const { return *out[static_cast<std::size_t>(i)]; }
};

// For operations whose output shapes only the data tell (nonzero) and for control flow: makes its own
// outputs.
struct Produce {
  const Op& op;
  std::span<const Tensor> in;  // concrete, without history
  const Attrs& attrs;
  int wanted;  // nobody will read the outputs from this number on
};

// What a derivative rule receives; written only with operations, so it serves eager, graph and every order.
class Vjp {
 public:
  virtual ~Vjp() = default;
  // An input or output as a tensor: only what `saves` names. A record that keeps less cannot answer:
  // InternalError.
  virtual Tensor x(int i) = 0;
  virtual Tensor y(int i = 0) = 0;
  // Something of the i-th input's shape and dtype whose values nobody may read (the `like` argument of rows).
  virtual Tensor like(int i) = 0;
  virtual Tensor g(int i = 0) = 0;  // gradient of output i; undefined when none arrived
  virtual bool needs(int i) const = 0;
  virtual int inputs() const = 0;
  virtual const Attrs& attrs() const = 0;
};

// Elementwise reference on double, or a whole-tensor reference for the rest (check/reference.h runs both).
struct RefTensor {
  Shape shape;
  std::vector<double> values;
};
struct RefCall {
  std::span<const RefTensor> in;
  const Attrs& attrs;
  std::span<const Dtype> dtypes;
};
struct Reference {
  double (*one)(double) = nullptr;
  double (*two)(double, double) = nullptr;
  double (*three)(double, double, double) = nullptr;
  std::vector<RefTensor> (*whole)(const RefCall&) = nullptr;

  constexpr Reference() = default;
  template <class F>
  constexpr Reference(F f) {  // NOLINT
    if constexpr (std::is_convertible_v<F, double (*)(double)>)
      one = f;
    else if constexpr (std::is_convertible_v<F, double (*)(double, double)>)
      two = f;
    else if constexpr (std::is_convertible_v<F, double (*)(double, double, double)>)
      three = f;
    else
      whole = f;
  }
  constexpr bool defined() const { return one || two || three || whole; }
};

// How operands of different dtypes meet.
enum class Promote : std::uint8_t {
  together,  // tensor classes other than boolean and index get their common dtype
  to_float,  // the same, and integers become f32
  none,
};
enum class Effect : std::uint8_t {
  pure,
  random,  // advances a generator: never merged, never folded
  state,   // writes a variable
};
// Bits for `saves`.
// clang-format off
inline constexpr std::uint32_t X0 = 1, X1 = 2, X2 = 4, Y0 = 1u << 16, Y1 = 2u << 16, all_inputs = 0xffff, all_outputs = 0xffffu << 16;
// clang-format on

struct Op {
  const char* name;
  Sig sig{};
  const char* torch = "";
  const char* tf = "";
  const char* doc = "";
  // Where the faces' contracts part and neither spellings nor dtypes show it, as calls whose results the
  // reference page compares, x being [[1., 5., 2.], [7., 0., 3.]]:
  // "without an axis: torch.argmax(x) | tf.argmax(x); ..."
  const char* unlike = "";
  Promote promote = Promote::together;
  Effect effect = Effect::pure;
  bool hidden = false;  // used by derivatives and the engine, not part of the public API

  void (*infer)(Infer&) = nullptr;               // default for lanes rows: broadcast
  lanes::Lane (*lanes)(lanes::Lanes) = nullptr;  // elementwise; derivative and kernel follow
  void (*check)(const Call&) = nullptr;  // of a lanes row: throws what it refuses operands' values for
  void (*cpu)(const Call&) = nullptr;    // a kernel
  void (*view)(const Array& in, Array& out,
               const Attrs&) = nullptr;  // out.shape is inferred; sets data, strides
  Tensors (*produce)(const Produce&) = nullptr;
  Tensors (*compose)(const Tensors& in, const Attrs&) = nullptr;  // written with other operations
  // Of a random row: how far an execution whose result has this shape advances the generator. 256 per element
  // by default, as TensorFlow's kernels reserve.
  std::uint64_t (*counts)(const Shape& out) = [](const Shape& out) {
    return static_cast<std::uint64_t>(out.numel()) * 256;
  };
  Tensors (*vjp)(Vjp&) = nullptr;  // one gradient per input, undefined for none
  std::uint32_t saves = 0;         // what vjp reads: X0 | Y0 ...
  std::uint32_t shape_only = 0;    // operands read for their shape and dtype alone
  bool keeps_order = false;        // a view that leaves a dense tensor dense
  bool moves = false;              // a composition without arithmetic: halves need not be widened

  Reference ref{};
  double ulp = 0;           // allowed distance from ref in units in the last place of the result's dtype
  bool differences = true;  // off: the gradient goes straight through to operand 0, and is checked so
  const char* samples = nullptr;

  bool reads_shape_only(int operand) const { return operand < 16 && (shape_only >> operand & 1); }

  mutable std::atomic<OpRuntime*> runtime{nullptr};  // compiled programs, derived operations
};

// One family file's rows. Every file defines one, listed nowhere: CMake globs src/ops/*.cpp (see
// ops/registry).
struct Rows {
  const char* name;
  std::span<const Op> ops;
};
std::span<const Rows* const> all_families();

// Throws ValueError when there is no such operation.
const Op& find_op(std::string_view name);
const std::vector<const Op*>& all_ops();

// Throws DtypeError when the i-th tensor operand is not of the class that the sig names.
void check_class(const Op& op, int i, Dtype dtype, const Shape& shape);
// Shapes and dtypes of the outputs of `op`; what infer throws is located by the caller.
Metas infer(const Op& op, std::span<const Meta> in, const Attrs& attrs);

// --- lanes rows -------------------------------------------------------------------------------------------
// What one elementwise row has become for operands of certain dtypes.
struct LanesEntry {
  Dtype result;
  std::uint32_t saves;  // what the derivatives read, as `saves` bits
  const lanes::Executable* executable;
};
// The entry for operands that all are `dtype`, or null until an ordinary call has made it (and has found that
// the row accepts the dtype): one load, for the hot path.
const LanesEntry* uniform_entry(const Op& op, Dtype dtype);
void remember_uniform(const Op& op, Dtype dtype, int operands);
// The elementwise program for operands of these dtypes, built once.
const lanes::Executable& executable(const Op& op, std::span<const Dtype> in);
Dtype lanes_result(const Op& op, std::span<const Dtype> in);
// The operation that computes g * d op / d x_i from (inputs..., y, g); null when that derivative is zero.
const Op* lanes_vjp(const Op& op, int input, std::span<const Dtype> in);
// Does a derivative operation read this operand? (A row of the table reads all of its own.)
bool lanes_reads(const Op& op, int operand);
// What the derivatives read, as `saves` bits.
std::uint32_t lanes_saves(const Op& op, std::span<const Dtype> in);
// Attributes as uniform inputs; returns how many.
int lanes_uniforms(const Attrs& attrs, lanes::Uniform* out);
void run_lanes(const Op& op, std::span<const Array* const> in, const Attrs& attrs, const Array& out);

// Runs the kernel of a lanes or cpu row on allocated outputs; each device has its own table (only the CPU
// now).
void run_kernel(const Call& call, Device device = Device::cpu);

}  // namespace twofold::core
