#include "app/protocol/filter.h"

#include <gmock/gmock.h>

#include <random>

namespace atheria::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes random_bytes(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  Bytes out(count);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
  return out;
}

TEST(Filter, DifferencesWrapAround) {
  Bytes out(2);
  subtract_u8(Bytes{0, 5}, Bytes{1, 3}, out);
  EXPECT_THAT(out, testing::ElementsAre(255, 2));
  subtract_u16(Bytes{0, 0}, Bytes{1, 0}, out);
  EXPECT_THAT(out, testing::ElementsAre(255, 255));
}

TEST(Filter, AddingADifferenceGivesBackTheNumbers) {
  for (const std::size_t count : {0, 2, 30, 1002}) {
    const Bytes now = random_bytes(1, count), base = random_bytes(2, count);
    Bytes out(count), back = base;
    subtract_u8(now, base, out);
    add_u8(back, out);
    EXPECT_EQ(back, now);
    back = base;
    subtract_u16(now, base, out);
    add_u16(back, out);
    EXPECT_EQ(back, now);
  }
}

TEST(Filter, ShufflePutsEqualBytesOfElementsTogether) {
  Bytes out(6);
  shuffle(Bytes{1, 2, 3, 4, 5, 6}, 2, out);
  EXPECT_THAT(out, testing::ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST(Filter, UnshuffleIsItsInverse) {
  for (const std::size_t size : {1, 2, 4, 8}) {
    const Bytes bytes = random_bytes(3, 31 * size);
    Bytes shuffled(bytes.size()), back(bytes.size());
    shuffle(bytes, size, shuffled);
    unshuffle(shuffled, size, back);
    EXPECT_EQ(back, bytes) << size;
  }
}

}  // namespace
}  // namespace atheria::wire
