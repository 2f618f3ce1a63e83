#include "engine/run/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/error.h"
#include "engine/base/pool.h"
#include "engine/run/simulation.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

WorldSpec spec(const std::string& law, std::uint64_t seed, const ParamMap& params = {}) {
  WorldSpec made;
  made.name = "w";
  made.law = law;
  made.params = params;
  made.grid = {33, 24, 1};
  made.init = "noise";
  made.seed = seed;
  return made;
}

// Of several laws, and of one with parameters of each world's own.
std::vector<WorldSpec> some() {
  std::vector<WorldSpec> specs{spec("life", 1), spec("gray-scott", 2, {{"F", 0.03}}),
                               spec("gray-scott", 2, {{"F", 0.05}})};
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    specs.push_back(spec("nca", seed,
                         {{"fire_rate", 0.3 + 0.1 * static_cast<double>(seed)},
                          {"compute", seed % 2 == 0 ? "f32" : "bf16"}}));
  return specs;
}

std::vector<std::uint8_t> alone(const WorldSpec& of, std::uint32_t steps) {
  Simulation world(of);
  world.advance(steps, false);
  return world.read("*").bytes;
}

TEST(Batch, EachWorldGivesTheBitsItGivesAlone) {
  const auto specs = some();
  for (const int threads : {1, 2, 3}) {
    set_shared_pool_threads(threads);
    Batch batch(specs);
    ASSERT_EQ(batch.size(), specs.size());
    batch.advance(13);
    batch.advance(7);
    for (std::size_t i = 0; i < specs.size(); ++i) {
      EXPECT_EQ(batch.read(i).bytes, alone(specs[i], 20)) << i << " on " << threads;
      EXPECT_EQ(batch.step(i), 20U);
    }
  }
  set_shared_pool_threads(0);
}

TEST(Batch, ParametersAreAWorldsOwn) {
  Batch batch({spec("gray-scott", 3), spec("gray-scott", 3)});
  batch.advance(5);
  batch.set_params(1, {{"F", 0.06}});
  batch.advance(5);
  EXPECT_EQ(batch.read(0).bytes, alone(spec("gray-scott", 3), 10));
  EXPECT_NE(batch.read(0).bytes, batch.read(1).bytes);
  EXPECT_EQ(std::get<double>(batch.spec(1).params.at("F")), 0.06);
  EXPECT_NE(std::get<double>(batch.spec(0).params.at("F")), 0.06);
}

TEST(Batch, TellsTheMeasuresOfEachWorld) {
  Batch batch({spec("life", 1), spec("nca", 2)});
  EXPECT_EQ(batch.measure(0).size(), find_law("life").info().measures.size());
  EXPECT_EQ(batch.measure(1).size(), find_law("nca").info().measures.size());
}

TEST(Batch, NamesTheWorldThatCannotBe) {
  try {
    Batch({spec("life", 1), spec("life", 2), spec("no-such-law", 3)});
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("world 2: "));
    EXPECT_THAT(error.what(), HasSubstr("no-such-law"));
  }
  Batch batch({spec("nca", 1)});
  try {
    batch.set_params(0, {{"fire_rate", 2.0}});
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_EQ(error.path(), "params.fire_rate");
    EXPECT_THAT(error.what(), HasSubstr("world 0: "));
  }
}

TEST(Batch, OfNoWorldsDoesNothing) {
  Batch batch({});
  batch.advance(3);
  EXPECT_EQ(batch.size(), 0U);
}

}  // namespace
}  // namespace atheria
