// In-place operations: the pure operation, then a write into the target.
#include "core/alias.h"
#include "core/apply.h"
#include "core/promote.h"
#include "core/record.h"
#include "core/recorder.h"
#include "twofold/tensor.h"

namespace twofold {
namespace {

using core::Impl;
using core::open_recorder;

int category(Dtype d) { return is_floating(d) ? 2 : d == bool_ ? 0 : 1; }

bool is_float_number(const Impl& i) { return i.weak && is_floating(i.array.dtype); }

// Before anything is computed, so that both modes refuse a double mistake for the same reason.
void check_category(const Tensor& target, const Impl& other, bool divides) {
  if (std::max(category(other.array.dtype), divides ? 2 : 0) > category(target.dtype()))
    throw DtypeError(
        {.op = "",
         .argument = "",
         .got = "a " + std::string(name_of(divides || is_float_number(other) ? core::default_float()
                                                                             : other.array.dtype)),
         .expected = "a result that fits the target's " + std::string(name_of(target.dtype()))});
}

void check_shape(const Tensor& target, const Tensor& result) {
  if (!target.shape().compatible(result.shape()))
    throw ShapeError({.op = "",
                      .argument = "",
                      .got = "a result of shape " + to_string(result.shape()),
                      .expected = "the target's shape " + to_string(target.shape())});
}

void write_result(Tensor& target, Tensor result, const char* name, const Location& where) {
  if (result.dtype() != target.dtype())
    result = core::apply_one(core::find_op("cast"), {result.impl()}, {core::Attr(target.dtype())}, where);
  core::write(*target.impl(), result, name, where, true);
}

// May a derivative be asked for that reads an operand of this edit?
bool will_differentiate(const Tensor& target, const Tensor& with_gradient, const Tensor& other) {
  if (!grad_enabled()) return false;
  return open_recorder() || target.symbolic() || other.symbolic() || with_gradient.requires_grad();
}

bool share_memory(const Impl& a, const Impl& b) {
  if (!a.symbol || !b.symbol) return a.storage && a.storage == b.storage;
  return a.symbol->graph == b.symbol->graph && a.symbol->root == b.symbol->root;
}

Tensor as_it_was(const Tensor& operand, const Location& where) {
  return core::apply_one(core::find_op("identity"), {operand.impl()}, {}, where);
}

// Where a derivative will read the target, also as the other operand (x.mul_(x)), it must read what it was.
Tensor computed(const Tensor& target, const core::Op& row, const Arg& other, bool reads,
                const Location& where) {
  Tensor x = target, y = other.tensor();
  if (reads && !y.impl()->weak) {
    const bool shared = share_memory(*x.impl(), *y.impl()) && will_differentiate(target, target, y);
    if (will_differentiate(target, y, y)) x = as_it_was(x, where);
    if (shared) y = as_it_was(y, where);
  }
  return core::apply_one(row, {x.impl(), y.impl()}, {}, where);
}

Tensor& in_place(Tensor& target, const char* row, const char* name, const Arg& other,
                 bool reads_target = false) {
  const Location where = core::inherited_location(other.where());
  try {
    core::check_target(*target.impl(), name);
    check_category(target, *other.impl(), std::string_view(row) == "div");
    const Tensor result = computed(target, core::find_op(row), other, reads_target, where);
    check_shape(target, result);
    write_result(target, result, name, where);
  } catch (Error& e) {
    e.locate(name, where);
    throw;
  }
  return target;
}

}  // namespace

Tensor& Tensor::add_(const Arg& other) { return in_place(*this, "add", "add_", other); }
Tensor& Tensor::sub_(const Arg& other) { return in_place(*this, "sub", "sub_", other); }
Tensor& Tensor::mul_(const Arg& other) { return in_place(*this, "mul", "mul_", other, true); }
Tensor& Tensor::div_(const Arg& other) { return in_place(*this, "div", "div_", other, true); }

Tensor& Tensor::copy_(const Arg& source) {
  const Location where = core::inherited_location(source.where());
  try {
    core::check_target(*impl(), "copy_");
    Tensor value = source.tensor();
    if (value.dtype() != dtype())
      value = core::apply_one(core::find_op("cast"), {value.impl()}, {core::Attr(dtype())}, where);
    if (!value.shape().known() || !(value.shape() == shape()))
      value = core::apply_one(core::find_op("expand_as"), {value.impl(), impl()}, {}, where);
    SmallVector<core::Edge, 2> edges;
    edges.push_back(core::edge_of(*impl()));
    edges.push_back(core::edge_of(*source.impl()));
    core::write(*impl(), value, "copy_", where);
    if (!impl()->view && !symbolic()) core::show_as(*impl(), "copy_", std::move(edges));
  } catch (Error& e) {
    e.locate("copy_", where);
    throw;
  }
  return *this;
}

Tensor& Tensor::fill_(double value, std::source_location at) { return copy_(Arg(value, at)); }

}  // namespace twofold
