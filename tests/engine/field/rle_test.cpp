#include "engine/field/rle.h"

#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/field/patterns.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

// Rows of '.' and 'o'.
std::string drawn(const RlePattern& pattern) {
  std::string text;
  for (std::int64_t y = 0; y < pattern.height; ++y) {
    text += std::string(static_cast<std::size_t>(pattern.width), '.') + "\n";
  }
  for (const auto& run : pattern.runs) {
    for (std::int64_t i = 0; i < run.length; ++i) {
      text[static_cast<std::size_t>(run.y * (pattern.width + 1) + run.x + i)] = 'o';
    }
  }
  return text;
}

std::string fault_of(const std::string& text) {
  try {
    parse_rle(text);
    return "nothing wrong";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Rle, ReadsAGlider) {
  const auto glider =
      parse_rle("#N Glider\n#C a comment\nx = 3, y = 3, rule = B3/S23\nbob$2bo$3o!\n");
  EXPECT_EQ(drawn(glider), ".o.\n..o\nooo\n");
  EXPECT_EQ(glider.rule, "B3/S23");
  EXPECT_EQ(glider.population(), 5);
  EXPECT_FALSE(glider.position);
}

TEST(Rle, ReadsWhatGollySaves) {
  const auto pattern = parse_rle(
      "#CXRLE Pos=-3,4 Gen=1000000000000000000000\r\nx = 3, y = 2, rule = "
      "B36/S23:T30,20\r\n3o$\r\nbo!\r\n");
  EXPECT_EQ(pattern.rule, "B36/S23");
  EXPECT_EQ(pattern.topology, "T30,20");
  ASSERT_TRUE(pattern.position);
  EXPECT_EQ(pattern.position->x, -3);
  EXPECT_EQ(pattern.position->y, 4);
  EXPECT_EQ(drawn(pattern), "ooo\n.o.\n");
}

TEST(Rle, ReadsTheWaysFilesDiffer) {
  EXPECT_EQ(drawn(parse_rle("x=3,y=1\n3o!")), "ooo\n");
  EXPECT_EQ(drawn(parse_rle("x = 3, y = 1, rule = 23/3\n3o")), "ooo\n") << "no '!'";
  EXPECT_EQ(drawn(parse_rle("x = 13, y = 1\n1\n3o!")), "ooooooooooooo\n")
      << "a count over two lines";
  EXPECT_EQ(drawn(parse_rle("x = 0, y = 0\no$2o!")), "o.\noo\n") << "rows beyond the header";
}

TEST(Rle, ReadsTwoStatePatternsOfManyStateRules) {
  EXPECT_EQ(drawn(parse_rle("x = 4, y = 2\n.2A$A2.A!")), ".oo.\no..o\n");
}

TEST(Rle, TextAfterTheEndIsForPeople) {
  EXPECT_EQ(drawn(parse_rle("x = 1, y = 1\no!\nThis glider, and \x01 more.")), "o\n");
}

TEST(Rle, OlderFilesNameTheRuleInAComment) {
  EXPECT_EQ(parse_rle("#r 23/36\n3o!").rule, "23/36");
  EXPECT_EQ(parse_rle("#r 23/36\nx = 3, y = 1, rule = Life\n3o!").rule, "Life");
}

TEST(Rle, NeighbouringRunsAreOne) { EXPECT_EQ(parse_rle("oo3o2boo!").runs.size(), 2U); }

TEST(Rle, HugeCountsTakeNoMemory) {
  const auto pattern = parse_rle("999999999999o$99999999999$o!");
  EXPECT_EQ(pattern.runs.size(), 2U);
  EXPECT_EQ(pattern.width, 999999999999);
  EXPECT_THAT(fault_of("99999999999999999999999o!"), HasSubstr("too large"));
  EXPECT_THAT(fault_of("999999999999$999999999999$o!"), HasSubstr("too large"));
}

TEST(Rle, SaysInWhichLineItIsWrong) {
  EXPECT_THAT(fault_of("x = 3, y = 3\nbo$\n2zo!"), HasSubstr("line 3: unexpected 'z'"));
  EXPECT_THAT(fault_of("x = 3, y = 1\nA2BC!"), HasSubstr("state 'B'"));
  EXPECT_THAT(fault_of("x = , y = 3\no!"), HasSubstr("number"));
  EXPECT_THAT(fault_of("x = -3, y = 3\no!"), HasSubstr("below 0"));
  EXPECT_THAT(fault_of("x = 3, z = 3\no!"), HasSubstr("unknown 'z'"));
  EXPECT_THAT(fault_of("x 3\no!"), HasSubstr("cannot read"));
  EXPECT_THAT(fault_of("#CXRLE Pos=3\no!"), HasSubstr("Pos"));
  EXPECT_THAT(fault_of("bo$3"), HasSubstr("after a number"));
  EXPECT_THAT(fault_of(std::string("bo\0", 3)), HasSubstr("not text"));
  EXPECT_THAT(fault_of(""), HasSubstr("no pattern"));
  EXPECT_THAT(fault_of("#C only words\n\n"), HasSubstr("no pattern"));
  EXPECT_THAT(fault_of("!Name: Glider\n.O\n..O\nOOO"), HasSubstr("plain text"));
  EXPECT_THAT(fault_of("#Life 1.06\n0 -1\n"), HasSubstr("Life 1.0x"));
}

TEST(Rle, TakesCapitalsAndAByteOrderMark) {
  const auto pattern = parse_rle("\xef\xbb\xbfX = 3, Y = 1\n3o!");
  EXPECT_EQ(pattern.population(), 3);
  EXPECT_EQ(pattern.height, 1);
}

TEST(Rle, WritesWhatItReads) {
  const std::string text =
      "#CXRLE Pos=-3,4\nx = 7, y = 9, rule = B36/S23:T30,20\nbo3bo$2bo6$o2b3o!\n";
  EXPECT_EQ(write_rle(parse_rle(text)), text);
}

TEST(Rle, WritesLinesThatFitAMail) {
  std::string body;
  for (int i = 0; i < 200; ++i) body += "bo";
  const auto text = write_rle(parse_rle(body + "!"));
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = text.find('\n', start);
    EXPECT_LE(end - start, 70U);
    start = end + 1;
  }
  EXPECT_EQ(parse_rle(text).population(), 200);
}

TEST(LifePatterns, AllCanBeRead) {
  for (const auto& pattern : life_patterns()) {
    EXPECT_GT(parse_rle(pattern.rle).population(), 0) << pattern.name;
    EXPECT_EQ(find_life_pattern(pattern.name), &pattern);
  }
  EXPECT_EQ(find_life_pattern("gosper-glider-gun"), find_life_pattern("gosper-gun"));
  EXPECT_EQ(find_life_pattern("no-such"), nullptr);
}

}  // namespace
}  // namespace atheria
