// `twofold samples FOLDER`: what the rows are tried on, for comparisons with other libraries (tools/oracle).
#pragma once

#include <string>

namespace twofold::cli {

// FOLDER/operands.npz holds the operands of every sample of every public row as "row/sample/operand" (bf16 as
// f32, which NumPy has), FOLDER/index.json their dtypes and strides, the attributes, and what must be
// refused. Throws IoError.
int export_samples(const std::string& folder);

}  // namespace twofold::cli
