// Functions rounded to nearest, but for one result in thousands: slower than those that have instructions of
// their own.
#pragma once

#include "lanes/builder.h"

namespace twofold::lanes {

// Of a positive normal number, f32 or f64.
Lane nearest_log(Lane x);

}  // namespace twofold::lanes
