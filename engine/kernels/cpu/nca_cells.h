#pragma once

#include <cstdint>

#include "engine/kernels/cpu/nca_kernels.h"
#include "engine/kernels/cpu/nca_vec.h"

// What the neural automaton does with its cells besides perceiving and the network: add, clear, and
// from planes to cells and back.
namespace atheria::cpu::ATHERIA_ISA {

// Bits of a row, changed in ascending order of x and written a word at a time.
class BitWriter {
 public:
  explicit BitWriter(std::uint64_t* words) : words_(words) {}
  ~BitWriter() { flush(); }
  ATHERIA_ALWAYS_INLINE void set(std::int32_t x, bool value) {
    if (x / 64 != word_) {
      flush();
      word_ = x / 64;
      touched_ = bits_ = 0;
    }
    touched_ |= std::uint64_t{1} << x % 64;
    bits_ |= std::uint64_t{value} << x % 64;
  }

 private:
  void flush() {
    if (touched_ != 0) words_[word_] = (words_[word_] & ~touched_) | bits_;
  }

  std::uint64_t* words_;
  std::int32_t word_ = 0;
  std::uint64_t touched_ = 0, bits_ = 0;
};

template <class Real>
void add(Real* row, const std::int32_t* x, int count, const Real* dx, Real limit,
         std::uint64_t* living) {
  BitWriter bits(living);
  for (int i = 0; i < count; ++i, dx += kNcaChannels) {
    Real* const cell = row + std::int64_t{x[i]} * kNcaChannels;
    bits.set(x[i], cell[kNcaAlpha] + dx[kNcaAlpha] > limit);
    ATHERIA_UNROLL
    for (int c = 0; c < kNcaChannels; c += WideOf<Real>::kLanes)
      store(cell + c, load(cell + c) + load(dx + c));
  }
}

template <class Real>
void foresee(const Real* row, const std::int32_t* x, int count, const Real* dx, Real limit,
             std::uint64_t* living) {
  BitWriter bits(living);
  for (int i = 0; i < count; ++i, dx += kNcaChannels)
    bits.set(x[i], row[std::int64_t{x[i]} * kNcaChannels + kNcaAlpha] + dx[kNcaAlpha] > limit);
}

template <class Real>
void clear(Real* row, const std::int32_t* x, int count) {
  const auto zero = all(Real{0});
  for (int i = 0; i < count; ++i) {
    Real* const cell = row + std::int64_t{x[i]} * kNcaChannels;
    ATHERIA_UNROLL
    for (int c = 0; c < kNcaChannels; c += WideOf<Real>::kLanes)
      store(cell + c, load(cell + c) * zero + zero);  // minus zero becomes zero
  }
}

// Columns become rows: log2 rounds of zipping the first half with the second.
template <class Real>
ATHERIA_ALWAYS_INLINE void transpose(Wide<Real> (&square)[WideOf<Real>::kLanes]) {
  constexpr int kSide = WideOf<Real>::kLanes;
  ATHERIA_UNROLL
  for (int round = 1; round < kSide; round *= 2) {
    Wide<Real> zipped[kSide];
    ATHERIA_UNROLL
    for (int i = 0; i < kSide / 2; ++i) {
      zipped[2 * i] = zip_low(square[i], square[i + kSide / 2]);
      zipped[2 * i + 1] = zip_high(square[i], square[i + kSide / 2]);
    }
    ATHERIA_UNROLL
    for (int i = 0; i < kSide; ++i) square[i] = zipped[i];
  }
}

// to[i * to_stride + j] = from[j * from_stride + i] of a square.
template <class Real>
ATHERIA_ALWAYS_INLINE void turn(const Real* from, std::int64_t from_stride, Real* to,
                                std::int64_t to_stride) {
  constexpr int kSide = WideOf<Real>::kLanes;
  Wide<Real> square[kSide];
  ATHERIA_UNROLL
  for (int i = 0; i < kSide; ++i) square[i] = load(from + i * from_stride);
  transpose<Real>(square);
  ATHERIA_UNROLL
  for (int i = 0; i < kSide; ++i) store(to + i * to_stride, square[i]);
}

template <class Real>
void from_planes(const Real* planes, std::int64_t plane_stride, std::int64_t count, Real* cells) {
  constexpr int kSide = WideOf<Real>::kLanes;
  std::int64_t x = 0;
  for (; x + kSide <= count; x += kSide)
    for (int c = 0; c < kNcaChannels; c += kSide)
      turn(planes + c * plane_stride + x, plane_stride, cells + x * kNcaChannels + c, kNcaChannels);
  for (; x < count; ++x)
    for (int c = 0; c < kNcaChannels; ++c)
      cells[x * kNcaChannels + c] = planes[c * plane_stride + x];
}

template <class Real>
void to_planes(const Real* cells, std::int64_t count, std::int64_t plane_stride, Real* planes) {
  constexpr int kSide = WideOf<Real>::kLanes;
  std::int64_t x = 0;
  for (; x + kSide <= count; x += kSide)
    for (int c = 0; c < kNcaChannels; c += kSide)
      turn(cells + x * kNcaChannels + c, kNcaChannels, planes + c * plane_stride + x, plane_stride);
  for (; x < count; ++x)
    for (int c = 0; c < kNcaChannels; ++c)
      planes[c * plane_stride + x] = cells[x * kNcaChannels + c];
}

}  // namespace atheria::cpu::ATHERIA_ISA
