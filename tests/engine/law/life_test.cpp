// What is known of Life from outside, and that the bit-parallel stepper is the equation.
#include "engine/law/life.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/field/place.h"
#include "engine/law/life_rule.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using testing::LawWorld;
using testing::same_bits;

const Law& life() {
  static const auto law = make_life();
  return *law;
}

LawWorld world(const GridSpec& grid, const std::string& init, const std::string& rule = "B3/S23",
               Path path = Path::fast) {
  return LawWorld(
      life(),
      {.grid = grid, .dtype = Dtype::bits, .init = init, .params = {{"rule", rule}}, .path = path});
}

std::int64_t population(const LawWorld& of) {
  return static_cast<std::int64_t>(of.measure("population"));
}

// A pattern's shape and where it is.
RlePattern seen(LawWorld& of) { return pattern_of(of.field()); }

void expect_moves(const std::string& pattern, std::uint32_t steps, int dx, int dy) {
  auto sky = world({64, 64}, "pattern:" + pattern);
  const auto before = seen(sky);
  sky.advance(steps);
  const auto after = seen(sky);
  EXPECT_EQ(after.position->x - before.position->x, dx) << pattern;
  EXPECT_EQ(after.position->y - before.position->y, dy) << pattern;
  auto moved = after;
  moved.position = before.position;
  EXPECT_EQ(write_rle(moved), write_rle(before)) << pattern << " changed its shape";
}

TEST(Life, SpaceshipsMoveAsTheyShould) {
  expect_moves("glider", 4, 1, 1);
  expect_moves("lwss", 4, -2, 0);
  expect_moves("mwss", 4, -2, 0);
  expect_moves("hwss", 4, -2, 0);
  expect_moves("copperhead", 10, 0, -1);
}

TEST(Life, AGliderComesBackAroundTheTorus) {
  for (const int side : {5, 37, 63, 64, 65, 127, 130}) {
    auto torus = world({side, side}, "pattern:glider,x=-2,y=-2");
    const auto before = torus.field().clone();
    torus.advance(static_cast<std::uint32_t>(4 * side - 4));
    EXPECT_FALSE(same_bits(torus.field(), before)) << side;
    torus.advance(4);
    EXPECT_TRUE(same_bits(torus.field(), before)) << side;
  }
}

TEST(Life, StillLifesStay) {
  for (const char* pattern : {"block", "beehive", "eater"}) {
    auto still = world({20, 20}, std::string("pattern:") + pattern);
    const auto before = still.field().clone();
    still.advance(1);
    EXPECT_TRUE(same_bits(still.field(), before)) << pattern;
  }
}

TEST(Life, OscillatorsComeBackAfterTheirPeriodAndNotBefore) {
  struct Oscillator {
    const char* name;
    int period;
  };
  for (const auto [name, period] : {Oscillator{"blinker", 2},
                                    {"toad", 2},
                                    {"beacon", 2},
                                    {"pulsar", 3},
                                    {"pentadecathlon", 15}}) {
    auto clock = world({40, 40}, std::string("pattern:") + name);
    const auto before = clock.field().clone();
    for (int step = 1; step <= period; ++step) {
      clock.advance(1);
      EXPECT_EQ(same_bits(clock.field(), before), step == period) << name << " at step " << step;
    }
  }
}

TEST(Life, APulsarHas48And56And72Cells) {
  auto pulsar = world({32, 32}, "pattern:pulsar");
  EXPECT_EQ(population(pulsar), 48);
  pulsar.advance(1);
  EXPECT_EQ(population(pulsar), 56);
  pulsar.advance(1);
  EXPECT_EQ(population(pulsar), 72);
}

TEST(Life, GospersGunFiresEvery30Steps) {
  auto gun = world({256, 256}, "pattern:gosper-gun");
  gun.advance(30);
  for (int shot = 0; shot < 10; ++shot) {
    const auto before = population(gun);
    gun.advance(30);
    EXPECT_EQ(population(gun) - before, 5) << "shot " << shot;
  }
}

TEST(Life, SimkinsGunFiresEvery120Steps) {
  auto gun = world({256, 256}, "pattern:simkin-gun");
  gun.advance(120);
  for (int shot = 0; shot < 3; ++shot) {
    const auto before = population(gun);
    gun.advance(120);
    EXPECT_EQ(population(gun) - before, 5) << "shot " << shot;
  }
}

TEST(Life, AnEaterTakesWhatAGunFires) {
  auto gun = world({256, 256}, "pattern:gun-and-eater");
  gun.advance(600);
  const auto before = gun.field().clone();
  gun.advance(30);
  EXPECT_TRUE(same_bits(gun.field(), before));
  gun.advance(3000);
  EXPECT_TRUE(same_bits(gun.field(), before)) << "still, much later";
}

