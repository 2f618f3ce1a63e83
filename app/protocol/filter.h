#pragma once

#include <cstdint>
#include <span>

// The reversible steps before the codec. Buffers of one call have equal lengths and do not overlap
// unless said.
namespace atheria::wire {

// out = now - base, element by element, modulo 256 or 65536.
void subtract_u8(std::span<const std::uint8_t> now, std::span<const std::uint8_t> base,
                 std::span<std::uint8_t> out);
void subtract_u16(std::span<const std::uint8_t> now, std::span<const std::uint8_t> base,
                  std::span<std::uint8_t> out);

// base += difference: what was subtracted comes back.
void add_u8(std::span<std::uint8_t> base, std::span<const std::uint8_t> difference);
void add_u16(std::span<std::uint8_t> base, std::span<const std::uint8_t> difference);

// Byte 0 of every element, then byte 1 of every element, and so on.
void shuffle(std::span<const std::uint8_t> elements, std::size_t size, std::span<std::uint8_t> out);
void unshuffle(std::span<const std::uint8_t> planes, std::size_t size, std::span<std::uint8_t> out);

}  // namespace atheria::wire
