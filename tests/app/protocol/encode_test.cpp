#include "app/protocol/encode.h"

#include <gmock/gmock.h>

#include "app/protocol/decode.h"
#include "engine/base/error.h"
#include "tests/app/protocol/pictures.h"

namespace atheria::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Sends an encoded frame to a decoder as one subscriber would get it.
std::optional<DecodedFrame> send(FrameDecoder& decoder, const EncodedFrame& frame, Stamp stamp) {
  std::optional<DecodedFrame> out;
  for (const Part& part : frame.parts) {
    EXPECT_FALSE(out.has_value());
    const HeaderBytes header = stamped(part.header, stamp);
    Bytes message(header.begin(), header.end());
    message.insert(message.end(), part.payload->begin(), part.payload->end());
    EXPECT_LE(message.size(), kPartLimit);
    out = decoder.add(message);
  }
  return out;
}

Quantised smooth(int side = 64) {
  return quantise(frame_of(side, side, 1, [](int x, int y, int) { return (x / 8 + y / 8) % 7; }),
                  Dtype::u8n, {0, 10});
}

TEST(Encode, RoundTripsEveryDtypeCodecAndSize) {
  const int sizes[][3] = {{1, 1, 1}, {17, 5, 1}, {64, 64, 3}, {400, 300, 1}};
  for (const auto& [width, height, channels] : sizes) {
    for (const Dtype dtype : {Dtype::u8n, Dtype::u16n, Dtype::f16, Dtype::f32}) {
      for (const Codec codec : {Codec::raw, Codec::lz4}) {
        FrameDecoder decoder;
        Quantised base;
        for (unsigned seq = 1; seq <= 4; ++seq) {
          const auto q = quantise(random_frame(seq, width, height, channels, 0.01), dtype, {-2, 4});
          const auto encoded =
              encode(q, {.codec = codec, .crc = seq % 2 == 0}, seq > 1 ? &base : nullptr);
          const auto frame = send(decoder, encoded, {.sub = 1, .seq = seq, .base_seq = seq - 1});
          ASSERT_TRUE(frame);
          ASSERT_EQ(frame->bytes, q.bytes) << width << " " << int(dtype) << " " << int(codec);
          ASSERT_EQ(frame->width, width);
          ASSERT_EQ(frame->height, height);
          base = q;
        }
      }
    }
  }
}

TEST(Encode, KeepsEveryMessageWithin256KiB) {
  const auto encoded =
      encode(quantise(random_frame(1, 2048, 200, 1, 0), Dtype::f32, {}), {.codec = Codec::raw});
  EXPECT_GE(encoded.parts.size(), 7u);
  std::size_t bytes = 0;
  for (const Part& part : encoded.parts) {
    EXPECT_LE(kHeaderSize + part.payload->size(), kPartLimit);
    bytes += kHeaderSize + part.payload->size();
  }
  EXPECT_EQ(bytes, encoded.bytes);
}

TEST(Encode, HoldsTheLargestPictureThatCanBeAskedFor) {
  const auto encoded =
      encode(quantise(frame_of(8192, 3, 3, [](int, int, int) { return 1; }), Dtype::f32, {}),
             {.codec = Codec::raw});
  EXPECT_EQ(encoded.parts.size(), 2u);
}

TEST(Encode, LeavesOutBandsThatDidNotChange) {
  const Quantised first = smooth();
  Quantised second = first;
  second.bytes[64 * 40] ^= 1;
  const auto encoded = encode(second, {.part_limit = kHeaderSize + 64 * 16}, &first);
  ASSERT_EQ(encoded.parts.size(), 1u);
  EXPECT_FALSE(encoded.key);
  EXPECT_EQ(encoded.parts[0].header.y, 32);
  EXPECT_EQ(encoded.parts[0].header.parts, 1);
  EXPECT_TRUE(encoded.parts[0].header.has(flag::last_part));
}

TEST(Encode, SendsOneEmptyPartWhenNothingChanged) {
  const Quantised first = smooth();
  FrameDecoder decoder;
  send(decoder, encode(first, {}), {.sub = 1, .seq = 1});
  const auto encoded = encode(first, {}, &first);
  ASSERT_EQ(encoded.parts.size(), 1u);
  EXPECT_EQ(encoded.parts[0].header.h, 0);
  EXPECT_EQ(encoded.bytes, kHeaderSize);
  const auto frame = send(decoder, encoded, {.sub = 1, .seq = 2, .base_seq = 1});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->bytes, first.bytes);
}

TEST(Encode, BeginsAnewWhenTheBaseDoesNotFit) {
  const Quantised first = smooth(64), other = smooth(32);
  EXPECT_TRUE(encode(other, {}, &first).key);
  EXPECT_FALSE(encode(first, {}, &first).key);
}

TEST(Encode, SendsRawWhatDoesNotShrinkByATenth) {
  std::mt19937 random(1);
  const auto noise =
      quantise(frame_of(256, 256, 1, [&](int, int, int) { return random() % 10000 / 1e4; }),
               Dtype::u8n, {0, 1});
  const auto encoded = encode(noise, {});
  EXPECT_EQ(encoded.parts[0].header.codec, Codec::raw);
  EXPECT_EQ(encoded.parts[0].header.filter, Filter::none);
  EXPECT_EQ(encode(smooth(), {}).parts[0].header.codec, Codec::lz4);
}

TEST(Encode, PrefersTheSmallerOfDifferenceAndWhole) {
  std::mt19937 random(1);
  const auto noise =
      quantise(frame_of(64, 64, 1, [&](int, int, int) { return random() % 10000 / 1e3; }),
               Dtype::u8n, {0, 10});
  // A difference to noise is noise; alone, the picture is smooth.
  EXPECT_EQ(encode(smooth(), {}, &noise).parts[0].header.filter, Filter::none);
  Quantised near = noise;
  near.bytes[5] ^= 1;
  EXPECT_EQ(encode(near, {}, &noise).parts[0].header.filter, Filter::delta);
}

TEST(Encode, SharesPayloadsBetweenSubscribers) {
  const auto encoded = encode(smooth(), {});
  const PartHeader& header = encoded.parts[0].header;
  const HeaderBytes one = stamped(header, {.sub = 1, .seq = 5, .base_seq = 4});
  const HeaderBytes two = stamped(header, {.sub = 2, .seq = 9, .base_seq = 3, .gap = true});
  EXPECT_EQ(decode_header(one).base_seq, 0u);  // KEY has none
  EXPECT_EQ(decode_header(two).sub, 2u);
  EXPECT_EQ(decode_header(two).seq, 9u);
  EXPECT_TRUE(decode_header(two).has(flag::gap));
  EXPECT_FALSE(decode_header(one).has(flag::gap));
}

TEST(Encode, SplitsALongSeries) {
  std::vector<Sample> samples(20'000, Sample{.values = {1, 2}});
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i].step = i;
  const auto parts = encode_series(samples, true);
  ASSERT_EQ(parts.size(), 3u);
  std::size_t rows = 0;
  for (const Part& part : parts) {
    const HeaderBytes header = stamped(part.header, {.sub = 1, .seq = 1});
    Bytes message(header.begin(), header.end());
    message.insert(message.end(), part.payload->begin(), part.payload->end());
    const auto frame = FrameDecoder().add(message);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->values()[0], static_cast<double>(rows));
    rows += static_cast<std::size_t>(frame->height);
  }
  EXPECT_EQ(rows, samples.size());
}

}  // namespace
}  // namespace atheria::wire
