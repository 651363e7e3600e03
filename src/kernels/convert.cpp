#include "kernels/convert_p.h"

#include <atomic>
#include <memory>

namespace twofold::kernels {
namespace {

using lanes::Executable;
using lanes::Lanes;
using lanes::type_of;
using Slot = std::atomic<const Executable*>;

int number(Dtype d) { return static_cast<int>(d); }

// Two threads may both make a program; the first to store it wins, and the slot keeps it for good.
template <class Make>
const Executable& made_once(Slot& slot, Make make) {
  if (const Executable* known = slot.load(std::memory_order_acquire)) return *known;
  std::unique_ptr<const Executable> fresh = make();
  const Executable* winner = nullptr;
  if (slot.compare_exchange_strong(winner, fresh.get(), std::memory_order_acq_rel)) winner = fresh.release();
  return *winner;
}

std::unique_ptr<const Executable> converter(Dtype from, Dtype to) {
  const auto body = [to](Lanes x) { return lanes::convert(x[0], type_of(to)); };
  return std::make_unique<const Executable>(lanes::build({type_of(from)}, body),
                                            std::initializer_list<Dtype>{from}, to);
}

std::unique_ptr<const Executable> tester(Dtype from, Dtype to) {
  const auto body = [to](Lanes x) {
    const lanes::Lane zero = x.constant(0, x.type());
    return lanes::convert(x[0] != zero, type_of(to));
  };
  return std::make_unique<const Executable>(lanes::build({type_of(from)}, body),
                                            std::initializer_list<Dtype>{from}, to);
}

std::unique_ptr<const Executable> adder(Dtype d) {
  const auto body = [d](Lanes x) { return d == bool_ ? (x[0] | x[1]) : x[0] + x[1]; };
  return std::make_unique<const Executable>(lanes::build({type_of(d), type_of(d)}, body),
                                            std::initializer_list<Dtype>{d, d}, d);
}

// The integer of the same width: copying it keeps every bit.
Dtype raw(Dtype d) {
  switch (size_of(d)) {
    case 1:
      return u8;
    case 2:
      return i16;
    case 4:
      return i32;
    default:
      return i64;
  }
}

}  // namespace

const Executable& conversion(Dtype from, Dtype to) {
  static Slot slots[dtype_count][dtype_count];
  if (from == to) from = to = raw(from);
  return made_once(slots[number(from)][number(to)], [=] { return converter(from, to); });
}

const Executable& nonzero_test(Dtype from, Dtype to) {
  static Slot slots[dtype_count][dtype_count];
  return made_once(slots[number(from)][number(to)], [=] { return tester(from, to); });
}

const Executable& addition(Dtype dtype) {
  static Slot slots[dtype_count];
  return made_once(slots[number(dtype)], [=] { return adder(dtype); });
}

}  // namespace twofold::kernels
