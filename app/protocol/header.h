#pragma once

#include <array>
#include <cstdint>
#include <span>

// The fixed 80 bytes before every binary message, and the 12 bytes of an ACK: PROTOCOL.md
// section 6.
namespace atheria::wire {

constexpr std::size_t kHeaderSize = 80;
constexpr std::size_t kAckSize = 12;
constexpr std::size_t kPartLimit = 256 * 1024;                   // a message, header included
constexpr std::size_t kPayloadLimit = kPartLimit - kHeaderSize;  // as sent, and decoded

enum class Kind : std::uint8_t { field = 1, series = 2, blob = 3, ack = 0x10 };
enum class Dtype : std::uint8_t { u8n = 0, u16n = 1, f16 = 2, f32 = 3, i8 = 4, f64 = 5 };
enum class Codec : std::uint8_t { raw = 0, lz4 = 1 };
enum class Filter : std::uint8_t { none = 0, delta = 1, shuffle = 2, delta_shuffle = 3 };

namespace flag {
constexpr std::uint8_t key = 1;
constexpr std::uint8_t last_part = 2;
constexpr std::uint8_t gap = 4;
constexpr std::uint8_t still = 8;
constexpr std::uint8_t crc = 16;
}  // namespace flag

constexpr std::uint8_t kNanU8 = 255;
constexpr std::uint16_t kNanU16 = 65535;

// Bytes of one texel of one channel.
constexpr std::size_t size_of(Dtype dtype) {
  constexpr std::size_t sizes[] = {1, 2, 2, 4, 1, 8};
  return sizes[static_cast<std::size_t>(dtype)];
}

// One part of a frame: a rectangle of texels (in practice a band of rows).
struct PartHeader {
  Kind kind = Kind::field;
  std::uint8_t flags = 0;
  std::uint32_t sub = 0;
  std::uint64_t step = 0;
  double time = 0;
  std::uint64_t clock_us = 0;  // the server's clock when the field was read
  std::uint32_t seq = 0;
  std::uint32_t base_seq = 0;
  std::uint16_t part = 0, parts = 1;
  Dtype dtype = Dtype::u8n;
  Codec codec = Codec::raw;
  Filter filter = Filter::none;
  std::uint8_t lod = 0;
  std::uint16_t x = 0, y = 0, w = 0, h = 0;
  std::uint16_t z = 0, depth = 1;
  std::uint8_t channels = 1;
  float scale = 1, offset = 0;  // value = offset + scale * code
  std::uint32_t decoded = 0;    // bytes of the payload after the codec
  std::uint32_t crc = 0;        // CRC32C of the payload as sent, when flagged

  bool has(std::uint8_t which) const { return (flags & which) != 0; }
  bool operator==(const PartHeader&) const = default;
};

using HeaderBytes = std::array<std::uint8_t, kHeaderSize>;
HeaderBytes encode_header(const PartHeader& header);

// Reads and checks everything that can be told from the header alone: known codes, KEY against
// base_seq and delta, `decoded` against the rectangle, part < parts. Throws Error (bad_args) that
// names the field.
PartHeader decode_header(std::span<const std::uint8_t> message);

// Where the payload starts: the header length the sender wrote, 80 or more.
std::size_t payload_at(std::span<const std::uint8_t> message);

struct Ack {
  std::uint32_t sub = 0;
  std::uint32_t seq = 0;
  bool operator==(const Ack&) const = default;
};

std::array<std::uint8_t, kAckSize> encode_ack(const Ack& ack);

// Throws Error on another kind or length: the server closes with 1008.
Ack decode_ack(std::span<const std::uint8_t> message);

}  // namespace atheria::wire
