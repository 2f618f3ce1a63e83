#include "engine/base/numbers.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace atheria {
namespace {

TEST(Numbers, AreReadToTheLastBit) {
  EXPECT_EQ(parse_number<double>("0.1"), 0.1);
  EXPECT_EQ(parse_number<double>("-1.5e-3"), -0.0015);
  EXPECT_EQ(parse_number<double>("4.9e-324"), 4.9e-324);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(parse_number<int>("-12"), -12);
}

TEST(Numbers, AreTheWholeText) {
  for (const char* text :
       {"", " ", "1 ", " 1", "1x", "x", "-", ".", "1e", "1,5", "0x10", "1.5.2"}) {
    EXPECT_EQ(parse_number<double>(text), std::nullopt) << text;
    EXPECT_EQ(parse_number<int>(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_number<int>("1.5"), std::nullopt);
}

TEST(Numbers, AreFiniteAndFitTheirType) {
  for (const char* text : {"nan", "inf", "-infinity", "1e999"})
    EXPECT_EQ(parse_number<double>(text), std::nullopt) << text;
  EXPECT_EQ(parse_number<std::uint16_t>("65536"), std::nullopt);
  EXPECT_EQ(parse_number<std::uint64_t>("-1"), std::nullopt);
}

}  // namespace
}  // namespace atheria
