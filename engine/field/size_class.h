#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

// Rounds sizes so that a freed block fits the next request of about its size.
namespace atheria::size_class {

constexpr std::size_t kHuge = std::size_t{2}
                              << 20;  // a huge page, and the alignment of large blocks
constexpr std::size_t kMost = std::size_t{1} << 47;

constexpr int kSmall = 56;  // 64 B .. 896 KiB, four to a doubling
constexpr std::size_t kLargeFrom = 917'505;
constexpr std::uint64_t kExactPages = 32;  // beyond 64 MiB: eight to a doubling

constexpr bool is_large(int index) { return index >= kSmall; }

constexpr int of_small(std::size_t bytes) {
  if (bytes <= 64) return 0;
  const int doubling = std::bit_width(bytes - 1) - 1;  // 64 << k < bytes <= 64 << (k + 1)
  const std::size_t quarter = (std::size_t{1} << doubling) / 4;
  const auto quarters = static_cast<int>((bytes + quarter - 1) / quarter);  // 5..8
  return (doubling - 6) * 4 + quarters - 4;
}

constexpr int of_large(std::size_t bytes) {
  const std::uint64_t pages = (bytes + kHuge - 1) / kHuge;
  if (pages <= kExactPages) return kSmall + static_cast<int>(pages) - 1;
  const int doubling = std::bit_width(pages) - 1;
  const std::uint64_t step = std::uint64_t{1} << (doubling - 3);
  const auto steps = static_cast<int>((pages + step - 1) / step);  // 8..16
  return kSmall + 31 + (doubling - 5) * 8 + steps - 8;
}

constexpr int of(std::size_t bytes) {
  return bytes < kLargeFrom ? of_small(bytes) : of_large(bytes);
}

// Bytes a block of this class holds: the largest size `of` sends there.
constexpr std::size_t bytes_of(int index) {
  if (index < kSmall) return ((std::size_t{64} << (index / 4)) / 4) * (4 + index % 4);
  const int large = index - kSmall;
  if (large < 32) return kHuge * (large + 1);
  const int beyond = large - 31;
  return kHuge * ((std::uint64_t{32} << (beyond / 8)) / 8) * (8 + beyond % 8);
}

}  // namespace atheria::size_class
