#include "engine/view/reduce.h"

#include <algorithm>
#include <type_traits>

namespace atheria {

namespace {

constexpr int kBlockCells = 1024;

// How two numbers become one. NaN on either side stays.
struct Sum {
  template <typename A>
  static A join(A a, A b) {
    return a + b;
  }
};
struct Smallest {
  template <typename A>
  static A join(A a, A b) {
    return ((b < a) | (b != b)) ? b : a;
  }
};
struct Largest {
  template <typename A>
  static A join(A a, A b) {
    return ((b > a) | (b != b)) ? b : a;
  }
};

// Cells x .. x + n of the rows that make one row of texels, joined downwards into sums.
template <typename Op, typename T, typename A>
void join_down(const CellSource& source, int x, int n, int y, int rows, Scratch& scratch, A* sums) {
  for (int line = 0; line < rows; ++line) {
    const T* cells = source.direct<T>(x, y + line);
    if (cells == nullptr) {
      T* const read = scratch.cells<T>();
      source.read(read, x, n, 1, y + line);
      cells = read;
    }
    if (line == 0) {
      for (int i = 0; i < n; ++i) sums[i] = static_cast<A>(cells[i]);
    } else {
      for (int i = 0; i < n; ++i) sums[i] = Op::join(sums[i], static_cast<A>(cells[i]));
    }
  }
}

// Joins neighbours, lod times: n numbers become ceil(n / 2^lod), in place. In pairs, which also
// keeps the rounding error of a sum small.
template <typename Op, typename A>
int join_across(A* sums, int n, int lod) {
  for (int level = 0; level < lod; ++level) {
    const int pairs = n / 2;
    for (int i = 0; i < pairs; ++i) sums[i] = Op::join(sums[2 * i], sums[2 * i + 1]);
    if (n % 2 != 0) sums[pairs] = sums[n - 1];
    n = (n + 1) / 2;
  }
  return n;
}

// `cells` of a whole texel; the last may have fewer columns.
void write_means(const double* sums, int texels, int lod, int n, int rows, float* out) {
  const double whole = static_cast<double>(rows) * (1 << lod);
  for (int i = 0; i < texels; ++i) out[i] = static_cast<float>(sums[i] / whole);
  const int last_columns = n - ((texels - 1) << lod);
  out[texels - 1] =
      static_cast<float>(sums[texels - 1] / (static_cast<double>(rows) * last_columns));
}

template <typename Op, typename T>
void reduce_block(const CellSource& source, int lod, int x, int n, int y, int rows,
                  Scratch& scratch, float* out) {
  if constexpr (std::is_same_v<Op, Sum>) {
    double* const sums = scratch.sums();
    join_down<Op, T>(source, x, n, y, rows, scratch, sums);
    write_means(sums, join_across<Op>(sums, n, lod), lod, n, rows, out);
  } else {
    T* const best = reinterpret_cast<T*>(scratch.sums());
    join_down<Op, T>(source, x, n, y, rows, scratch, best);
    const int texels = join_across<Op>(best, n, lod);
    for (int i = 0; i < texels; ++i) out[i] = static_cast<float>(best[i]);
  }
}

// The cell nearest each texel's middle; at an edge, the last there is.
template <typename T>
void sample_block(const CellSource& source, int lod, int x, int n, int y, int rows,
                  Scratch& scratch, float* out) {
  const int step = 1 << lod;
  const int middle = step / 2;
  const int row = y + std::min(middle, rows - 1);
  const int texels = (n + step - 1) / step;
  T* const cells = scratch.cells<T>();
  const int whole = middle < n - (texels - 1) * step ? texels : texels - 1;
  source.read(cells, x + middle, whole, step, row);
  if (whole < texels) source.read(cells + whole, x + n - 1, 1, 1, row);
  for (int i = 0; i < texels; ++i) out[i] = static_cast<float>(cells[i]);
}

template <typename T>
void block_of(const CellSource& source, Reduce reduce, int lod, int x, int n, int y, int rows,
              Scratch& scratch, float* out) {
  if (lod == 0) reduce = Reduce::sample;  // one cell each: all the same
  switch (reduce) {
    case Reduce::mean:
      return reduce_block<Sum, T>(source, lod, x, n, y, rows, scratch, out);
    case Reduce::min:
      return reduce_block<Smallest, T>(source, lod, x, n, y, rows, scratch, out);
    case Reduce::max:
      return reduce_block<Largest, T>(source, lod, x, n, y, rows, scratch, out);
    case Reduce::sample:
      return sample_block<T>(source, lod, x, n, y, rows, scratch, out);
  }
}

}  // namespace

void Extent::add(const float* values, std::int64_t count) {
  constexpr int kLanes = 8;  // independent chains, so that the loop becomes vectors
  constexpr float inf = std::numeric_limits<float>::infinity();
  float lows[kLanes];
  float highs[kLanes];
  float bad[kLanes] = {};
  std::fill_n(lows, kLanes, inf);
  std::fill_n(highs, kLanes, -inf);
  const auto look = [&](float value, int lane) {
    const float zero = value - value;  // NaN unless finite
    const bool finite = zero == 0;
    const float low = finite ? value : inf;
    const float high = finite ? value : -inf;
    lows[lane] = low < lows[lane] ? low : lows[lane];
    highs[lane] = high > highs[lane] ? high : highs[lane];
    bad[lane] += zero;
  };
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) look(values[i + lane], lane);
  }
  for (; i < count; ++i) look(values[i], 0);
  for (int lane = 0; lane < kLanes; ++lane) add({lows[lane], highs[lane], bad[lane] == 0});
}

void Extent::add(const Extent& other) {
  lo = std::min(lo, other.lo);
  hi = std::max(hi, other.hi);
  all_finite = all_finite && other.all_finite;
}

Scratch::Scratch(const Window& window)
    : block_(std::max(kBlockCells, 1 << window.lod)),
      cells_(block_),
      sums_(block_),
      counts_(window.width + 8),  // a word's groups, though fewer of them may be texels
      words_((window.roi.w + 63) / 64) {}

template <typename T>
T* Scratch::cells() {
  return reinterpret_cast<T*>(cells_.data());
}

void reduce_rows(const CellSource& source, const Window& window, Reduce reduce, std::int64_t first,
                 std::int64_t last, float* picture, Scratch& scratch, Extent& extent) {
  const Roi& roi = window.roi;
  for (std::int64_t line = first; line < last; ++line) {
    const int above = static_cast<int>(line) << window.lod;
    const int rows = std::min(1 << window.lod, roi.h - above);
    float* const out = picture + line * window.width;
    for (int left = 0; left < roi.w; left += scratch.block()) {
      const int n = std::min(scratch.block(), roi.w - left);
      const auto block = source.now.dtype == Dtype::f64 ? block_of<double> : block_of<float>;
      block(source, reduce, window.lod, roi.x + left, n, roi.y + above, rows, scratch,
            out + (left >> window.lod));
    }
    extent.add(out, window.width);
  }
}

}  // namespace atheria
