#pragma once

#include <bit>
#include <cstdint>

// IEEE 754 half precision in software: without branches, so that a loop over it becomes vector
// code, and the same bits on every machine.
namespace atheria::wire {

// Rounded to nearest even; subnormals are right; NaN stays NaN; 65520 and more becomes infinite.
inline std::uint16_t to_half(float value) {
  constexpr std::uint32_t infinite = 255u << 23;
  constexpr std::uint32_t too_large = (127u + 16) << 23;
  constexpr std::uint32_t smallest_normal = 113u << 23;
  // Adding this float to a subnormal-to-be shifts its digits into place; the adder does the
  // rounding.
  constexpr std::uint32_t shifter = ((127u - 15) + (23 - 10) + 1) << 23;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits & 0x80000000u;
  const std::uint32_t size = bits ^ sign;
  const std::uint32_t special = size > infinite ? 0x7e00u : 0x7c00u;
  const std::uint32_t subnormal =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(size) + std::bit_cast<float>(shifter)) -
      shifter;
  // 0xc8000fff: the exponent from bias 127 to 15, and half an ulp less one; the odd bit breaks
  // ties.
  const std::uint32_t normal = (size + 0xc8000fffu + ((size >> 13) & 1)) >> 13;
  std::uint32_t half = size < smallest_normal ? subnormal : normal;
  half = size >= too_large ? special : half;
  return static_cast<std::uint16_t>(half | (sign >> 16));
}

inline float from_half(std::uint16_t half) {
  constexpr float two_to_112 = 5192296858534827628530496329220096.0f;
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t size = half & 0x7fffu;
  if (size >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((size & 0x3ffu) << 13));
  // Exact: a power of two moves the exponent from bias 15 to 127, for subnormals too.
  return std::bit_cast<float>(
      sign | std::bit_cast<std::uint32_t>(std::bit_cast<float>(size << 13) * two_to_112));
}

}  // namespace atheria::wire
