#pragma once

#include <cstdint>

#include "engine/law/vector_clones.h"

// What the stencil kernels share: where a row's neighbours lie on the torus, and the sum over them.
// A kernel goes row by row; the two cells whose neighbours lie across the edge are done apart, so
// that the inner loop has no branches and vectorises. No product here is fused with a sum, so every
// instruction set gives the same bits.
#if defined(_MSC_VER)
#define ATHERIA_RESTRICT __restrict
#else
#define ATHERIA_RESTRICT __restrict__
#endif

namespace atheria::cpu {

// A plane of depth x height rows of width cells, contiguous. depth 1 is two-dimensional.
struct Shape {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t depth = 1;
  std::int64_t rows() const { return height * depth; }
  std::int64_t cells() const { return width * height * depth; }
};

// A row and the rows beside it. front and back are null in two dimensions.
template <class T>
struct Rows {
  const T* here;
  const T* up;
  const T* down;
  const T* front;
  const T* back;
};

template <class T>
Rows<T> rows_at(const T* plane, const Shape& shape, std::int64_t row) {
  const auto z = row / shape.height;
  const auto y = row % shape.height;
  const auto at = [&](std::int64_t layer, std::int64_t line) {
    return plane + (layer * shape.height + line) * shape.width;
  };
  const auto before = [](std::int64_t i, std::int64_t n) { return i == 0 ? n - 1 : i - 1; };
  const auto after = [](std::int64_t i, std::int64_t n) { return i + 1 == n ? 0 : i + 1; };
  Rows<T> rows{at(z, y), at(z, before(y, shape.height)), at(z, after(y, shape.height)), nullptr,
               nullptr};
  if (shape.depth > 1) {
    rows.front = at(before(z, shape.depth), y);
    rows.back = at(after(z, shape.depth), y);
  }
  return rows;
}

// Sum of the 4 (6) neighbours less 4 (6) times the cell: the laplacian on cells of side 1.
template <bool kDeep, class T>
ATHERIA_INLINE T laplacian(const Rows<T>& rows, std::int64_t left, std::int64_t x,
                           std::int64_t right) {
  T sum = rows.here[left] + rows.here[right];
  sum = sum + rows.up[x];
  sum = sum + rows.down[x];
  if constexpr (kDeep) {
    sum = sum + rows.front[x];
    sum = sum + rows.back[x];
  }
  return sum - T(kDeep ? 6 : 4) * rows.here[x];
}

// cell(left, x, right) for every x of a row that closes on itself.
template <class Cell>
ATHERIA_INLINE void along(std::int64_t width, const Cell& cell) {
  cell(width - 1, std::int64_t{0}, width > 1 ? std::int64_t{1} : std::int64_t{0});
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
  for (std::int64_t x = 1; x < width - 1; ++x) cell(x - 1, x, x + 1);
  if (width > 1) cell(width - 2, width - 1, std::int64_t{0});
}

}  // namespace atheria::cpu
