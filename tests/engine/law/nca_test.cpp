#include "engine/law/nca.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/law/nca_reference.h"
#include "engine/law/nca_weights.h"
#include "engine/store/safetensors.h"
#include "tests/engine/law/law_world.h"
#include "tests/engine/law/nca_worlds.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::nca;
using testing::same_bits;
using testing::some_weights;
using testing::WeightsFile;

LawWorld world(const std::string& weights, const GridSpec& grid, const std::string& init,
               double fire_rate = 0.5, Dtype dtype = Dtype::f32, Path path = Path::fast) {
  return LawWorld(nca(), {.grid = grid,
                          .dtype = dtype,
                          .init = init,
                          .params = {{"weights", weights}, {"fire_rate", fire_rate}},
                          .path = path});
}

TEST(Nca, DrawsThePhiloxNumbersOfItsCells) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
    for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1} << 40}) {
      const auto words = philox_words(seed, step, 300, at::kCPU);
      for (std::int64_t cell = 0; cell < 300; ++cell) {
        ASSERT_EQ(words[cell].item<std::int64_t>(),
                  random_block(seed, step, static_cast<std::uint64_t>(cell))[0]);
      }
    }
  }
}

TEST(Nca, FiresByTheRateItIsTold) {
  EXPECT_EQ(fire_threshold(0), 0);
  EXPECT_EQ(fire_threshold(1), 1 << 24);
  for (const double rate : {0.25, 0.3, 1e-9, 0.5}) {
    const auto first = fire_threshold(rate);
    EXPECT_GE(static_cast<double>(first) * 0x1p-24, rate);
    EXPECT_LT(static_cast<double>(first - 1) * 0x1p-24, rate);
  }
}

TEST(Nca, TheNativeStepperIsTheEquation) {
  const WeightsFile weights;
  for (const GridSpec grid : {GridSpec{1, 1}, {2, 3}, {1, 9}, {7, 1}, {33, 17}, {64, 40}}) {
    for (const double rate : {0.0, 0.5, 1.0}) {
      for (const char* init : {"noise:lo=-0.3,hi=0.4", "cell", "blobs:count=2,radius=3"}) {
        auto fast = world(weights.path(), grid, init, rate);
        auto slow = world(weights.path(), grid, init, rate, Dtype::f32, Path::reference);
        fast.advance(1);
        slow.advance(1);
        EXPECT_LE(largest_difference(fast.field(), slow.field()), 1e-5)
            << to_string(grid) << init << rate;
        auto exact = world(weights.path(), grid, init, rate, Dtype::f64);
        auto oracle = world(weights.path(), grid, init, rate, Dtype::f64, Path::reference);
        exact.advance(4);
        oracle.advance(4);
        EXPECT_LE(largest_difference(exact.field(), oracle.field()), 1e-12)
            << to_string(grid) << init << rate;
      }
    }
  }
}

TEST(Nca, AnyHiddenSizeWorks) {
  for (const std::int64_t hidden : {1, 4, 5, 128}) {
    const WeightsFile weights(some_weights(hidden));
    auto fast = world(weights.path(), {20, 20}, "noise", 0.5, Dtype::f64);
    auto slow = world(weights.path(), {20, 20}, "noise", 0.5, Dtype::f64, Path::reference);
    fast.advance(2);
    slow.advance(2);
    EXPECT_LE(largest_difference(fast.field(), slow.field()), 1e-12) << hidden;
  }
}

TEST(Nca, BitsAreTheSameOnAnyNumberOfThreadsAndInAnyPortions) {
  const WeightsFile weights;
  set_shared_pool_threads(1);
  auto one = world(weights.path(), {41, 30}, "noise");
  one.advance(12);
  for (const int threads : {2, 3}) {
    set_shared_pool_threads(threads);
    auto many = world(weights.path(), {41, 30}, "noise");
    many.advance(5);
    many.advance(7);
    EXPECT_TRUE(same_bits(one.field(), many.field())) << threads;
  }
  set_shared_pool_threads(0);
}

TEST(Nca, WithoutChanceALawIsTheSameEverywhere) {
  const WeightsFile weights;
  auto here = world(weights.path(), {33, 20}, "blobs:count=3,radius=3", 1);
  auto there = world(weights.path(), {33, 20}, "empty", 1);
  there.field().set_dense(here.field().dense().roll({13, 29}, {2, 3}));
  here.advance(6);
  there.advance(6);
  EXPECT_TRUE(at::equal(here.field().dense().roll({13, 29}, {2, 3}), there.field().dense()));
}

TEST(Nca, NothingHappensWhenNothingFires) {
  const WeightsFile weights;
  auto still = world(weights.path(), {20, 20}, "cell", 0);
  const auto before = still.field().clone();
  still.advance(10);
  EXPECT_TRUE(same_bits(still.field(), before));
}

