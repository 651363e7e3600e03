// Random programs. The generator runs each instruction eagerly as it adds it, so it knows what fits.
#include <algorithm>
#include <set>
#include <string_view>

#include "check/fuzz_attrs.h"
#include "check/fuzz_program.h"
#include "core/impl.h"

namespace twofold::check {
namespace {

using core::Kind;
using core::Op;

constexpr std::int64_t most_elements = 2000;

// Rows by what they do; a family comes up as often as its weight.
struct Family {
  double weight;
  std::vector<const Op*> ops;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = [] {
    auto named = [](double weight, std::initializer_list<const char*> names) {
      Family f{weight, {}};
      for (const char* n : names) f.ops.push_back(&core::find_op(n));
      return f;
    };
    // Every public row, however it is called. Bodies are made elsewhere; where a tensor says the sizes, a
    // graph with unknown dimensions may not even know the rank, and rightly refuses what eager code computes.
    Family rest{0.2, {}};
    const std::set<std::string_view> left_out{"cond",      "while_loop", "reshape_to",
                                              "expand_to", "gather_nd",  "scatter_nd"};
    for (const Op* op : core::all_ops())
      if (!op->hidden && !left_out.contains(op->name)) rest.ops.push_back(op);
    return std::vector<Family>{
        named(0.3, {"add", "sub", "mul", "div", "maximum", "exp", "tanh", "square", "sqrt", "neg", "relu",
                    "where"}),
        named(0.2, {"view", "reshape", "permute", "transpose", "expand", "slice", "select", "unsqueeze",
                    "squeeze", "detach", "flatten", "flip", "pad", "tile", "roll", "diagonal"}),
        named(0.1, {"sum", "mean", "amax", "var", "argmax", "prod", "cumsum", "cumprod", "norm"}),
        named(0.08, {"gather", "scatter_add", "take", "take_add", "nonzero", "concat", "random_integers",
                     "argmax", "sort", "topk", "one_hot", "masked_select"}),
        named(0.05, {"matmul", "softmax", "log_softmax"}),
        named(0.07, {"uniform", "normal", "bernoulli", "dropout", "uniform_like", "full", "arange",
                     "zeros_like", "cast"}),
        rest};
  }();
  return all;
}

class Generation {
 public:
  Generation(std::uint64_t seed, std::int64_t number) : choice_(seed, number) {
    program_.seed = seed;
    program_.number = number;
    add_inputs();
  }

  FuzzProgram make() {
    const World world(program_);
    Interpreter machine(program_, world, false, eager_inputs(program_, world, 0));
    machine_ = &machine;
    const std::int64_t length = choice_.chance(0.2) ? choice_.between(20, 40) : choice_.between(1, 20);
    for (std::int64_t tries = 4 * length;
         tries > 0 && static_cast<std::int64_t>(program_.body.size()) < length; --tries)
      if (!extend()) break;
    return std::move(program_);
  }

 private:
  void add_inputs() {
    program_.runs = static_cast<int>(choice_.between(1, 3));
    const Shape common = small_shape(choice_);
    const bool resized = common.rank() > 0 && choice_.chance(0.1);
    for (std::int64_t n = choice_.between(1, 5); n > 0; --n) {
      Input in;
      in.role = choice_.of(
          std::initializer_list<Role>{Role::feed, Role::feed, Role::parameter, Role::buffer, Role::constant});
      in.operand.dtype = in.role == Role::parameter && choice_.chance(0.9) ? f32 : any_dtype(choice_);
      if (in.role == Role::parameter && !is_floating(in.operand.dtype)) in.operand.dtype = f64;
      in.operand.shape = choice_.chance(0.6) ? common : small_shape(choice_);
      in.resized = resized && in.role == Role::feed && in.operand.shape == common;
      set_range(in);
      in.key = static_cast<std::uint64_t>(choice_.below(1 << 30));
      program_.inputs.push_back(in);
    }
  }

  void set_range(Input& in) {
    if (is_floating(in.operand.dtype) && choice_.chance(0.08)) in.operand.range = Range::special;
    if (is_integer(in.operand.dtype) && choice_.chance(0.5))
      in.operand.range = Range::below, in.operand.below = 2;
    in.operand.strided = choice_.chance(0.1);
  }

