#include "engine/law/life_rule.h"

#include <gmock/gmock.h>

#include "engine/base/error.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

std::string fault_of(const std::string& text) {
  try {
    return "read as " + to_string(parse_life_rule(text));
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(LifeRule, IsWrittenInManyWays) {
  for (const char* text : {"B3/S23", "b3s23", "b3/s23", "S23/B3", "s32b3", "23/3", " B3 / S23 ",
                           "Life", "B33/S2323"}) {
    EXPECT_EQ(parse_life_rule(text), LifeRule{}) << text;
  }
}

TEST(LifeRule, DigitsAloneNameSurvivalFirst) {
  EXPECT_EQ(to_string(parse_life_rule("23/36")), "B36/S23");
  EXPECT_EQ(to_string(parse_life_rule("/2")), "B2/S");
  EXPECT_EQ(to_string(parse_life_rule("012345678/3")), "B3/S012345678");
}

TEST(LifeRule, MayBeEmptyOnEitherSide) {
  EXPECT_EQ(to_string(parse_life_rule("B2/S")), "B2/S");
  EXPECT_EQ(to_string(parse_life_rule("B/S23")), "B/S23");
  EXPECT_EQ(to_string(parse_life_rule("/")), "B/S");
  EXPECT_EQ(to_string(parse_life_rule("B2")), "B2/S");
}

TEST(LifeRule, GoesByManyNames) {
  EXPECT_EQ(to_string(parse_life_rule("HighLife")), "B36/S23");
  EXPECT_EQ(to_string(parse_life_rule("Day & Night")), "B3678/S34678");
  EXPECT_EQ(to_string(parse_life_rule("day-and-night")), "B3678/S34678");
  EXPECT_EQ(to_string(parse_life_rule("2x2")), "B36/S125");
}

TEST(LifeRule, EveryRuleReadsBackAsItIsWritten) {
  for (unsigned bits = 0; bits < 1U << 18; bits += 37) {
    const LifeRule rule{static_cast<std::uint16_t>(bits & 511),
                        static_cast<std::uint16_t>(bits >> 9)};
    ASSERT_EQ(parse_life_rule(to_string(rule)), rule) << to_string(rule);
  }
}

TEST(LifeRule, SaysWhatItCannotRead) {
  EXPECT_THAT(fault_of("B9/S23"), HasSubstr("8 neighbours, not 9"));
  EXPECT_THAT(fault_of("B3/S23/C3"), HasSubstr("cannot read 'c3'"));
  EXPECT_THAT(fault_of("23/3/4"), HasSubstr("more than two states"));
  EXPECT_THAT(fault_of("B2-a/S12"), HasSubstr("cannot read '-a/s12'"));
  EXPECT_THAT(fault_of("B3/S23H"), HasSubstr("cannot read 'h'"));
  EXPECT_THAT(fault_of("B3/B23"), HasSubstr("cannot read 'b23'"));
  EXPECT_THAT(fault_of("B3/S23:T30,20"), HasSubstr("cannot read ':t30,20'"));
  EXPECT_THAT(fault_of("23"), HasSubstr("no '/'"));
  EXPECT_THAT(fault_of(""), HasSubstr("empty"));
  EXPECT_THAT(fault_of("WireWorld"), HasSubstr("highlife"));
  EXPECT_THAT(fault_of("B3/"), HasSubstr("cannot read '/'"));
}

}  // namespace
}  // namespace atheria
