#pragma once

#include <array>
#include <cstdint>

// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
// A number is a pure function of (seed, step, cell, draw): the same on any thread, tile or device.
namespace atheria {

using PhiloxBlock = std::array<std::uint32_t, 4>;

constexpr PhiloxBlock philox(PhiloxBlock counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

// How Atheria keys it. `cell` is the linear index (z * height + y) * width + x, below 2^48.
constexpr PhiloxBlock random_block(std::uint64_t seed, std::uint64_t step, std::uint64_t cell,
                                   std::uint32_t draw = 0) {
  return philox({static_cast<std::uint32_t>(cell),
                 static_cast<std::uint32_t>(cell >> 32 & 0xFFFF) | draw << 16,
                 static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32)},
                {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

// 24 random bits as a float in [0, 1).
constexpr float unit_float(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24F; }

// Starting states draw as if at this step, which no run reaches.
constexpr std::uint64_t kInitStep = ~std::uint64_t{0};

}  // namespace atheria
