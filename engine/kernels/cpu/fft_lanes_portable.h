#pragma once

#include <cstring>
#include <type_traits>

#include "engine/kernels/cpu/fft_lanes.h"

namespace atheria::cpu::portable {

// Four numbers. gcc and clang have vectors for any machine; elsewhere it is an array.
template <class T>
struct Lanes {
  static constexpr int kWidth = 4;
#if defined(__GNUC__)
  using Native __attribute__((vector_size(4 * sizeof(T)))) = T;
#else
  struct Native {
    T lane[4];
    T& operator[](int i) { return lane[i]; }
    const T& operator[](int i) const { return lane[i]; }
  };
#endif
  Native v;

  // f(i) for each lane.
  template <class F>
  static ATHERIA_LANES_INLINE Lanes each(const F& f) {
    Lanes out;
    for (int i = 0; i < 4; ++i) out.v[i] = f(i);
    return out;
  }
  static ATHERIA_LANES_INLINE Lanes all(T x) {
    return each([&](int) { return x; });
  }
  static ATHERIA_LANES_INLINE Lanes load(const T* from) {
    Lanes out;
    std::memcpy(&out.v, from, sizeof out.v);
    return out;
  }
  ATHERIA_LANES_INLINE void store(T* to) const { std::memcpy(to, &v, sizeof v); }

#if defined(__GNUC__)
  friend ATHERIA_LANES_INLINE Lanes operator+(Lanes a, Lanes b) { return {a.v + b.v}; }
  friend ATHERIA_LANES_INLINE Lanes operator-(Lanes a, Lanes b) { return {a.v - b.v}; }
  friend ATHERIA_LANES_INLINE Lanes operator*(Lanes a, Lanes b) { return {a.v * b.v}; }
#else
  friend ATHERIA_LANES_INLINE Lanes operator+(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] + b.v[i]; });
  }
  friend ATHERIA_LANES_INLINE Lanes operator-(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] - b.v[i]; });
  }
  friend ATHERIA_LANES_INLINE Lanes operator*(Lanes a, Lanes b) {
    return each([&](int i) { return a.v[i] * b.v[i]; });
  }
#endif
  friend ATHERIA_LANES_INLINE Lanes mul_add(Lanes a, Lanes b, Lanes c) { return a * b + c; }
  friend ATHERIA_LANES_INLINE Lanes mul_sub(Lanes a, Lanes b, Lanes c) { return a * b - c; }
  friend ATHERIA_LANES_INLINE Lanes sub_mul(Lanes c, Lanes a, Lanes b) { return c - a * b; }
  friend ATHERIA_LANES_INLINE Lanes add_mul1(Lanes a, Lanes b) { return a + b; }
  friend ATHERIA_LANES_INLINE Lanes sub_mul1(Lanes a, Lanes b) { return a - b; }

  friend ATHERIA_LANES_INLINE Lanes at_least(Lanes x, Lanes lo) {
    return each([&](int i) { return x.v[i] < lo.v[i] ? lo.v[i] : x.v[i]; });
  }
  friend ATHERIA_LANES_INLINE Lanes at_most(Lanes x, Lanes hi) {
    return each([&](int i) { return x.v[i] > hi.v[i] ? hi.v[i] : x.v[i]; });
  }

  // Below kWhole, a sum with kShift is rounded to a whole number; from 2 kWhole on, every number is whole.
  static constexpr T kWhole = sizeof(T) == 4 ? T(1 << 22) : T(std::int64_t{1} << 51);
  static constexpr T kShift = 3 * kWhole;
  static ATHERIA_LANES_INLINE T nearest_one(T x) {
    return x > -kWhole && x < kWhole ? (x + kShift) - kShift : x;
  }
  friend ATHERIA_LANES_INLINE Lanes nearest(Lanes x) {
    return each([&](int i) { return nearest_one(x.v[i]); });
  }
  // 0 for NaN and for what is far too large to have a place on the wheel.
  static ATHERIA_LANES_INLINE std::int64_t whole(T x) {
    constexpr T kFar = T(std::int64_t{1} << 62);
    return x > -kFar && x < kFar ? static_cast<std::int64_t>(x) : 0;
  }
  friend ATHERIA_LANES_INLINE void wheel(Lanes turn, const T* first, const T* second, Lanes& a,
                                         Lanes& b) {
    for (int i = 0; i < 4; ++i) {
      const auto index = whole(turn.v[i]) & 15;
      a.v[i] = first[index];
      b.v[i] = second[index];
    }
  }
  friend ATHERIA_LANES_INLINE Lanes times_two_to(Lanes x, Lanes n) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr int kMantissa = sizeof(T) == 4 ? 23 : 52;
    return each([&](int i) {
      Bits bits;
      T out = x.v[i];
      std::memcpy(&bits, &out, sizeof bits);
      bits += static_cast<Bits>(whole(n.v[i])) << kMantissa;
      std::memcpy(&out, &bits, sizeof bits);
      return out;
    });
  }
  friend ATHERIA_LANES_INLINE void transpose4(Lanes& a, Lanes& b, Lanes& c, Lanes& d) {
    const Lanes rows[4] = {a, b, c, d};
    a = each([&](int i) { return rows[i].v[0]; });
    b = each([&](int i) { return rows[i].v[1]; });
    c = each([&](int i) { return rows[i].v[2]; });
    d = each([&](int i) { return rows[i].v[3]; });
  }
  static ATHERIA_LANES_INLINE void take_across(const T* from, std::int64_t, Lanes* out) {
    for (int c = 0; c < 4; ++c) out[c] = load(from + 4 * c);
  }
  static ATHERIA_LANES_INLINE void put_across(T* to, std::int64_t, const Lanes* in) {
    for (int c = 0; c < 4; ++c) in[c].store(to + 4 * c);
  }
};

}  // namespace atheria::cpu::portable
