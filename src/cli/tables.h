// `twofold ops` and `twofold accuracy`: what the engine knows, as text on standard output.
#pragma once

namespace twofold::cli {

// Every public row: name, signature, both faces' spellings, what it does.
int print_ops();
// The largest error of every elementary function, in units in the last place. `all`: f32 over all 2^32
// inputs.
int print_accuracy(bool all);

}  // namespace twofold::cli