TEST(Life, TheRPentominoIsStableAtStep1103With116Cells) {
  auto field = world({1024, 1024}, "pattern:r-pentomino");  // its gliders are not around yet
  field.advance(1102);
  EXPECT_NE(population(field), 116);
  for (int step = 1103; step < 1135; ++step) {
    field.advance(1);
    ASSERT_EQ(population(field), 116) << step;
  }
}

TEST(Life, DiehardIsGoneAfter130Steps) {
  auto field = world({100, 100}, "pattern:diehard");
  field.advance(129);
  EXPECT_GT(population(field), 0);
  field.advance(1);
  EXPECT_EQ(population(field), 0);
}

TEST(Life, TheReplicatorOfHighLifeMakesAnother) {
  auto field = world({128, 128}, "pattern:replicator", "HighLife");
  const auto before = population(field);
  field.advance(12);
  EXPECT_EQ(population(field), 2 * before);
  field.advance(36);
  EXPECT_EQ(population(field), 2 * before) << "at step 48 the two are far apart";
}

// B1357/S1357 adds the eight neighbours modulo 2, so 2^n steps add the eight cells 2^n away.
TEST(Life, TheParityRuleIsLinear) {
  auto field = world({100, 70}, "noise:density=0.2", "B1357/S1357");
  const auto before = field.field().dense()[0][0].clone();
  auto sum = at::zeros_like(before);
  for (const int dy : {-8, 0, 8}) {
    for (const int dx : {-8, 0, 8}) {
      if (dx != 0 || dy != 0) sum = sum.bitwise_xor(before.roll({dy, dx}, {0, 1}));
    }
  }
  field.advance(8);
  EXPECT_TRUE(at::equal(field.field().dense()[0][0], sum));
}

// Life with dead and alive exchanged: a rule with B0, exact on a torus.
TEST(Life, AntiLifeIsLifeInNegative) {
  auto positive = world({90, 50}, "noise:density=0.4");
  auto negative = world({90, 50}, "empty", "B0123478/S01234678");
  negative.field().set_dense(1 - positive.field().dense());
  positive.advance(40);
  negative.advance(40);
  EXPECT_TRUE(at::equal(1 - positive.field().dense(), negative.field().dense()));
}

std::vector<std::string> many_rules() {
  std::vector<std::string> rules;
  for (const auto& known : named_life_rules()) rules.push_back(known.name);
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto draw = random_block(3, 0, i);
    const LifeRule rule{static_cast<std::uint16_t>(draw[0] & 511),
                        static_cast<std::uint16_t>(draw[1] & 511)};
    rules.push_back(to_string(rule));
  }
  return rules;
}

TEST(Life, TheNativeStepperIsTheEquationForEveryRuleAndSize) {
  const std::vector<GridSpec> grids = {{1, 1},   {2, 1},   {1, 2},   {2, 2},  {3, 3},
                                       {5, 4},   {63, 5},  {64, 4},  {65, 7}, {127, 3},
                                       {128, 5}, {130, 6}, {200, 1}, {257, 3}};
  for (const auto& grid : grids) {
    for (const auto& rule : many_rules()) {
      auto fast = world(grid, "noise:density=0.4", rule);
      auto slow = world(grid, "noise:density=0.4", rule, Path::reference);
      fast.advance(3);
      slow.advance(3);
      ASSERT_TRUE(same_bits(fast.field(), slow.field())) << to_string(grid) << " " << rule;
    }
  }
}

TEST(Life, BitsAreTheSameOnAnyNumberOfThreads) {
  auto one = world({130, 77}, "noise:density=0.3");
  set_shared_pool_threads(1);
  one.advance(25);
  for (const int threads : {2, 3, 5}) {
    set_shared_pool_threads(threads);
    auto many = world({130, 77}, "noise:density=0.3");
    many.advance(25);
    EXPECT_TRUE(same_bits(one.field(), many.field())) << threads;
  }
  set_shared_pool_threads(0);
}

TEST(Life, FloatsLiveAsBitsDo) {
  auto bits = world({70, 40}, "noise:density=0.3");
  LawWorld floats(life(), {.grid = {70, 40}, .dtype = Dtype::f32});
  floats.field().set_dense(bits.field().dense());
  bits.advance(12);
  floats.advance(12);
  EXPECT_TRUE(at::equal(floats.field().dense().to(at::kByte), bits.field().dense()));
}

TEST(Life, ARuleThatCannotBeReadStopsThePlan) {
  EXPECT_THROW(world({8, 8}, "empty", "B9/S23"), Error);
  EXPECT_THROW(world({8, 8}, "empty", "B9/S23", Path::reference), Error);
}

}  // namespace
}  // namespace atheria