  // False when the program ends here: with a mistake that is kept.
  bool extend() {
    Instruction i = make_instruction();
    if (i.operands.empty() && i.verb != Verb::row) return true;
    Tensors& slots = machine_->slots();
    try {
      machine_->step(i);
    } catch (const Error&) {
      if (!choice_.chance(0.04)) return true;
      program_.body.push_back(i);
      return false;
    }
    if (slots.back().defined() && slots.back().numel() > most_elements)
      slots.pop_back();
    else
      program_.body.push_back(i);
    return true;
  }

  Instruction make_instruction() {
    const double u = choice_.unit();
    if (u < 0.17) return make_write();
    if (u < 0.19) return make_assign();
    if (u < 0.24) return make_gradient();
    if (u < 0.265) return make_cond();
    if (u < 0.285) return make_loop();
    return make_row();
  }

  // --- slots
  // --------------------------------------------------------------------------------------------------

  template <class Fits>
  int slot(Fits fits) {
    const Tensors& slots = machine_->slots();
    std::vector<int> found;
    for (std::size_t s = 0; s < slots.size(); ++s)
      if (slots[s].defined() && fits(slots[s])) found.push_back(static_cast<int>(s));
    if (found.empty()) return -1;
    // Recent slots more often: programs grow deep, not wide.
    const auto n = static_cast<std::int64_t>(found.size());
    return found[static_cast<std::size_t>(
        choice_.chance(0.5) ? std::max(n - 1 - choice_.below(4), std::int64_t{0}) : choice_.below(n))];
  }
  const Tensor& at(int s) const { return machine_->slots()[static_cast<std::size_t>(s)]; }

  static bool is_of(const Tensor& t, Kind kind) {
    const Dtype d = t.dtype();
    switch (kind) {
      case Kind::number:
        return d != bool_;
      case Kind::floating:
        return is_floating(d);
      case Kind::integer:
        return is_integer(d);
      case Kind::boolean:
        return d == bool_;
      case Kind::bits:
        return !is_floating(d);
      case Kind::index:
        return d == i32 || d == i64;
      default:
        return true;
    }
  }

  int operand(const Op& op, int k, const Tensors& before) {
    const Kind kind = op.sig.tensor(k).kind;
    if (!before.empty() && choice_.chance(0.7))
      if (const int s =
              slot([&](const Tensor& t) { return is_of(t, kind) && t.shape() == before.back().shape(); });
          s >= 0)
        return s;
    return choice_.chance(0.01) ? slot([](const Tensor&) { return true; })
                                : slot([&](const Tensor& t) { return is_of(t, kind); });
  }

  // --- instructions
  // ---------------------------------------------------------------------------------------------

  const Op& choose_op() {
    double u = choice_.unit();
    for (const Family& f : families()) {
      if (u < f.weight) return *choice_.of(f.ops);
      u -= f.weight;
    }
    return *choice_.of(families().back().ops);
  }

  Instruction make_row() {
    Instruction i;
    i.op = &choose_op();
    Tensors in;
    const int count = i.op->sig.variadic() ? static_cast<int>(choice_.between(1, 3)) : i.op->sig.tensors();
    for (int k = 0; k < count; ++k) {
      const int s = operand(*i.op, k, in);
      if (s < 0) return nothing();
      i.operands.push_back(s);
      in.push_back(at(s));
    }
    i.attrs = make_attrs(choice_, *i.op, in);
    for (int k = 0; k < i.op->sig.attrs(); ++k)
      if (i.op->sig.attr(k).kind == Kind::generator) i.generator = static_cast<int>(choice_.below(4));
    return i;
  }

  static Instruction nothing() {
    Instruction i;
    i.verb = Verb::write;
    return i;
  }

  // A graph refuses edits of constants, but not of their views.
  bool shows_constant(int s) const {
    for (std::size_t k = 0; k < program_.inputs.size(); ++k)
      if (program_.inputs[k].role == Role::constant &&
          &at(static_cast<int>(k)).impl()->root() == &at(s).impl()->root())
        return true;
    return false;
  }

