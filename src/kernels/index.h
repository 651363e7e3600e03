// Data movement by index.
//
// Indices are i32 or i64, counted from 0; negative ones count from the end. They are checked here, all of
// them before anything is written (IndexError naming the value and the bounds). Inputs have any strides;
// outputs of gather, take and nonzero are contiguous, the others' need not be.
// A sum into f16 or bf16 is rounded after each addition, as an in-place add would; bool: or; integers wrap.
#pragma once

#include "base/array.h"

namespace twofold {

// out[i][j][k] = x[i][index[i][j][k]][k] along `axis` (torch.gather): index and out have one shape.
void gather(const Array& x, int axis, const Array& index, const Array& out);
// out[i][index[i][j][k]][k] += src[i][j][k], in row-major order of src, so duplicates add in index order.
void scatter_add(const Array& out, int axis, const Array& index, const Array& src);
// out = x with `axis` replaced by index.shape: x.shape[:axis] + index.shape + x.shape[axis+1:] (numpy.take).
void take(const Array& x, int axis, const Array& index, const Array& out);
// The reverse of take: adds src's slices into out at the indices, in index order.
void take_add(const Array& out, int axis, const Array& index, const Array& src);
// How many elements are not zero (NaN is not zero), and their coordinates: out is i64 [count, rank].
std::int64_t count_nonzero(const Array& x);
void nonzero(const Array& x, const Array& out);
// Copies each part into out along `axis`, one after the other (dtypes equal).
void concat(const Array* const* parts, int count, int axis, const Array& out);
// out = x, converting dtype and broadcasting; any strides on both sides. Equal dtypes keep every bit, NaN
// payloads too; the others convert as lanes do: floats out of an integer's range saturate, NaN gives 0, bool
// is x != 0.
void copy(const Array& x, const Array& out);
// out += x, of the same dtype and shape; bool: or.
void add_into(const Array& out, const Array& x);
// Every element of out = the number, converted as copy() does; quick for one float.
template <class Number>  // double or std::int64_t
void set_number(const Array& out, Number number) {
  if (out.dtype == f32 && out.numel() == 1)
    *out.as<float>() = static_cast<float>(number);
  else
    copy(contiguous_array(&number, dtype_of<Number>, Shape{}), out);
}

}  // namespace twofold
