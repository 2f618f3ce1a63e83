#include "engine/base/philox.h"

#include <gtest/gtest.h>

#include <set>

namespace atheria {
namespace {

// The authors' known answers (Random123, kat_vectors).
TEST(Philox, GivesThePublishedNumbers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t all = 0xffffffff;
  EXPECT_EQ(philox({all, all, all, all}, {all, all}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, EveryPartOfTheKeyMatters) {
  std::set<PhiloxBlock> blocks;
  for (std::uint64_t seed : {0ULL, 1ULL, 1ULL << 40})
    for (std::uint64_t step : {0ULL, 1ULL, 1ULL << 40})
      for (std::uint64_t cell : {0ULL, 1ULL, 1ULL << 40})
        for (std::uint32_t draw : {0U, 1U}) blocks.insert(random_block(seed, step, cell, draw));
  EXPECT_EQ(blocks.size(), 54U);
}

TEST(Philox, UnitFloatsAreBelowOne) {
  EXPECT_EQ(unit_float(0), 0.0F);
  EXPECT_LT(unit_float(0xffffffff), 1.0F);
  EXPECT_EQ(unit_float(0x80000000), 0.5F);
}

TEST(Philox, UnitFloatsHaveTheMeanOfAUniform) {
  double sum = 0;
  for (std::uint64_t cell = 0; cell < 100'000; ++cell)
    sum += unit_float(random_block(1, 2, cell)[0]);
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}

}  // namespace
}  // namespace atheria
