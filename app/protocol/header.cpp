#include "app/protocol/header.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the wire is little-endian and is written as it lies in memory");

template <class T>
void put(std::uint8_t* bytes, std::size_t at, T value) {
  std::memcpy(bytes + at, &value, sizeof value);
}

template <class T>
T get(const std::uint8_t* bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes + at, sizeof value);
  return value;
}

void require(bool holds, const char* field, std::uint64_t found) {
  if (!holds)
    throw Error(ErrorKind::bad_args, fmt::format("frame header: {} cannot be {}", field, found),
                field);
}

void check_codes(const PartHeader& h) {
  require(h.kind == Kind::field || h.kind == Kind::series, "kind", static_cast<unsigned>(h.kind));
  require(h.flags < 32, "flags", h.flags);
  require(h.dtype <= Dtype::f64, "dtype", static_cast<unsigned>(h.dtype));
  require(h.codec <= Codec::lz4, "codec", static_cast<unsigned>(h.codec));
  require(h.filter <= Filter::delta_shuffle, "filter", static_cast<unsigned>(h.filter));
  const bool series = h.kind == Kind::series;
  require(series == (h.dtype == Dtype::f64), "dtype", static_cast<unsigned>(h.dtype));
  require(!series || (h.codec == Codec::raw && h.filter == Filter::none), "filter",
          static_cast<unsigned>(h.filter));
}

void check_order(const PartHeader& h) {
  require(h.part < h.parts, "part", h.part);
  require(h.has(flag::last_part) == (h.part + 1 == h.parts), "flags", h.flags);
  require(h.has(flag::key) == (h.base_seq == 0), "base_seq", h.base_seq);
  const bool delta = h.filter == Filter::delta || h.filter == Filter::delta_shuffle;
  require(!delta || (!h.has(flag::key) && h.dtype <= Dtype::u16n), "filter",
          static_cast<unsigned>(h.filter));
  require(h.has(flag::crc) || h.crc == 0, "crc", h.crc);
}

void check_shape(const PartHeader& h) {
  require(h.channels >= 1, "channels", h.channels);
  require(h.depth == 1, "depth", h.depth);
  require(h.w >= 1, "w", h.w);
  require(h.h >= 1 || !h.has(flag::key), "h", h.h);
  require(h.x + h.w <= 65535, "x", h.x);
  require(h.y + h.h <= 65535, "y", h.y);
  require(std::isfinite(h.scale), "scale", 0);
  require(std::isfinite(h.offset), "offset", 0);
  const std::uint64_t bytes = std::uint64_t{h.w} * h.h * h.channels * size_of(h.dtype);
  require(h.decoded == bytes && bytes <= kPayloadLimit, "decoded", h.decoded);
}

}  // namespace

HeaderBytes encode_header(const PartHeader& h) {
  HeaderBytes bytes{};
  std::uint8_t* const to = bytes.data();
  put(to, 0, h.kind);
  put(to, 1, h.flags);
  put(to, 2, static_cast<std::uint16_t>(kHeaderSize));
  put(to, 4, h.sub);
  put(to, 8, h.step);
  put(to, 16, h.time);
  put(to, 24, h.clock_us);
  put(to, 32, h.seq);
  put(to, 36, h.base_seq);
  put(to, 40, h.part);
  put(to, 42, h.parts);
  put(to, 44, h.dtype);
  put(to, 45, h.codec);
  put(to, 46, h.filter);
  put(to, 47, h.lod);
  put(to, 48, h.x);
  put(to, 50, h.y);
  put(to, 52, h.w);
  put(to, 54, h.h);
  put(to, 56, h.z);
  put(to, 58, h.depth);
  put(to, 60, h.channels);
  put(to, 64, h.scale);
  put(to, 68, h.offset);
  put(to, 72, h.decoded);
  put(to, 76, h.crc);
  return bytes;
}

std::size_t payload_at(std::span<const std::uint8_t> message) {
  if (message.size() < kHeaderSize)
    throw Error(fmt::format("a binary message has a header of {} bytes or more; this is {} bytes",
                            kHeaderSize, message.size()));
  const std::size_t length = get<std::uint16_t>(message.data(), 2);
  require(length >= kHeaderSize && length <= message.size(), "length", length);
  return length;
}

PartHeader decode_header(std::span<const std::uint8_t> message) {
  payload_at(message);
  const std::uint8_t* const from = message.data();
  PartHeader h;
  h.kind = get<Kind>(from, 0);
  h.flags = from[1];
  h.sub = get<std::uint32_t>(from, 4);
  h.step = get<std::uint64_t>(from, 8);
  h.time = get<double>(from, 16);
  h.clock_us = get<std::uint64_t>(from, 24);
  h.seq = get<std::uint32_t>(from, 32);
  h.base_seq = get<std::uint32_t>(from, 36);
  h.part = get<std::uint16_t>(from, 40);
  h.parts = get<std::uint16_t>(from, 42);
  h.dtype = get<Dtype>(from, 44);
  h.codec = get<Codec>(from, 45);
  h.filter = get<Filter>(from, 46);
  h.lod = from[47];
  h.x = get<std::uint16_t>(from, 48);
  h.y = get<std::uint16_t>(from, 50);
  h.w = get<std::uint16_t>(from, 52);
  h.h = get<std::uint16_t>(from, 54);
  h.z = get<std::uint16_t>(from, 56);
  h.depth = get<std::uint16_t>(from, 58);
  h.channels = from[60];
  h.scale = get<float>(from, 64);
  h.offset = get<float>(from, 68);
  h.decoded = get<std::uint32_t>(from, 72);
  h.crc = get<std::uint32_t>(from, 76);
  check_codes(h);
  check_order(h);
  check_shape(h);
  return h;
}

std::array<std::uint8_t, kAckSize> encode_ack(const Ack& ack) {
  std::array<std::uint8_t, kAckSize> bytes{};
  put(bytes.data(), 0, Kind::ack);
  put(bytes.data(), 2, static_cast<std::uint16_t>(kAckSize));
  put(bytes.data(), 4, ack.sub);
  put(bytes.data(), 8, ack.seq);
  return bytes;
}

Ack decode_ack(std::span<const std::uint8_t> message) {
  if (message.size() != kAckSize)
    throw Error(fmt::format("an ACK has {} bytes; this message has {}", kAckSize, message.size()));
  const std::uint8_t* const from = message.data();
  const auto length = get<std::uint16_t>(from, 2);
  if (get<Kind>(from, 0) != Kind::ack || from[1] != 0 || length != kAckSize)
    throw Error(
        fmt::format("an ACK begins with 0x10 0x00 0x0c 0x00; this begins with {:#04x} {:#04x}",
                    from[0], from[1]));
  return {.sub = get<std::uint32_t>(from, 4), .seq = get<std::uint32_t>(from, 8)};
}

}  // namespace atheria::wire
