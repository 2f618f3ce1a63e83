#pragma once

#include <cstdint>
#include <cstring>

// nca_vec.h for any compiler and machine.
namespace atheria::cpu::ATHERIA_ISA {

// Four floats or two doubles.
template <class Real>
struct WideOf {
  static constexpr int kLanes = 16 / sizeof(Real);
#if defined(__GNUC__)
  typedef Real Type __attribute__((vector_size(16)));
#else
  struct Type {
    Real lane[kLanes];
    Real& operator[](int i) { return lane[i]; }
    Real operator[](int i) const { return lane[i]; }
  };
#endif
};

#if !defined(__GNUC__)
template <class Type, class Of>
Type each(const Of& of) {
  Type value;
  for (int i = 0; i < static_cast<int>(sizeof value.lane / sizeof value.lane[0]); ++i)
    value.lane[i] = of(i);
  return value;
}
template <class T, class = decltype(T::lane)>
T operator+(const T& a, const T& b) {
  return each<T>([&](int i) { return a.lane[i] + b.lane[i]; });
}
template <class T, class = decltype(T::lane)>
T operator-(const T& a, const T& b) {
  return each<T>([&](int i) { return a.lane[i] - b.lane[i]; });
}
template <class T, class = decltype(T::lane)>
T operator*(const T& a, const T& b) {
  return each<T>([&](int i) { return a.lane[i] * b.lane[i]; });
}
#endif

template <class Real>
using Wide = typename WideOf<Real>::Type;

template <class Real>
ATHERIA_ALWAYS_INLINE Wide<Real> load(const Real* from) {
  Wide<Real> value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class Real, class Type>
ATHERIA_ALWAYS_INLINE void store(Real* to, const Type& value) {
  std::memcpy(to, &value, sizeof value);
}
template <class Real>
ATHERIA_ALWAYS_INLINE Wide<Real> all(Real value) {
  Wide<Real> wide;
  for (int i = 0; i < WideOf<Real>::kLanes; ++i) wide[i] = value;
  return wide;
}
template <class Type>
ATHERIA_ALWAYS_INLINE Type multiply_add(const Type& a, const Type& b, const Type& c) {
  return a * b + c;
}
template <class Type>
ATHERIA_ALWAYS_INLINE Type relu(const Type& value) {
  Type out = value;
  for (int i = 0; i < static_cast<int>(sizeof(Type) / sizeof out[0]); ++i)
    out[i] = value[i] < 0 ? 0 : value[i];
  return out;
}
template <class Type>
ATHERIA_ALWAYS_INLINE Type zip_low(const Type& a, const Type& b) {
  Type out = a;
  for (int i = 0; i < static_cast<int>(sizeof(Type) / sizeof out[0]); ++i)
    out[i] = i % 2 == 0 ? a[i / 2] : b[i / 2];
  return out;
}
template <class Type>
ATHERIA_ALWAYS_INLINE Type zip_high(const Type& a, const Type& b) {
  constexpr int half = static_cast<int>(sizeof(Type) / sizeof a[0]) / 2;
  Type out = a;
  for (int i = 0; i < 2 * half; ++i) out[i] = i % 2 == 0 ? a[half + i / 2] : b[half + i / 2];
  return out;
}
ATHERIA_ALWAYS_INLINE Wide<float> rounded_bf16(const Wide<float>& value) {
  Wide<float> out = value;
  for (int i = 0; i < WideOf<float>::kLanes; ++i) {
    const float number = value[i];
    std::uint32_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    if (number != number) continue;
    bits = (bits & 0x7F800000) == 0 ? bits & 0x80000000
                                    : (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
    float near = 0;
    std::memcpy(&near, &bits, sizeof near);
    out[i] = near;
  }
  return out;
}

}  // namespace atheria::cpu::ATHERIA_ISA
