// The checks that every row must pass on each of its samples. The list is in conformance.cpp.
#pragma once

#include "check/report.h"

namespace twofold::check {

// values.cpp: within the row's ULP bound of its reference; no error.
void check_reference(const Trial& trial, Report& report);
// modes.cpp: the graph gives eager's bits, values and gradients, whatever it knew when it was built, with and
// without passes; what it promised is what comes.
void check_modes(const Trial& trial, Report& report);
// gradients.cpp: first and second derivatives against central differences in f64.
void check_first_derivative(const Trial& trial, Report& report);
void check_second_derivative(const Trial& trial, Report& report);
void check_second_in_graph(const Trial& trial, Report& report);
// invariance.cpp: the same bits for strided operands, at 1, 2 and 4 threads, on every instruction set; an
// element alone as in its batch.
void check_strides(const Trial& trial, Report& report);
void check_threads(const Trial& trial, Report& report);
void check_instruction_sets(const Trial& trial, Report& report);
void check_alone(const Trial& trial, Report& report);
// alias.cpp: a view shares its source's storage, and a write through it is seen by the source, in both modes.
void check_alias(const Trial& trial, Report& report);
// random.cpp: a generator moves on by what the row says, in both modes alike; draws differ.
void check_random(const Trial& trial, Report& report);
// errors.cpp, for refused samples: the named kind of error in both modes.
void check_refusal(const Trial& trial, Report& report);

}  // namespace twofold::check
