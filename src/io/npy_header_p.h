// The header of an .npy file: a Python dictionary, read by a parser that knows exactly that dictionary.
#pragma once

#include "io/elements_p.h"

namespace twofold::io {

// Magic, version, header length and dictionary; leaves `in` at the first element.
Layout read_npy_header(Reader& in);
// Version 1.0, padded as NumPy pads it.
std::string npy_header(Dtype dtype, const Shape& shape);

}  // namespace twofold::io
