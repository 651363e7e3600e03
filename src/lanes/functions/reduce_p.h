// Private to sin, cos and tan: x = n pi/2 + r, |r| <= pi/4 and a bit, for every finite x.
#pragma once

#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {

// `quadrant` is an i64 whose two low bits are n mod 4. Infinities give NaN.
struct Quadrant {
  Double r;
  Lane quadrant;
};

// Both of a magnitude in f64. The first needs it to be the value of a float, and leaves r.low at 0.
Quadrant reduce_float(Lane magnitude);
Quadrant reduce_double(Lane magnitude);
// pi x, |x| <= 1/2, in f64.
Quadrant reduce_half_turns(Lane x);

}  // namespace twofold::lanes::functions
