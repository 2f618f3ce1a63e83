#include "app/protocol/quantise.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "app/protocol/half.h"
#include "engine/base/error.h"
#include "tests/app/protocol/pictures.h"

namespace atheria::wire {
namespace {

Frame row(std::initializer_list<float> values) {
  return frame_of(static_cast<int>(values.size()), 1, 1,
                  [&](int x, int, int) { return values.begin()[x]; });
}

std::vector<std::uint16_t> words(const Quantised& q) {
  std::vector<std::uint16_t> out(q.bytes.size() / 2);
  std::memcpy(out.data(), q.bytes.data(), q.bytes.size());
  return out;
}

TEST(Quantise, MapsARangeToTheCodesOfU8) {
  const auto q = quantise(row({-1, 0, 1, 0.4f / 127, 0.6f / 127}), Dtype::u8n, {-1, 1});
  EXPECT_THAT(q.bytes, testing::ElementsAre(0, 127, 254, 127, 128));
  EXPECT_FLOAT_EQ(value_at(q, 1), 0);
  EXPECT_FLOAT_EQ(value_at(q, 2), 1);
}

TEST(Quantise, ClampsNumbersAndKeepsTheLastCodeForTheRest) {
  const Frame frame = row({-5, 5, NAN, INFINITY, -INFINITY, 3e38f, -3e38f});
  EXPECT_THAT(quantise(frame, Dtype::u8n, {-1, 1}).bytes,
              testing::ElementsAre(0, 254, 255, 255, 255, 254, 0));
  EXPECT_THAT(words(quantise(frame, Dtype::u16n, {-1, 1})),
              testing::ElementsAre(0, 65534, 65535, 65535, 65535, 65534, 0));
  EXPECT_TRUE(std::isnan(value_at(quantise(frame, Dtype::u8n, {-1, 1}), 3)));
}

TEST(Quantise, ErrsByAtMostHalfACode) {
  const Frame frame = random_frame(1, 97, 31, 2, 0);
  const Range range{-1.5f, 2.5f};
  for (const Dtype dtype : {Dtype::u8n, Dtype::u16n}) {
    const auto q = quantise(frame, dtype, range);
    for (std::size_t i = 0; i < frame.picture.values.size(); ++i)
      ASSERT_NEAR(value_at(q, i), frame.picture.values[i], 0.5001f * q.scale + 1e-6f);
  }
}

TEST(Quantise, KeepsEveryBitOfF32) {
  const Frame frame = row({1.1f, -0.0f, NAN, INFINITY, 1e-42f});
  const auto q = quantise(frame, Dtype::f32, {5, 6});
  EXPECT_EQ(std::memcmp(q.bytes.data(), frame.picture.values.data(), q.bytes.size()), 0);
  EXPECT_EQ(q.scale, 1);
  EXPECT_EQ(q.offset, 0);
}

TEST(Quantise, KeepsHalfPrecisionForTinyAndHugePictures) {
  for (const float size : {1e-38f, 4e-6f, 1.0f, 3e38f}) {
    const Frame frame = row({size, -size / 3, size / 1000, size / 1e7f, 0});
    const auto q = quantise(frame, Dtype::f16, {});
    for (std::size_t i = 0; i < 4; ++i) {
      const float want = frame.picture.values[i];
      if (std::abs(want) < 1e-37f) continue;
      EXPECT_NEAR(value_at(q, i) / want, 1, 1.0 / 2048) << size << " " << i;
    }
    EXPECT_EQ(value_at(q, 4), 0);
    EXPECT_EQ(std::exp2(std::round(std::log2(q.scale))), q.scale);
  }
}

TEST(Quantise, GivesF16OfAnEmptyOrUnknownPictureScaleOne) {
  EXPECT_EQ(quantise(row({0, 0}), Dtype::f16, {}).scale, 1);
  EXPECT_EQ(quantise(row({NAN}), Dtype::f16, {}).scale, 1);
}

TEST(Quantise, RefusesAPictureThatIsNotAsLargeAsItSays) {
  Frame frame = row({1, 2, 3});
  frame.picture.width = 4;
  EXPECT_THROW(quantise(frame, Dtype::u8n, {}), Error);
  frame.picture.width = 0;
  EXPECT_THROW(quantise(frame, Dtype::u8n, {}), Error);
  EXPECT_THROW(quantise(row({1}), Dtype::i8, {}), Error);
}

TEST(Quantise, SaysWhenADifferenceIsPossible) {
  const auto base = quantise(row({1, 2}), Dtype::u8n, {0, 4});
  EXPECT_TRUE(can_follow(base, quantise(row({3, 3}), Dtype::u8n, {0, 4})));
  EXPECT_FALSE(can_follow(base, quantise(row({1, 2}), Dtype::u8n, {0, 5})));
  EXPECT_FALSE(can_follow(base, quantise(row({1, 2}), Dtype::u16n, {0, 4})));
  EXPECT_FALSE(can_follow(base, quantise(row({1, 2, 3}), Dtype::u8n, {0, 4})));
  Frame moved = row({1, 2});
  moved.picture.roi.x = 64;
  EXPECT_FALSE(can_follow(base, quantise(moved, Dtype::u8n, {0, 4})));
}

TEST(Half, ReadsBackEveryHalf) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const float value = from_half(static_cast<std::uint16_t>(bits));
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(from_half(to_half(value))));
    else
      EXPECT_EQ(to_half(value), bits);
  }
}

TEST(Half, RoundsToNearestAndTiesToEven) {
  EXPECT_EQ(from_half(to_half(1 + 1.0f / 2048)), 1);               // a tie, down to even
  EXPECT_EQ(from_half(to_half(1 + 3.0f / 2048)), 1 + 1.0f / 512);  // a tie, up to even
  EXPECT_EQ(from_half(to_half(std::nextafter(1 + 1.0f / 2048, 2.0f))), 1 + 1.0f / 1024);
  const float least = std::ldexp(1.0f, -24);
  EXPECT_EQ(from_half(to_half(least / 2)), 0);
  EXPECT_EQ(from_half(to_half(least * 0.51f)), least);
  EXPECT_EQ(from_half(to_half(least * 1.5f)), 2 * least);
  EXPECT_EQ(from_half(to_half(65519)), 65504);
  EXPECT_TRUE(std::isinf(from_half(to_half(65520))));
  EXPECT_EQ(from_half(to_half(-65520)), -INFINITY);
  EXPECT_TRUE(std::signbit(from_half(to_half(-0.0f))));
}

}  // namespace
}  // namespace atheria::wire
