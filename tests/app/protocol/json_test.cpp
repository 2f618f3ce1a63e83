#include "app/protocol/json.h"

#include <gmock/gmock.h>

#include <cmath>

#include "app/protocol/npy.h"

namespace atheria::wire {
namespace {

LawInfo law() {
  LawInfo info;
  info.name = "test";
  info.title = "A test";
  info.channels = {{.name = "u", .unit = "m", .lo = -1, .hi = 1}};
  info.radius = kGlobalRadius;
  info.dimensions = {2, 3};
  info.dtypes = {atheria::Dtype::f32, atheria::Dtype::bits};
  info.params = {{.name = "rule",
                  .title = "Rule",
                  .kind = ParamKind::choice,
                  .value = std::string("a"),
                  .choices = {"a", "b"}}};
  info.presets = {{.name = "one", .title = "One", .params = {{"dt", 0.25}}}};
  return info;
}

std::vector<std::string> keys(const json::object& object) {
  std::vector<std::string> out;
  for (const auto& entry : object) out.emplace_back(entry.key());
  return out;
}

WorldState state() {
  WorldState out;
  out.spec.name = "w";
  out.spec.law = "test";
  out.spec.grid = {32, 16, 4};
  out.spec.dtype = "f32";
  out.spec.seed = (1ull << 60) + 1;
  out.spec.params = {{"dt", 0.1}, {"rule", std::string("a")}};
  out.step = 12;
  out.playing = true;
  return out;
}

TEST(WorldJson, HasTheFieldsOfTheProtocol) {
  const json::object world =
      world_json(state(), law(), {}, {{.name = "mass", .unit = "kg", .about = "all"}});
  EXPECT_THAT(keys(world),
              testing::ElementsAre("name", "law", "title", "preset", "size", "dtype", "device",
                                   "path", "init", "seed", "params", "pace", "guard", "state",
                                   "step", "time", "stepsPerSecond", "cellsPerSecond", "failure",
                                   "undo", "redo", "revision", "leasedBy", "views", "series"));
  EXPECT_EQ(json::serialize(world.at("size")), "[32,16,4]");
  EXPECT_EQ(world.at("seed"), "1152921504606846977");
  EXPECT_EQ(world.at("state"), "playing");
  EXPECT_TRUE(world.at("failure").is_null());
  EXPECT_TRUE(world.at("leasedBy").is_null());
  EXPECT_EQ(json::serialize(world.at("params")), R"({"dt":1E-1,"rule":"a"})");
  EXPECT_EQ(json::serialize(world.at("pace")),
            R"({"mode":"every","every":1,"maxFps":60,"stepsPerSecond":0})");
  EXPECT_EQ(json::serialize(world.at("series")), R"([{"name":"mass","unit":"kg","about":"all"}])");
}

TEST(WorldJson, SaysWhyAWorldFailed) {
  WorldState failed = state();
  failed.playing = false;
  EXPECT_EQ(world_json(failed, law(), {}, {}).at("state"), "paused");
  failed.failure = "u has NaN at step 12";
  const json::object world = world_json(failed, law(), {}, {});
  EXPECT_EQ(world.at("state"), "failed");
  EXPECT_EQ(world.at("failure"), "u has NaN at step 12");
}

TEST(LawJson, HasTheFieldsOfTheProtocol) {
  const json::object out = law_json(law(), {{.name = "u", .title = "U", .unit = "m"}});
  EXPECT_THAT(keys(out), testing::ElementsAre("name", "title", "about", "equation", "reference",
                                              "channels", "radius", "complex", "stochastic",
                                              "dimensions", "dtypes", "measures", "params",
                                              "presets", "init", "view", "colormap", "views"));
  EXPECT_EQ(json::serialize(out.at("dtypes")), R"(["f32","bits"])");
  EXPECT_EQ(json::serialize(out.at("dimensions")), "[2,3]");
  EXPECT_EQ(out.at("radius"), -1);
  const json::value& param = out.at("params").at(0);
  EXPECT_EQ(param.at("kind"), "choice");
  EXPECT_EQ(json::serialize(param.at("choices")), R"(["a","b"])");
  EXPECT_EQ(json::serialize(out.at("views")),
            R"([{"name":"u","title":"U","unit":"m","range":[0,1],"cyclic":false,"channels":1}])");
}

TEST(TopicsJson, GiveShapesAsNumpyDoes) {
  const json::array topics =
      topics_json(state(), {{.name = "u", .title = "", .unit = "m", .lo = -1}});
  EXPECT_EQ(
      json::serialize(topics),
      R"([{"topic":"w/u","shape":[4,16,32],"dtype":"f32","range":[-1,1],"unit":"m","cyclic":false,"channels":1}])");
}

TEST(ResultJson, WritesNotNumbersAsText) {
  EXPECT_EQ(json::serialize(named_json({"a", "b", "c"}, {1, NAN, -INFINITY})),
            R"({"a":1,"b":"NaN","c":"-Infinity"})");
  EXPECT_EQ(json::serialize(histogram_json({.lo = 0, .hi = 2, .counts = {3, 4}, .nan = 1})),
            R"({"range":[0,2],"counts":[3,4],"nan":1})");
}

TEST(Npy, HasAHeaderAsNumpyWritesIt) {
  const FieldCopy field{
      .bytes = std::vector<std::uint8_t>(2 * 3 * 4), .descr = "<f4", .shape = {2, 3}};
  const std::string header = npy_header(field);
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(static_cast<unsigned char>(header[8]) + 256u * header[9], header.size() - 10);
  EXPECT_THAT(header,
              testing::HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
  EXPECT_EQ(header.back(), '\n');
  EXPECT_THAT(npy_header({.bytes = {1, 2}, .descr = "|u1", .shape = {2}}),
              testing::HasSubstr("'shape': (2,), "));
}

TEST(Npy, RefusesBytesThatAreNotTheShape) {
  EXPECT_THROW(npy_header({.bytes = {1, 2, 3}, .descr = "<f4", .shape = {1}}), Error);
}

}  // namespace
}  // namespace atheria::wire
