// The transforms of the spectral laws' fast paths, by themselves. That the laws come out right is in
// split_step_native_test.cpp and lenia_native_test.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <set>

#include "engine/kernels/cpu/fft_plan.h"
#include "engine/kernels/cpu/split_step.h"

namespace atheria {
namespace {

using cpu::FftPlan;
using cpu::FftRowPlan;
using cpu::FftStrips;
using cpu::kFftLanes;
using cpu::kFftVector;

TEST(FftPlan, TakesLengthsWithoutLargePrimes) {
  for (const int length : {2, 3, 4, 5, 6, 30, 96, 100, 180, 256, 1000, 1024, 1080, 65536})
    EXPECT_TRUE(FftPlan<float>::fits(length)) << length;
  for (const int length : {-16, 0, 1, 7, 14, 22, 97, 1001})
    EXPECT_FALSE(FftPlan<float>::fits(length)) << length;
  for (const int width : {32, 48, 64, 80, 96, 1024, 1920})
    EXPECT_TRUE(FftRowPlan<float>::fits(width)) << width;
  for (const int width : {0, 1, 8, 16, 40, 100, 112, 1000})
    EXPECT_FALSE(FftRowPlan<float>::fits(width)) << width;
}

TEST(FftPlan, HoldsEveryFrequencyOnce) {
  for (const int length : {2, 3, 5, 12, 64, 90, 180, 480, 512, 1024, 3125}) {
    const FftPlan<double> plan(length);
    std::set<std::int64_t> found;
    for (int p = 0; p < length; ++p) found.insert(plan.frequency(p));
    EXPECT_EQ(found.size(), static_cast<std::size_t>(length));
    EXPECT_EQ(*found.begin(), 0);
    EXPECT_EQ(*found.rbegin(), length - 1);
    EXPECT_EQ(plan.frequency(0), 0);
  }
}

TEST(FftRowPlan, HoldsEveryFrequencyOfEveryRowOnce) {
  for (const int width : {32, 48, 64, 80, 96, 128, 160, 256, 512, 768}) {
    const FftRowPlan<double> plan(width);
    std::set<std::pair<std::int64_t, std::int64_t>> found;  // row, frequency
    for (std::int64_t group = 0; group < plan.groups(); ++group)
      for (int k = 0; k < kFftLanes; ++k)
        for (int lane = 0; lane < kFftLanes; ++lane)
          found.emplace(plan.vector(group, lane) / (width / kFftLanes),
                        plan.frequency(group, k, lane));
    EXPECT_EQ(found.size(), static_cast<std::size_t>(width * plan.rows().rows)) << width;
    EXPECT_EQ(found.rbegin()->second, width - 1);
  }
}

// A world whose motion is a shift by (x, y) cells: exp(-2 pi i k x / width) is what a transform of a
// shifted row has more. Only forward, factors and inverse together, in the order of frequencies the
// plans tell, give it. Factors are kept less 1.
template <class T>
class Shift {
 public:
  Shift(int width, int height, int x, int y)
      : width_(width),
        height_(height),
        rows_(width, 1.0 / width / height),
        columns_(height),
        batches_((height + rows_.rows().rows - 1) / rows_.rows().rows),
        strips_(columns_.axis().leaf, batches_ * rows_.rows().rows),
        wave_(static_cast<std::size_t>(width / kFftLanes * strips_.length)),
        row_factors_(static_cast<std::size_t>(rows_.groups() * kFftLanes * kFftVector)),
        column_factors_(static_cast<std::size_t>(2 * height)) {
    auto* factor = row_factors_.data();
    for (std::int64_t group = 0; group < rows_.groups(); ++group)
      for (int k = 0; k < kFftLanes; ++k, factor += kFftVector)
        for (int lane = 0; lane < kFftLanes; ++lane)
          put(factor + lane, kFftLanes, rows_.frequency(group, k, lane) * x, width);
    for (int p = 0; p < height; ++p)
      put(&column_factors_[static_cast<std::size_t>(2 * p)], 1, columns_.frequency(p) * y, height);
  }

  // re then im of every cell, in place.
  void run(std::vector<T>& planes, Isa isa) {
    const cpu::SplitStep<T> world{width_,
                                  height_,
                                  planes.data(),
                                  planes.data() + width_ * height_,
                                  wave_.data(),
                                  strips_.length,
                                  strips_.leap,
                                  rows_.rows(),
                                  columns_.axis(),
                                  row_factors_.data(),
                                  column_factors_.data(),
                                  cpu::PhaseKind::none,
                                  nullptr,
                                  T(0)};
    const auto kernels = cpu::split_step_kernels<T>(isa);
    kernels.rows(world, true, 0, batches_);
    kernels.columns(world, true, 0, width_ / kFftLanes);
  }

 private:
  static void put(T* re, int apart, std::int64_t turns, int length) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(turns % length) / length;
    re[0] = static_cast<T>(std::cos(angle) - 1);
    re[apart] = static_cast<T>(std::sin(angle));
  }

  std::int64_t width_, height_;
  FftRowPlan<T> rows_;
  FftPlan<T> columns_;
  std::int64_t batches_;
  FftStrips strips_;
  std::vector<T> wave_, row_factors_, column_factors_;
};

// Largest difference from the world moved by (x, y), whose cells are all of size 1 or less.
template <class T>
double error_of_shift(int width, int height, Isa isa) {
  const int x = width / 3, y = height / 2;
  const auto cells = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<T> planes(2 * cells);
  for (std::size_t i = 0; i < planes.size(); ++i)
    planes[i] = static_cast<T>(std::sin(static_cast<double>(i * i % 1009)));
  const auto before = planes;
  Shift<T>(width, height, x, y).run(planes, isa);
  double worst = 0;
  for (std::size_t i = 0; i < cells; ++i) {
    const int column = (static_cast<int>(i) % width + x) % width;
    const int row = (static_cast<int>(i) / width + y) % height;
    const auto there = static_cast<std::size_t>(row * width + column);
    for (const auto plane : {std::size_t{0}, cells})
      worst = std::max(worst, std::abs(double{planes[plane + there]} - double{before[plane + i]}));
  }
  return worst;
}

TEST(FftKernels, APhaseRampMovesTheWorldOnEveryInstructionSet) {
  // Every radix in every place, rows by one and by several, blocks with and without padding.
  const std::vector<std::pair<int, int>> sizes{
      {32, 2},   {48, 3},    {64, 5},    {80, 8},    {96, 6},    {128, 16},  {144, 25}, {160, 27},
      {192, 32}, {240, 45},  {256, 64},  {400, 100}, {512, 128}, {768, 180}, {32, 256}, {64, 384},
      {32, 512}, {32, 1024}, {64, 2048}, {2048, 48}, {4096, 4},  {32, 768},  {48, 1280}};
  for (const auto isa : isas_here())
    for (const auto& [width, height] : sizes) {
      SCOPED_TRACE(fmt::format("{} {} x {}", to_string(isa), width, height));
      EXPECT_LT(error_of_shift<float>(width, height, isa), 1e-6);
      EXPECT_LT(error_of_shift<double>(width, height, isa), 5e-15);
    }
}

}  // namespace
}  // namespace atheria
