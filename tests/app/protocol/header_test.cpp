#include <gmock/gmock.h>

#include "app/protocol/crc32c.h"
#include "app/protocol/header.h"
#include "engine/base/error.h"

namespace atheria::wire {
namespace {

PartHeader band() {
  return {.kind = Kind::field,
          .flags = flag::last_part | flag::gap,
          .sub = 0x01020304,
          .step = 0x1122334455667788,
          .time = -2.5,
          .clock_us = 99,
          .seq = 41,
          .base_seq = 40,
          .part = 2,
          .parts = 3,
          .dtype = Dtype::u16n,
          .codec = Codec::lz4,
          .filter = Filter::delta_shuffle,
          .lod = 3,
          .x = 1,
          .y = 2,
          .w = 30,
          .h = 20,
          .z = 7,
          .channels = 3,
          .scale = 0.5f,
          .offset = -1.0f,
          .decoded = 30 * 20 * 3 * 2};
}

// Encodes a header, sets one byte, and says what decoding it throws.
std::string fault(PartHeader header, std::size_t at = 1000, std::uint8_t byte = 0) {
  HeaderBytes bytes = encode_header(header);
  if (at < bytes.size()) bytes[at] = byte;
  try {
    decode_header(bytes);
  } catch (const Error& error) {
    return error.path();
  }
  return "none";
}

template <class Change>
std::string fault_with(Change change) {
  PartHeader header = band();
  change(header);
  return fault(header);
}

TEST(Header, LiesAtTheOffsetsOfTheProtocol) {
  const HeaderBytes bytes = encode_header(band());
  EXPECT_EQ(bytes[0], 1);
  EXPECT_EQ(bytes[1], 2 | 4);
  EXPECT_EQ(bytes[2], 80);
  EXPECT_EQ(bytes[4], 0x04);
  EXPECT_EQ(bytes[8], 0x88);
  EXPECT_EQ(bytes[23], 0xc0);  // the sign and exponent of -2.5
  EXPECT_EQ(bytes[24], 99);
  EXPECT_EQ(bytes[32], 41);
  EXPECT_EQ(bytes[36], 40);
  EXPECT_EQ(bytes[40], 2);
  EXPECT_EQ(bytes[42], 3);
  EXPECT_THAT(std::vector(bytes.begin() + 44, bytes.begin() + 48),
              testing::ElementsAre(1, 1, 3, 3));
  EXPECT_EQ(bytes[52], 30);
  EXPECT_EQ(bytes[54], 20);
  EXPECT_EQ(bytes[56], 7);
  EXPECT_EQ(bytes[58], 1);
  EXPECT_EQ(bytes[60], 3);
  EXPECT_EQ(bytes[72] + 256 * bytes[73], 3600);
}

TEST(Header, ReadsBackWhatWasWritten) { EXPECT_EQ(decode_header(encode_header(band())), band()); }

TEST(Header, SkipsByTheLengthItCarries) {
  HeaderBytes bytes = encode_header(band());
  std::vector<std::uint8_t> longer(bytes.begin(), bytes.end());
  longer.resize(96);
  longer[2] = 88;
  EXPECT_EQ(payload_at(longer), 88u);
  EXPECT_EQ(decode_header(longer), band());
  longer[2] = 97;
  EXPECT_THROW(payload_at(longer), Error);
  longer[2] = 79;
  EXPECT_THROW(payload_at(longer), Error);
}

TEST(Header, RefusesWhatIsTooShort) {
  const HeaderBytes bytes = encode_header(band());
  for (std::size_t size = 0; size < kHeaderSize; ++size)
    EXPECT_THROW(decode_header(std::span(bytes).first(size)), Error);
}

TEST(Header, RefusesUnknownCodes) {
  EXPECT_EQ(fault(band(), 0, 0), "kind");
  EXPECT_EQ(fault(band(), 0, 3), "kind");
  EXPECT_EQ(fault(band(), 1, 32 | 2), "flags");
  EXPECT_EQ(fault(band(), 44, 6), "dtype");
  EXPECT_EQ(fault(band(), 45, 2), "codec");
  EXPECT_EQ(fault(band(), 46, 4), "filter");
  EXPECT_EQ(fault(band(), 60, 0), "channels");
  EXPECT_EQ(fault(band(), 58, 2), "depth");
}

TEST(Header, RefusesFieldsThatContradictEachOther) {
  EXPECT_EQ(fault_with([](PartHeader& h) { h.part = 3; }), "part");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.flags = 0; }), "flags");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.part = 1; }), "flags");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.flags |= flag::key; }), "base_seq");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.base_seq = 0; }), "base_seq");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.flags |= flag::key, h.base_seq = 0; }), "filter");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.dtype = Dtype::f16; }), "filter");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.dtype = Dtype::f64; }), "dtype");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.kind = Kind::series; }), "dtype");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.crc = 1; }), "crc");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.decoded += 1; }), "decoded");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.w = 0; }), "w");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.y = 65530; }), "y");
  EXPECT_EQ(fault_with([](PartHeader& h) { h.scale = INFINITY; }), "scale");
}

TEST(Header, RefusesARectangleOverWhatAPartHolds) {
  PartHeader header = band();
  header.w = 65535, header.x = 0;
  header.h = 65000;
  header.decoded = static_cast<std::uint32_t>(65535ull * 65000 * 6);
  EXPECT_EQ(fault(header), "decoded");
}

TEST(Ack, ReadsBackWhatWasWritten) {
  const auto bytes = encode_ack({.sub = 5, .seq = 600});
  EXPECT_THAT(bytes, testing::ElementsAre(0x10, 0, 12, 0, 5, 0, 0, 0, 88, 2, 0, 0));
  EXPECT_EQ(decode_ack(bytes), (Ack{5, 600}));
}

TEST(Ack, RefusesAnotherKindOrLength) {
  const auto good = encode_ack({});
  for (const std::size_t at : {0, 1, 2, 3}) {
    auto bytes = good;
    bytes[at] ^= 1;
    EXPECT_THROW(decode_ack(bytes), Error) << at;
  }
  EXPECT_THROW(decode_ack(std::span(good).first(11)), Error);
  EXPECT_THROW(decode_ack({}), Error);
}

TEST(Crc32c, GivesTheCheckValueOfItsStandard) {
  const std::string text = "123456789";
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  EXPECT_EQ(crc32c(bytes), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32c(std::vector<std::uint8_t>(32, 0)), 0x8a9136aau);  // RFC 3720 B.4
}

}  // namespace
}  // namespace atheria::wire
