// erf and erfc: an odd polynomial near zero, e^(-x^2) r(x) / (1 + x) in the tail. Both widths work in f64.
#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {
namespace {

// erf(x) / x as a polynomial in x^2, on |x| <= 1.
constexpr double small_f32[] = {0x1.20dd750428b20p+0,  -0x1.812746adab0abp-2,  0x1.ce2f20949dbb6p-4,
                                -0x1.b82cb8978e178p-6, 0x1.56586732ca91cp-8,   -0x1.bfdef795e8eecp-11,
                                0x1.f5684b5d7dab6p-14, -0x1.d24b35ce7948fp-17, 0x1.1b68cd42995f0p-20};
constexpr double small_f64[] = {
    0x1.20dd750429b6dp+0,   -0x1.812746b0379bbp-2,  0x1.ce2f21a040bbdp-4,   -0x1.b82ce311d7c69p-6,
    0x1.565bccebc9e7ap-8,   -0x1.c02dab6ed65f9p-11, 0x1.f9a1b95840e84p-14,  -0x1.f4a7a3041a94fp-17,
    0x1.b651326abf464p-20,  -0x1.27841599654acp-23, -0x1.7cab1665dfbd3p-26, 0x1.39c21ec0c128ep-25,
    -0x1.cec01f7be368bp-26, 0x1.b9f4eacd0131ap-27,  -0x1.f6d2f28b848d0p-29, 0x1.025b4b8db1e7ep-31};

// erfc(x) e^(x^2) (1 + x) as a polynomial in t = (x - centre) / (x + centre), for x up to `end`.
struct Tail {
  double centre, end;
  std::span<const double> coefficients;
};
constexpr double tail_coefficients_f32[] = {
    0x1.6e9827d226313p-1,  -0x1.d8f06e0a2ab27p-3,  0x1.9596c95e672b7p-4,   -0x1.4f647630fd22ap-7,
    -0x1.8600e37abeef3p-6, 0x1.67bff19944a99p-6,   -0x1.3f83e76e9479ep-7,  0x1.a8f0d3efb6942p-10,
    0x1.53d9ccacfc693p-11, -0x1.87e8683a4187ap-12, -0x1.0553d37987fc1p-15, 0x1.f022965e70be0p-15,
    0x1.c2b051ca79047p-17};
constexpr double tail_coefficients_f64[] = {
    0x1.5eb7f6ecb19a9p-1,   -0x1.9841f8fe19461p-3,  0x1.df6f78560074bp-4,   -0x1.89dfde1d976aep-5,
    0x1.03a843933e2b5p-8,   0x1.f5c2a4256933dp-7,   -0x1.1ef9faf6dd60bp-6,  0x1.8e8471e3b1babp-7,
    -0x1.8db87b7d2182ap-8,  0x1.156752d20e2d9p-9,   -0x1.98b3551b3c578p-12, -0x1.f8765cc652807p-15,
    0x1.0c913f2e28d80p-14,  -0x1.b94fb01354c45p-17, -0x1.157d43d26ee67p-18, 0x1.6429202cb711ap-19,
    -0x1.0df9834b86c26p-29, -0x1.8ed7a39ee47a4p-22, 0x1.eb14787cf30b8p-25,  0x1.e6a39bdbf8ff1p-25,
    -0x1.d1f4f55af0a53p-27, -0x1.c373f0d0a24bdp-27, 0x1.5cc00733704b1p-31,  0x1.8a1768e49ff85p-29,
    0x1.a8339fd270353p-31};
constexpr Tail tail_f32{3, 10.2, tail_coefficients_f32};
constexpr Tail tail_f64{4, 27.5, tail_coefficients_f64};

Lane near_zero(Lane x, bool f32) {
  return x * polynomial(x * x, f32 ? std::span<const double>(small_f32) : small_f64);
}

// erfc of x >= 0. The low half of x^2 corrects the reduced argument of the exponential.
Lane far_from_zero(Lane magnitude, const Tail& tail) {
  const Lane x = min(magnitude, like(magnitude, tail.end));
  const Lane t = (x - tail.centre) / (x + tail.centre);
  const Double square = exact_product(x, x);
  const Lane correction = -square.low;
  const ScaledExp e = scaled_exp(-square.high, &correction);
  return scale({e.p * polynomial(t, tail.coefficients) / (x + 1.0), e.shifted});
}

Lane erf_in_f64(Lane x, bool f32) {
  const Lane magnitude = abs(x);
  const Lane large = 1.0 - far_from_zero(magnitude, f32 ? tail_f32 : tail_f64);
  return select(magnitude < 1.0, near_zero(x, f32), copy_sign(large, x));
}

Lane erfc_in_f64(Lane x, bool f32) {
  const Lane magnitude = abs(x);
  const Lane tail = far_from_zero(magnitude, f32 ? tail_f32 : tail_f64);
  return select(magnitude < 0.5, 1.0 - near_zero(x, f32), select(x < 0.0, 2.0 - tail, tail));
}

}  // namespace

Lane expand_erf(Lane x) {
  if (x.type() == Type::f64) return erf_in_f64(x, false);
  return through_f64([](Lane wide) { return erf_in_f64(wide, true); }, x);
}
Lane expand_erfc(Lane x) {
  if (x.type() == Type::f64) return erfc_in_f64(x, false);
  return through_f64([](Lane wide) { return erfc_in_f64(wide, true); }, x);
}

}  // namespace twofold::lanes::functions
