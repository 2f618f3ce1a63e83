#include "app/protocol/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#include <nmmintrin.h>
#define ATHERIA_HAS_SSE42 1
#endif

namespace atheria::wire {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}

std::uint32_t by_table(std::uint32_t crc, const std::uint8_t* bytes, std::size_t count) {
  static constexpr auto table = make_table();
  for (std::size_t i = 0; i < count; ++i) crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 255];
  return crc;
}

#ifdef ATHERIA_HAS_SSE42
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::uint32_t crc,
                                                               const std::uint8_t* bytes,
                                                               std::size_t count) {
  std::uint64_t wide = crc;
  for (; count >= 8; bytes += 8, count -= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (; count > 0; ++bytes, --count) crc = _mm_crc32_u8(crc, *bytes);
  return crc;
}
#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
#ifdef ATHERIA_HAS_SSE42
  if (__builtin_cpu_supports("sse4.2")) return ~by_instruction(~0u, bytes.data(), bytes.size());
#endif
  return ~by_table(~0u, bytes.data(), bytes.size());
}

}  // namespace atheria::wire
