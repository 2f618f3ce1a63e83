#pragma once

#include <cstdint>

#include "engine/kernels/cpu/nca_kernels.h"
#include "engine/kernels/cpu/nca_vec.h"

// What cells of the neural automaton see: themselves and the slopes about them. The same bits on
// every instruction set: where a product is fused with a sum here, it is one by two, which is exact.
namespace atheria::cpu::ATHERIA_ISA {

// The cells west and east of x on a ring, and x, as offsets into a row of cells.
struct Columns {
  std::int64_t west, here, east;
};

ATHERIA_ALWAYS_INLINE Columns columns(std::int32_t x, int width) {
  const std::int64_t west = x > 0 ? x - 1 : width - 1;
  const std::int64_t east = x + 1 < width ? x + 1 : 0;
  return {west * kNcaChannels, std::int64_t{x} * kNcaChannels, east * kNcaChannels};
}

// a + 2 b + c
template <class T>
ATHERIA_ALWAYS_INLINE T smooth(const T& a, const T& b, const T& c, const T& two) {
  return multiply_add(two, b, a) + c;
}

// Asks for what will be seen soon: the row nobody has read yet, a little ahead (past its end comes
// the row after it). The network runs meanwhile, so that the third cache is not waited for.
template <class Real>
ATHERIA_ALWAYS_INLINE void fetch_ahead(const Real* row, const Columns& at) {
#if defined(__GNUC__)
  constexpr std::uintptr_t kCell = kNcaChannels * sizeof(Real), kCells = 64;
  const auto ahead =
      reinterpret_cast<std::uintptr_t>(row + at.here) + kCells * kCell;  // may be past the end
  for (std::uintptr_t line = 0; line < 2 * kCell; line += 64)
    __builtin_prefetch(reinterpret_cast<const char*>(ahead + line), 0, 2);
#endif
}

// The three cells of a row about x.
template <class Real>
struct Trio {
  Wide<Real> west, here, east;

  ATHERIA_ALWAYS_INLINE Trio(const Real* row, const Columns& at)
      : west(load(row + at.west)), here(load(row + at.here)), east(load(row + at.east)) {}

  ATHERIA_ALWAYS_INLINE Wide<Real> slope() const { return east - west; }
  ATHERIA_ALWAYS_INLINE Wide<Real> total(const Wide<Real>& two) const {
    return smooth<Wide<Real>>(west, here, east, two);
  }
};

// put(part, channel, value): part 0 is the cell itself, then its slopes along x, y (and z) times 8
// (32): the packed weights are so much smaller.
template <class Real, class Put>
ATHERIA_ALWAYS_INLINE void perceive_flat(const Real* const* rows, const Columns& at,
                                         const Put& put) {
  const auto two = all(Real{2});
  ATHERIA_UNROLL
  for (int c = 0; c < kNcaChannels; c += WideOf<Real>::kLanes) {
    const Trio<Real> up(rows[0] + c, at), here(rows[1] + c, at), down(rows[2] + c, at);
    put(0, c, here.here);
    put(1, c, smooth<Wide<Real>>(up.slope(), here.slope(), down.slope(), two));
    put(2, c, down.total(two) - up.total(two));
  }
}

template <class Real, class Put>
ATHERIA_ALWAYS_INLINE void perceive_deep(const Real* const* rows, const Columns& at,
                                         const Put& put) {
  const auto two = all(Real{2});
  ATHERIA_UNROLL
  for (int c = 0; c < kNcaChannels; c += WideOf<Real>::kLanes) {
    Wide<Real> x[3], y[3], layer[3];
    ATHERIA_UNROLL
    for (int z = 0; z < 3; ++z) {
      const Trio<Real> up(rows[3 * z] + c, at), here(rows[3 * z + 1] + c, at),
          down(rows[3 * z + 2] + c, at);
      const auto above = up.total(two), below = down.total(two);
      x[z] = smooth<Wide<Real>>(up.slope(), here.slope(), down.slope(), two);
      y[z] = below - above;
      if (z == 1)
        put(0, c, here.here);
      else
        layer[z] = smooth<Wide<Real>>(above, here.total(two), below, two);
    }
    put(1, c, smooth<Wide<Real>>(x[0], x[1], x[2], two));
    put(2, c, smooth<Wide<Real>>(y[0], y[1], y[2], two));
    put(3, c, layer[2] - layer[0]);
  }
}

// Perceives waiting cells one by one, while something else goes on between. Write puts
// WideOf<Real>::kLanes numbers at a place of the panel: write(panel, index, value).
template <class Real, int kSeen, class Write>
class Perceiver {
 public:
  Perceiver(const NcaWaiting<Real>& cells, void* panel) : cells_(cells), panel_(panel) {}

  ATHERIA_ALWAYS_INLINE void next() {
    if (done_ < cells_.count) perceive();
  }
  void rest() {
    while (done_ < cells_.count) perceive();
  }

 private:
  ATHERIA_ALWAYS_INLINE void perceive() {
    const auto* const rows = cells_.rows[done_];
    const auto at = columns(cells_.x[done_], cells_.width);
    const auto put = [&](int part, int c, const Wide<Real>& value) ATHERIA_INLINE_LAMBDA {
      Write::write(panel_, done_ * kSeen + part * kNcaChannels + c, value);
    };
    if constexpr (kSeen == 3 * kNcaChannels) {
      fetch_ahead(rows[2], at);
      perceive_flat(rows, at, put);
    } else {
      fetch_ahead(rows[8], at);
      perceive_deep(rows, at, put);
    }
    ++done_;
  }

  const NcaWaiting<Real>& cells_;
  void* panel_;
  int done_ = 0;
};

}  // namespace atheria::cpu::ATHERIA_ISA
