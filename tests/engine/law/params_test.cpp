#include "engine/law/params.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

ParamSchema schema() {
  return {{.name = "F", .title = "Feed", .value = 0.04, .lo = 0, .hi = 0.1},
          {.name = "R",
           .title = "Radius",
           .kind = ParamKind::integer,
           .value = 13.0,
           .lo = 2,
           .hi = 64},
          {.name = "V",
           .title = "Potential",
           .kind = ParamKind::choice,
           .value = std::string("none"),
           .choices = {"none", "lattice"}}};
}

TEST(Params, AreDefaultsOverlaidWithWhatIsGiven) {
  const Params params(schema(), {{"F", 0.05}});
  EXPECT_EQ(params.number("F"), 0.05);
  EXPECT_EQ(params.integer("R"), 13);
  EXPECT_EQ(params.text("V"), "none");
}

TEST(Params, NameWhatIsWrongAndWhatWouldDo) {
  const auto fault = [](const ParamMap& given) -> std::string {
    try {
      const Params params(schema(), given);
    } catch (const Error& error) {
      return error.path() + ": " + error.what();
    }
    return "none";
  };
  EXPECT_THAT(fault({{"F", 0.5}}), HasSubstr("params.F: parameter F is 0..0.1, got 0.5"));
  EXPECT_THAT(fault({{"F", std::nan("")}}), HasSubstr("params.F"));
  EXPECT_THAT(fault({{"R", 2.5}}), HasSubstr("whole number"));
  EXPECT_THAT(fault({{"V", std::string("box")}}), HasSubstr("none, lattice"));
  EXPECT_THAT(fault({{"V", 1.0}}), HasSubstr("text"));
  EXPECT_THAT(fault({{"G", 1.0}}), HasSubstr("F, R, V"));
}

TEST(Params, AreReadFromText) {
  EXPECT_EQ(std::get<double>(parse_param(schema()[0], "0.03")), 0.03);
  EXPECT_EQ(std::get<std::string>(parse_param(schema()[2], "lattice")), "lattice");
  EXPECT_THROW(parse_param(schema()[0], "3x"), Error);
}

}  // namespace
}  // namespace atheria
