#include "kernels/scan.h"

#include "base/threads.h"
#include "kernels/convert_p.h"
#include "kernels/scratch_p.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t buffer_elements = 4096;
constexpr std::int64_t grain = 32768;

// Some positions of some neighbouring lines: a stretch of one line, or one position of many.
struct Tile {
  std::int64_t line, lines, position, positions;
  std::int64_t count() const { return lines * positions; }
};

// An array as lines along an axis, counted from the end that the chains start at.
class Lines {
 public:
  Lines(const Array& a, int axis, bool reverse, Dtype accumulator)
      : first_(a.as<char>()),
        from_(conversion(a.dtype, accumulator)),
        to_(conversion(accumulator, a.dtype)),
        bytes_(static_cast<std::int64_t>(size_of(accumulator))) {
    for (int d = 0; d < a.rank(); ++d)
      if (d != axis) beside_.add(a.shape[d], a.strides[d] * element_bytes(a));
    if (a.rank() == 0) return;
    step_ = a.strides[axis] * element_bytes(a);
    if (reverse) first_ += (a.shape[axis] - 1) * step_, step_ = -step_;
  }
  std::int64_t count() const { return beside_.count(); }

  void read(const Tile& t, char* packed) const {
    runs(t, [&](char* at, std::int64_t step, std::int64_t n) {
      move_elements(from_, {at, step}, {packed, bytes_}, n);
      packed += n * bytes_;
    });
  }
  void write(const Tile& t, char* packed) const {
    runs(t, [&](char* at, std::int64_t step, std::int64_t n) {
      move_elements(to_, {packed, bytes_}, {at, step}, n);
      packed += n * bytes_;
    });
  }

 private:
  template <class Body>
  void runs(const Tile& t, Body body) const {
    char* const start = first_ + t.position * step_;
    if (t.lines == 1) return body(start + beside_.offset(t.line), step_, t.positions);
    beside_.runs(t.line, t.lines,
                 [&](std::int64_t offset, std::int64_t n) { body(start + offset, beside_.step(), n); });
  }

  char* first_;
  const lanes::Executable &from_, &to_;
  std::int64_t bytes_, step_ = 0;
  Walk beside_;
};

// Lines run through tile by tile. Where the axis is the innermost, a line at a time, by stretches; elsewhere
// neighbouring lines together, position by position. `advance(first position?, tile's elements...)` runs the
// chains on.
struct Course {
  Course(const Array& out, int axis)
      : length(out.rank() ? out.shape[axis] : 1),
        along(out.rank() == 0 || inner_of(out.shape, axis) == 1),
        lines(length ? out.numel() / length : 0),
        width(along ? 1 : std::min(lines, buffer_elements)),
        stretch(along ? std::min(length, buffer_elements) : 1) {}

  std::int64_t groups() const { return width ? (lines - 1) / width + 1 : 0; }

  template <class Body>
  void run(std::int64_t group, Body body) const {
    Tile t{group * width, std::min(width, lines - group * width), 0, 0};
    for (; t.position < length; t.position += t.positions) {
      t.positions = std::min(stretch, length - t.position);
      body(t);
    }
  }

  static std::int64_t inner_of(const Shape& shape, int axis) {
    std::int64_t n = 1;
    for (int d = axis + 1; d < shape.rank(); ++d) n *= shape[d];
    return n;
  }

  std::int64_t length;
  bool along;
  std::int64_t lines, width, stretch;
};

// --- running sums and products

template <Scan kind, class T>
T join(T a, T b) {
  return kind == Scan::sum ? a + b : a * b;
}

// What each of a tile's lines has come to is kept in `state`; x becomes the results.
template <Scan kind, class T>
void advance(const Tile& t, bool exclusive, T* state, T* x) {
  for (std::int64_t k = 0; k < t.positions; ++k, x += t.lines)
    for (std::int64_t l = 0; l < t.lines; ++l) {
      const bool first = t.position + k == 0;
      const T before = first ? T(kind == Scan::prod) : state[l];
      state[l] = first ? x[l] : join<kind>(state[l], x[l]);
      x[l] = exclusive ? before : state[l];
    }
}

template <Scan kind, class T>
void scan_as(const Array& x, int axis, bool exclusive, bool reverse, const Array& out, Dtype type) {
  const Course course(out, axis);
  const Lines from(x, axis, reverse, type), to(out, axis, reverse, type);
  const std::int64_t cost = std::max<std::int64_t>(1, course.width * course.length);
  parallel_for(course.groups(), std::max<std::int64_t>(1, grain / cost),
               [&](std::int64_t begin, std::int64_t end) {
                 const Scratch state(course.width * 8), buffer(course.width * course.stretch * 8);
                 for (std::int64_t g = begin; g < end; ++g)
                   course.run(g, [&](const Tile& t) {
                     from.read(t, buffer.data());
                     advance<kind>(t, exclusive, state.as<T>(), buffer.as<T>());
                     to.write(t, buffer.data());
                   });
               });
}

template <Scan kind>
void scan_of(const Array& x, int axis, bool exclusive, bool reverse, const Array& out) {
  if (!is_floating(out.dtype)) return scan_as<kind, std::uint64_t>(x, axis, exclusive, reverse, out, i64);
  scan_as<kind, double>(x, axis, exclusive, reverse, out, f64);
}

// --- recurrences

// `carried`: the factor that the next position takes, one position behind when running back.
template <class T>
void advance(const Tile& t, bool back, T* state, T* carried, const T* a, T* x) {
  for (std::int64_t k = 0; k < t.positions; ++k, x += t.lines, a += t.lines)
    for (std::int64_t l = 0; l < t.lines; ++l) {
      const T factor = back ? carried[l] : a[l];
      state[l] = t.position + k == 0 ? x[l] : x[l] + factor * state[l];
      carried[l] = a[l];
      x[l] = state[l];
    }
}

template <class T>
void recur_as(const Array& a, const Array& x, int axis, bool back, const Array& out, Dtype type) {
  const Course course(out, axis);
  const Lines factors(a, axis, back, type), terms(x, axis, back, type), to(out, axis, back, type);
  const std::int64_t cost = std::max<std::int64_t>(1, course.width * course.length);
  const std::int64_t bytes = course.width * course.stretch * 8;
  parallel_for(course.groups(), std::max<std::int64_t>(1, grain / cost),
               [&](std::int64_t begin, std::int64_t end) {
                 const Scratch state(course.width * 8), carried(course.width * 8), f(bytes), buffer(bytes);
                 for (std::int64_t g = begin; g < end; ++g)
                   course.run(g, [&](const Tile& t) {
                     factors.read(t, f.data());
                     terms.read(t, buffer.data());
                     advance(t, back, state.as<T>(), carried.as<T>(), f.as<T>(), buffer.as<T>());
                     to.write(t, buffer.data());
                   });
               });
}

}  // namespace

void scan(Scan kind, const Array& x, int axis, bool exclusive, bool reverse, const Array& out) {
  kind == Scan::sum ? scan_of<Scan::sum>(x, axis, exclusive, reverse, out)
                    : scan_of<Scan::prod>(x, axis, exclusive, reverse, out);
}

void recurrence(const Array& a, const Array& x, int axis, bool back, const Array& out) {
  if (!is_floating(out.dtype)) return recur_as<std::uint64_t>(a, x, axis, back, out, i64);
  recur_as<double>(a, x, axis, back, out, f64);
}

}  // namespace twofold
