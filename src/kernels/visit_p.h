// From a dtype to a C++ type, once per kernel call:
//
//   visit_dtype(x.dtype, [&](auto tag) { run<typename decltype(tag)::type>(x); });
#pragma once

#include <type_traits>
#include <utility>

#include "twofold/dtype.h"

namespace twofold::kernels {

template <class F>
decltype(auto) visit_dtype(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::bool_:
      return f(std::type_identity<bool>{});
    case Dtype::u8:
      return f(std::type_identity<std::uint8_t>{});
    case Dtype::i8:
      return f(std::type_identity<std::int8_t>{});
    case Dtype::i16:
      return f(std::type_identity<std::int16_t>{});
    case Dtype::i32:
      return f(std::type_identity<std::int32_t>{});
    case Dtype::i64:
      return f(std::type_identity<std::int64_t>{});
    case Dtype::f16:
      return f(std::type_identity<Half>{});
    case Dtype::bf16:
      return f(std::type_identity<BFloat16>{});
    case Dtype::f32:
      return f(std::type_identity<float>{});
    case Dtype::f64:
      break;
  }
  return f(std::type_identity<double>{});
}

// For kernels that move elements without looking at them: an unsigned integer of the element's size.
template <class F>
decltype(auto) visit_size(Dtype dtype, F&& f) {
  switch (size_of(dtype)) {
    case 1:
      return f(std::type_identity<std::uint8_t>{});
    case 2:
      return f(std::type_identity<std::uint16_t>{});
    case 4:
      return f(std::type_identity<std::uint32_t>{});
    default:
      return f(std::type_identity<std::uint64_t>{});
  }
}

}  // namespace twofold::kernels
