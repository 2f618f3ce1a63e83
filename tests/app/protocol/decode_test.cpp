#include "app/protocol/decode.h"

#include <gtest/gtest.h>

#include <random>

#include "app/protocol/encode.h"
#include "engine/base/error.h"
#include "tests/app/protocol/pictures.h"

namespace atheria::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<Bytes> messages_of(const EncodedFrame& frame, Stamp stamp) {
  std::vector<Bytes> out;
  for (const Part& part : frame.parts) {
    const HeaderBytes header = stamped(part.header, stamp);
    out.emplace_back(header.begin(), header.end());
    out.back().insert(out.back().end(), part.payload->begin(), part.payload->end());
  }
  return out;
}

Quantised picture(unsigned seed) {
  return quantise(random_frame(seed, 40, 30, 2, 0.02), Dtype::u16n, {-2, 4});
}

constexpr EncodeOptions kBands{.codec = Codec::lz4, .part_limit = kHeaderSize + 40 * 2 * 2 * 7};

TEST(FrameDecoder, NeedsAKeyFrameFirst) {
  const auto base = picture(1);
  FrameDecoder decoder;
  EXPECT_THROW(decoder.add(messages_of(encode(picture(2), {}, &base), {1, 2, 1}).front()), Error);
}

TEST(FrameDecoder, RefusesPartsOutOfOrderAndRecoversWithAKey) {
  const auto messages = messages_of(encode(picture(1), kBands), {.sub = 1, .seq = 1});
  ASSERT_GE(messages.size(), 3u);
  FrameDecoder decoder;
  EXPECT_THROW(decoder.add(messages[1]), Error);
  decoder.add(messages[0]);
  EXPECT_THROW(decoder.add(messages[2]), Error);
  std::optional<DecodedFrame> frame;
  for (const auto& message : messages) frame = decoder.add(message);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->bytes, picture(1).bytes);
}

TEST(FrameDecoder, RefusesPartsOfTwoFramesMixed) {
  const auto one = messages_of(encode(picture(1), kBands), {.sub = 1, .seq = 1});
  const auto two = messages_of(encode(picture(2), kBands), {.sub = 1, .seq = 2});
  FrameDecoder decoder;
  decoder.add(one[0]);
  EXPECT_THROW(decoder.add(two[1]), Error);
}

TEST(FrameDecoder, RefusesAKeyFrameWithAHole) {
  auto encoded = encode(picture(1), kBands);
  encoded.parts.erase(encoded.parts.begin() + 1);
  for (std::size_t i = 0; i < encoded.parts.size(); ++i) {
    encoded.parts[i].header.part = static_cast<std::uint16_t>(i);
    encoded.parts[i].header.parts = static_cast<std::uint16_t>(encoded.parts.size());
  }
  FrameDecoder decoder;
  const auto messages = messages_of(encoded, {.sub = 1, .seq = 1});
  for (std::size_t i = 0; i + 1 < messages.size(); ++i) decoder.add(messages[i]);
  EXPECT_THROW(decoder.add(messages.back()), Error);
}

TEST(FrameDecoder, KeepsItsBaseWhenAMessageIsBad) {
  const auto first = picture(1), second = picture(2);
  FrameDecoder decoder;
  for (const auto& message : messages_of(encode(first, {}), {.sub = 1, .seq = 1}))
    decoder.add(message);
  EXPECT_THROW(decoder.add(Bytes(80, 7)), Error);
  std::optional<DecodedFrame> frame;
  for (const auto& message : messages_of(encode(second, {}, &first), {1, 2, 1}))
    frame = decoder.add(message);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->bytes, second.bytes);
}

// Whatever the bytes, a decoder returns or throws Error; sanitizer builds see the rest.
TEST(FrameDecoder, SurvivesFlippedBytes) {
  std::mt19937 random(7);
  const auto first = picture(1);
  const auto keys = messages_of(encode(first, {.crc = false}), {.sub = 1, .seq = 1});
  const auto deltas = messages_of(encode(picture(2), {}, &first), {1, 2, 1});
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    FrameDecoder decoder;
    auto one = keys[0], two = deltas[0];
    auto& spoilt = round % 2 == 0 ? one : two;
    for (int i = 0; i < 1 + round % 3; ++i)
      spoilt[random() % spoilt.size()] = static_cast<std::uint8_t>(random());
    if (round % 5 == 0) spoilt.resize(random() % (spoilt.size() + 1));
    try {
      decoder.add(one);
      decoder.add(two);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 300);
}

TEST(FrameDecoder, SurvivesRandomPayloads) {
  std::mt19937 random(8);
  const auto messages = messages_of(encode(picture(1), {}), {.sub = 1, .seq = 1});
  for (int round = 0; round < 2000; ++round) {
    Bytes message(messages[0].begin(), messages[0].begin() + kHeaderSize);
    for (std::size_t i = random() % 600; i > 0; --i)
      message.push_back(static_cast<std::uint8_t>(random() % 4 == 0 ? 255 : random()));
    FrameDecoder decoder;
    EXPECT_THROW(decoder.add(message), Error);
  }
}

}  // namespace
}  // namespace atheria::wire
