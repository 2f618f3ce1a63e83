#pragma once

#include "engine/kernels/cpu/fft_vector.h"
#include "engine/kernels/cpu/lenia_data.h"

// A strip of real columns in half as many complex numbers, for sources compiled by
// atheria_isa_kernels: rows 2 y are the real parts, rows 2 y + 1 the imaginary ones. What such a
// transform has at k and at -k tells the waves of both apart.
namespace atheria::cpu::ATHERIA_ISA {

// Where a vector lies in every strip.
template <class T>
ATHERIA_LANES_INLINE std::int64_t vector_at(const Lenia<T>& world, std::int64_t vector) {
  return vector / world.columns.leaf * world.leap + vector % world.columns.leaf * kFftVector;
}

// each(y, at): rows y and y + 1 of a strip, whose numbers lie at `at` and 16 further on.
template <class T, class Each>
ATHERIA_LANES_INLINE void for_each_rows(const Lenia<T>& world, const Each& each) {
  std::int64_t block = 0;
  for (std::int64_t y = 0; y < world.height; block += world.leap)
    for (std::int64_t i = 0; i < world.columns.leaf; ++i, y += 2) each(y, block + i * kFftVector);
}

// each(at) for all numbers of a strip, a register at a time.
template <class T, class Each>
ATHERIA_LANES_INLINE void for_each_number(const Lenia<T>& world, const Each& each) {
  for_each_rows(world, [&](std::int64_t, std::int64_t at) {
    for (int i = 0; i < kFftVector; i += Lanes<T>::kWidth) each(at + i);
  });
}

template <class T, class Each>
ATHERIA_LANES_INLINE void for_each_pair(const Lenia<T>& world, const Each& each) {
  for (std::int64_t i = 0; i < world.pair_count; ++i) {
    const auto& pair = world.pairs[i];
    const Number<T> turn{Lanes<T>::all(pair.re), Lanes<T>::all(pair.im)};
    for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) each(pair, turn, lane);
  }
}

// a and b of two mirror-image waves make the sum and the difference of what is even and what is odd,
// turned, in them.
template <class T, class Turned>
ATHERIA_LANES_INLINE void join(Number<T> a, Number<T> b, const Turned& turned, T* one, T* other) {
  const Number<T> even{a.re + b.re, a.im - b.im};
  const auto odd = turned(Number<T>{a.re - b.re, a.im + b.im});
  store(one, even + odd);
  store(other, Number<T>{even.re - odd.re, odd.im - even.im});
}

// The two transforms of half the height that a complex one holds, told apart: a strip's waves; times
// 2, in place.
template <class T>
void split_mirrors(const Lenia<T>& world, T* strip) {
  T* const last = strip + vector_at(world, world.columns.length);
  const auto none = Lanes<T>::all(T(0));
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const auto z = load(strip + lane);
    const Lanes<T> sum = z.re + z.im, difference = z.re - z.im;
    store(strip + lane, Number<T>{sum + sum, none});
    store(last + lane, Number<T>{difference + difference, none});
  }
  for_each_pair(world, [&](const MirrorPair<T>& pair, Number<T> turn, int lane) {
    T* const one = strip + pair.one + lane;
    T* const other = strip + pair.other + lane;
    join(load(one), load(other), [&](Number<T> odd) { return times(odd, turn); }, one, other);
  });
}

// And put together again, times 2, from the waves of a strip to another place for it or the same.
template <class T>
void join_mirrors(const Lenia<T>& world, const T* waves, T* strip) {
  const T* const last = waves + vector_at(world, world.columns.length);
  for (int lane = 0; lane < kFftLanes; lane += Lanes<T>::kWidth) {
    const auto sum = Lanes<T>::load(waves + lane), difference = Lanes<T>::load(last + lane);
    store(strip + lane, Number<T>{sum + difference, sum - difference});
  }
  for_each_pair(world, [&](const MirrorPair<T>& pair, Number<T> turn, int lane) {
    const auto turned = [&](Number<T> odd) { return times_conjugate(odd, turn); };
    join(load(waves + pair.one + lane), load(waves + pair.other + lane), turned,
         strip + pair.one + lane, strip + pair.other + lane);
  });
}

}  // namespace atheria::cpu::ATHERIA_ISA