  Instruction make_write() {
    Instruction i;
    i.verb = Verb::write;
    const int target = slot([&](const Tensor& t) { return t.impl()->view || !choice_.chance(0.5); });
    if (target < 0 || shows_constant(target)) return nothing();
    i.op = &core::find_op(choice_.of(
        std::initializer_list<const char*>{"add", "sub", "mul", "div", "identity", "identity", "full"}));
    i.operands = {target};
    if (std::string_view(i.op->name) == "full") {
      i.attrs = core::Attrs{core::Attr(2.5)};
    } else {
      const int value = operand(*i.op, 0, {at(target)});
      if (value < 0) return nothing();
      i.operands.push_back(value);
    }
    i.no_grad = at(target).impl()->root().state || choice_.chance(0.05);
    return i;
  }

  Instruction make_assign() {
    Instruction i;
    i.verb = Verb::assign;
    const int target = slot([&](const Tensor& t) { return t.impl()->state; });
    if (target < 0) return i;
    const int value = slot([&](const Tensor& t) { return t.shape() == at(target).shape(); });
    if (value >= 0) i.operands = {target, value};
    return i;
  }

  Instruction make_gradient() {
    Instruction i;
    i.verb = choice_.chance(0.75) ? Verb::gradient : Verb::backward;
    const int y = slot([](const Tensor& t) { return is_floating(t.dtype()) && t.requires_grad(); });
    const int x = slot([&](const Tensor& t) {
      return is_floating(t.dtype()) && t.requires_grad() &&
             (i.verb == Verb::gradient || (t.is_leaf() && t.impl()->state));
    });
    if (y < 0 || x < 0) return i;
    i.operands = {y, x};
    i.again = i.verb == Verb::gradient && choice_.chance(0.4);
    return i;
  }

  // Unary rows, binary ones with a captured slot, and draws, all of x's shape and dtype.
  std::vector<Instruction> make_body(int x, int first, int locals) {
    constexpr const char* unary[] = {"exp", "tanh", "neg", "square", "relu", "sigmoid", "identity"};
    constexpr const char* binary[] = {"add", "sub", "mul", "maximum"};
    std::vector<Instruction> out;
    int current = first;
    for (std::int64_t n = choice_.between(1, 3); n > 0; --n) {
      Instruction i;
      const double u = choice_.unit();
      i.op = &core::find_op(u < 0.5 ? choice_.of(unary) : u < 0.9 ? choice_.of(binary) : "dropout");
      i.operands = {current};
      if (u >= 0.5 && u < 0.9) i.operands.push_back(captured(x));
      if (u >= 0.9)
        i.generator = static_cast<int>(choice_.below(4)), i.attrs = core::Attrs{0.5, true, Generator()};
      current = -1 - locals++;
      out.push_back(std::move(i));
    }
    return out;
  }

  // Eager code refuses a branch that is not taken; a graph learns of sizes that change too late for that.
  int captured(int x) {
    const bool resized =
        std::any_of(program_.inputs.begin(), program_.inputs.end(), [](const Input& i) { return i.resized; });
    if (resized) return x;
    return slot([&](const Tensor& t) { return t.shape() == at(x).shape() && t.dtype() == at(x).dtype(); });
  }

  int variable_slot() {
    return slot([](const Tensor& t) { return is_floating(t.dtype()) && t.numel() <= 64; });
  }

  Instruction make_cond() {
    Instruction i;
    i.verb = Verb::cond;
    const int x = variable_slot();
    if (x < 0) return i;
    i.operands = {x};
    i.then = make_body(x, x, 0);
    i.otherwise = make_body(x, x, 0);
    return i;
  }

  Instruction make_loop() {
    Instruction i;
    i.verb = Verb::loop;
    const int x = variable_slot();
    if (x < 0) return i;
    i.operands = {x};
    i.count = choice_.between(0, 3);
    i.again = choice_.chance(0.3);
    i.then = make_body(x, -2, 2);
    return i;
  }

  Choice choice_;
  FuzzProgram program_;
  Interpreter* machine_ = nullptr;
};

}  // namespace

FuzzProgram make_program(std::uint64_t seed, std::int64_t number) { return Generation(seed, number).make(); }

}  // namespace twofold::check