TEST(Nca, WhatHasNoLivingNeighbourDies) {
  const WeightsFile weights;
  auto faint = world(weights.path(), {20, 20}, "noise:lo=0,hi=0.09");
  faint.advance(1);
  EXPECT_TRUE((faint.field().planes() == 0).all().item<bool>());
}

TEST(Nca, LifeSpreadsOneCellAStepAtMost) {
  const WeightsFile weights;
  auto growing = world(weights.path(), {40, 40}, "cell", 1);
  for (int step = 1; step <= 6; ++step) {
    growing.advance(1);
    auto outside = growing.field().dense().clone();
    const int reach = step;
    outside.slice(2, 20 - reach, 21 + reach).slice(3, 20 - reach, 21 + reach).zero_();
    ASSERT_TRUE((outside == 0).all().item<bool>()) << step;
  }
}

class Flower : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto shipped = shipped_nca_weights(kNcaSeen);
    ASSERT_NE(std::find(shipped.begin(), shipped.end(), "flower"), shipped.end());
  }
};

TEST_F(Flower, GrowsFromOneCellAndThenStaysWhatItIs) {
  auto flower = world("flower", {64, 64}, "cell");
  EXPECT_EQ(flower.measure("alive"), 9);
  flower.advance(200);
  const double grown = flower.measure("alpha");
  testing::report("flower_alpha_at_200", grown);
  EXPECT_GT(grown, 150);
  EXPECT_LT(grown, 700);
  flower.advance(300);
  testing::report("flower_alpha_at_500", flower.measure("alpha"));
  EXPECT_NEAR(flower.measure("alpha") / grown, 1, 0.15);
  EXPECT_LT(flower.field().planes().abs().max().item<double>(), 10);
}

TEST_F(Flower, HealsWhenAPartIsCutAway) {
  auto flower = world("flower", {64, 64}, "cell");
  flower.advance(200);
  const double grown = flower.measure("alpha");
  auto dense = flower.field().dense().clone();
  dense.slice(3, 36).zero_();
  flower.field().set_dense(dense);
  flower.touched();
  const double cut = flower.measure("alpha");
  EXPECT_LT(cut, 0.85 * grown);
  flower.advance(300);
  testing::report("flower_alpha_healed", flower.measure("alpha") / grown);
  EXPECT_NEAR(flower.measure("alpha") / grown, 1, 0.15);
}

std::string fault_of(const std::string& weights) {
  try {
    world(weights, {8, 8}, "cell");
    return "nothing wrong";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string fault_of(const Safetensors& weights) { return fault_of(WeightsFile(weights).path()); }

TEST(NcaWeights, OfAWrongShapeAreRefusedByName) {
  auto file = some_weights();
  EXPECT_EQ(fault_of(file), "nothing wrong");
  file.tensors["l1.weight"] = at::zeros({21, 36});
  EXPECT_THAT(fault_of(file), HasSubstr("l1.weight is [21, 36]"));
  file = some_weights();
  file.tensors["l2.weight"] = at::zeros({12, 21});
  EXPECT_THAT(fault_of(file), HasSubstr("needs [16, 21]"));
  file = some_weights();
  file.tensors["l1.weight"] = at::zeros({48});
  EXPECT_THAT(fault_of(file), HasSubstr("[H, 48]"));
  file = some_weights();
  file.tensors["l1.weight"] = at::zeros({0, 48});
  EXPECT_THAT(fault_of(file), HasSubstr("H 1..1024"));
}

TEST(NcaWeights, ThatLackATensorOrANumberAreRefused) {
  auto file = some_weights();
  file.tensors.erase("l2.bias");
  EXPECT_THAT(fault_of(file), HasSubstr("no tensor 'l2.bias'"));
  file = some_weights();
  file.tensors["l1.bias"][3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(fault_of(file), HasSubstr("l1.bias has NaN"));
}

TEST(NcaWeights, ThatAreNotThereAreAnsweredWithThoseThatAre) {
  EXPECT_THAT(fault_of("no-such"), HasSubstr("no weights 'no-such'"));
  EXPECT_THAT(fault_of("no-such"), HasSubstr("flower"));
  EXPECT_THAT(fault_of("tests"), HasSubstr("not a file"));
}

TEST(NcaWeights, MayBeInAnyPrecision) {
  auto file = some_weights();
  const WeightsFile single(file);
  auto a = world(single.path(), {16, 16}, "noise");
  for (auto& [name, tensor] : file.tensors) tensor = tensor.to(at::kDouble);
  write_safetensors(single.path(), file);
  auto b = world(single.path(), {16, 16}, "noise");
  a.advance(3);
  b.advance(3);
  EXPECT_TRUE(same_bits(a.field(), b.field()));
}

}  // namespace
}  // namespace atheria
