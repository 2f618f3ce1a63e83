#include "app/protocol/json_text.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

using testing::HasSubstr;

std::string fault(std::string_view text) {
  try {
    parse_json(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(JsonText, ReadsEveryKindOfValue) {
  const json::value value = parse_json(R"({"a":[1,-2,true,null,"x\u00e9\n",{}],"b":0.5})");
  EXPECT_EQ(json::serialize(value.at("a")), "[1,-2,true,null,\"x\u00e9\\n\",{}]");
  EXPECT_EQ(value.at("b").get_double(), 0.5);
}

TEST(JsonText, ReadsTheDoubleNearestToTheText) {
  EXPECT_EQ(parse_json("0.030000000000000002").get_double(), 0.030000000000000002);
  EXPECT_EQ(parse_json("123456789.123456789").get_double(), 123456789.123456789);
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const double number =
        std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 200) - 150);
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", number);
    const json::value read = parse_json(text);
    ASSERT_EQ(read.to_number<double>(), std::strtod(text, nullptr)) << text;
  }
  EXPECT_EQ(parse_json("1e-999").get_double(), 0);
}

TEST(JsonText, RefusesNumbersThatAreNotFinite) {
  EXPECT_THAT(fault("[1e999]"), HasSubstr("finite"));
  EXPECT_THAT(fault("-1e400"), HasSubstr("-1e400"));
  EXPECT_THAT(fault("NaN"), HasSubstr("not JSON"));
  EXPECT_THAT(fault("Infinity"), HasSubstr("not JSON"));
}

TEST(JsonText, RefusesWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\"}", "01", "1.", "+1", "'a'", "// x\n1",
                           "1 2", "\"\xff\"", "\"\\ud800\"", "\"\t\"", "tru", "{\"a\":1}}"})
    EXPECT_NE(fault(text), "none") << text;
  EXPECT_NE(fault(std::string_view("1\0", 2)), "none");
}

TEST(JsonText, RefusesWhatIsDeeperThanSixteen) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(fault(nested(16)), "none");
  EXPECT_THAT(fault(nested(17)), HasSubstr("deep"));
  EXPECT_NE(fault(std::string(60000, '[')), "none");
}

TEST(JsonText, KeepsTheLastOfEqualKeys) {
  EXPECT_EQ(parse_json(R"({"a":1,"b":0,"a":[2]})").at("a").at(0), 2);
}

TEST(JsonText, WritesWhatJsonHasNoNumberForAsText) {
  EXPECT_EQ(json::serialize(number_json(NAN)), "\"NaN\"");
  EXPECT_EQ(json::serialize(number_json(INFINITY)), "\"Infinity\"");
  EXPECT_EQ(json::serialize(number_json(-INFINITY)), "\"-Infinity\"");
  EXPECT_EQ(json::serialize(number_json(3)), "3");
  EXPECT_EQ(parse_json(json::serialize(number_json(0.1))).get_double(), 0.1);
  EXPECT_TRUE(std::signbit(parse_json(json::serialize(number_json(-0.0))).to_number<double>()));
}

TEST(JsonText, WritesLargeWholeNumbersAsText) {
  EXPECT_EQ(json::serialize(integer_json(1ull << 53)), "9007199254740992");
  EXPECT_EQ(json::serialize(integer_json((1ull << 53) + 1)), "\"9007199254740993\"");
  EXPECT_EQ(json::serialize(integer_json(~0ull)), "\"18446744073709551615\"");
}

}  // namespace
}  // namespace atheria::wire
