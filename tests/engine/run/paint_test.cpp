#include "engine/run/paint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/field/seed_patterns.h"
#include "tests/engine/view/sample_laws.h"

namespace atheria {
namespace {

const GridSpec kGrid{64, 48};

std::vector<Channel> two_channels() {
  return {{.name = "u", .lo = 0, .hi = 1, .background = 1, .ink = 0.5},
          {.name = "v", .lo = 2, .hi = 4, .background = 0, .ink = 0.25}};
}

Paint dab(float x, float y, float radius, Tool tool = Tool::brush) {
  Paint paint;
  paint.tool = tool;
  paint.points = {{x, y}};
  paint.radius = radius;
  return paint;
}

Field background(const std::vector<Channel>& channels, GridSpec grid = kGrid,
                 Dtype dtype = Dtype::f32) {
  return filled(grid, static_cast<int>(channels.size()), dtype,
                [&](int c, int, int, int) { return channels[c].background; });
}

void apply(Field& field, const Paint& edit, const std::vector<Channel>& channels = two_channels(),
           bool complex = false) {
  paint(field, channels, complex, edit, /*seed=*/1, /*step=*/5);
}

bool same(const Field& a, const Field& b) { return a.planes().equal(b.planes()); }

std::int64_t changed_cells(const Field& a, const Field& b) {
  return a.dense().ne(b.dense()).any(0).sum().item<std::int64_t>();
}

// Acts, and says which argument was refused.
template <typename Act>
std::string path_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.path();
  }
  return "no error";
}

TEST(Paint, ABrushPutsInkWithinItsRadius) {
  Field field = background(two_channels());
  apply(field, dab(20, 10, 3));
  for (int y = 0; y < kGrid.height; ++y) {
    for (int x = 0; x < kGrid.width; ++x) {
      const bool inside = std::hypot(x - 20, y - 10) <= 3;
      ASSERT_EQ(field.value(0, x, y), inside ? 0.5 : 1);
      ASSERT_EQ(field.value(1, x, y), inside ? 0.25 : 0);
    }
  }
}

TEST(Paint, WrapsAroundTheTorus) {
  Field field = background(two_channels());
  apply(field, dab(0, 0, 2));
  for (const auto& [x, y] : {std::pair{0, 0}, {63, 0}, {0, 47}, {63, 47}, {62, 0}, {2, 0}}) {
    EXPECT_EQ(field.value(1, x, y), 0.25) << x << ' ' << y;
  }
  EXPECT_EQ(field.value(1, 61, 0), 0);
  EXPECT_EQ(field.value(1, 62, 47), 0);
}

TEST(Paint, TheSmallestDabLeavesAMark) {
  for (const auto& [x, y, cells] :
       {std::tuple{10.0F, 10.0F, 1}, {10.5F, 10.0F, 2}, {10.5F, 10.5F, 4}}) {
    Field field = background(two_channels());
    apply(field, dab(x, y, 0.5));
    EXPECT_EQ(changed_cells(field, background(two_channels())), cells);
  }
}

TEST(Paint, APathIsOneStrokeWithoutGaps) {
  Paint path = dab(5, 5, 1.5F);
  path.points = {{5, 5}, {40, 5}, {40, 30}};
  Field field = background(two_channels());
  apply(field, path);
  for (int x = 5; x <= 40; ++x) EXPECT_EQ(field.value(1, x, 5), 0.25);
  for (int y = 5; y <= 30; ++y) EXPECT_EQ(field.value(1, 40, y), 0.25);
  EXPECT_EQ(field.value(1, 20, 20), 0);
}

TEST(Paint, SoftnessFallsOffFromTheCentre) {
  Paint soft = dab(30, 20, 12);
  soft.softness = 1;
  Field field = background(two_channels());
  apply(field, soft);
  EXPECT_EQ(field.value(1, 30, 20), 0.25);
  for (int x = 30; x < 42; ++x) EXPECT_GT(field.value(1, x, 20), field.value(1, x + 1, 20)) << x;
  EXPECT_EQ(field.value(1, 42, 20), 0);
}

TEST(Paint, ASoftStrokeThatMeetsItselfIsNotStrongerThere) {
  Paint once = dab(30, 20, 10);
  once.softness = 1;
  Paint often = once;
  often.points.assign(20, {30, 20});
  Field a = background(two_channels());
  Field b = background(two_channels());
  apply(a, once);
  apply(b, often);
  EXPECT_TRUE(same(a, b));
}

TEST(Paint, EraseRestoresTheBackgroundExactly) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    auto channels = two_channels();
    channels[0].background = 0.1;
    Field field = background(channels, kGrid, dtype);
    Paint noise = dab(60, 40, 15, Tool::noise);
    apply(field, noise, channels);
    EXPECT_FALSE(same(field, background(channels, kGrid, dtype)));
    apply(field, dab(60, 40, 15, Tool::erase), channels);
    EXPECT_TRUE(same(field, background(channels, kGrid, dtype)));
  }
}

TEST(Paint, EraseHealsNan) {
  Field field = background(two_channels());
  field.planes().fill_(std::nan(""));
  apply(field, dab(10, 10, 2, Tool::erase));
  EXPECT_EQ(field.value(0, 10, 10), 1);
  EXPECT_TRUE(std::isnan(field.value(0, 20, 10)));
}

TEST(Paint, ValueMixesFromBackgroundToInk) {
  Paint half = dab(10, 10, 2);
  half.value = 0.5;
  Field field = background(two_channels());
  apply(field, half);
  EXPECT_EQ(field.value(0, 10, 10), 0.75);
  half.value = 2;
  apply(field, half);
  EXPECT_EQ(field.value(0, 10, 10), 0);
}

TEST(Paint, OneChannelLeavesTheOthers) {
  Paint only_v = dab(10, 10, 4);
  only_v.channel = "v";
  Field field = background(two_channels());
  apply(field, only_v);
  EXPECT_EQ(field.value(0, 10, 10), 1);
  EXPECT_EQ(field.value(1, 10, 10), 0.25);
}

TEST(Paint, NoiseStaysInTheChannelsSpanAndComesAgain) {
  Field field = background(two_channels());
  Field again = background(two_channels());
  Field other = background(two_channels());
  const Paint noise = dab(30, 20, 10, Tool::noise);
  apply(field, noise);
  apply(again, noise);
  paint(other, two_channels(), false, noise, /*seed=*/2, /*step=*/5);
  EXPECT_TRUE(same(field, again));
  EXPECT_FALSE(same(field, other));
  for (int x = 21; x < 40; ++x) {
    EXPECT_GE(field.value(1, x, 20), 2);
    EXPECT_LE(field.value(1, x, 20), 4);
    EXPECT_NE(field.value(1, x, 20), field.value(1, x, 21));
  }
}

const std::vector<Channel> kAmplitude = {{.name = "re", .lo = -1, .hi = 1},
                                         {.name = "im", .lo = -1, .hi = 1, .ink = 0}};

TEST(Paint, ABrushOnAComplexFieldKeepsItsPhase) {
  Field field =
      filled(kGrid, 2, Dtype::f64, [](int c, int, int, int) { return c == 0 ? -0.03 : 0.04; });
  Paint brush = dab(10, 10, 3);
  brush.value = 2;
  apply(field, brush, kAmplitude, /*complex=*/true);
  EXPECT_NEAR(field.value(0, 10, 10), -1.2, 1e-12);
  EXPECT_NEAR(field.value(1, 10, 10), 1.6, 1e-12);
  EXPECT_EQ(field.value(0, 20, 10), -0.03);
}

TEST(Paint, ABrushOnEmptyComplexCellsIsReal) {
  Field field(kGrid, 2, Dtype::f32);
  apply(field, dab(10, 10, 3), kAmplitude, /*complex=*/true);
  EXPECT_EQ(field.value(0, 10, 10), 1);
  EXPECT_EQ(field.value(1, 10, 10), 0);
}

TEST(Paint, OnePartOfAComplexFieldIsAPlainChannel) {
  Field field = filled(kGrid, 2, Dtype::f32, [](int, int, int, int) { return 0.5; });
  Paint only_re = dab(10, 10, 3);
  only_re.channel = "re";
  apply(field, only_re, kAmplitude, /*complex=*/true);
  EXPECT_EQ(field.value(0, 10, 10), 1);
  EXPECT_EQ(field.value(1, 10, 10), 0.5);
}

const std::vector<Channel> kAlive = {{.name = "alive"}};

TEST(PaintBits, BrushSetsAndEraseClears) {
  const GridSpec grid{100, 40};
  Field field(grid, 1, Dtype::bits);
  apply(field, dab(99, 20, 6), kAlive);
  for (int y = 0; y < grid.height; ++y) {
    for (int x = 0; x < grid.width; ++x) {
      const int away = std::min(std::abs(x - 99), 100 - std::abs(x - 99));
      ASSERT_EQ(field.value(0, x, y), std::hypot(away, y - 20) <= 6);
    }
  }
  apply(field, dab(99, 20, 6, Tool::erase), kAlive);
  EXPECT_TRUE(same(field, Field(grid, 1, Dtype::bits)));
}

TEST(PaintBits, CellsPastTheWidthStayZero) {
  Field field(GridSpec{100, 4}, 1, Dtype::bits);
  apply(field, dab(50, 2, 200), kAlive);
  EXPECT_EQ(field.dense().sum().item<std::int64_t>(), 400);
  EXPECT_EQ(field.planes()[0][0][0][1].item<std::int64_t>(), (std::int64_t{1} << 36) - 1);
}

TEST(PaintBits, NoiseSetsAboutHalf) {
  Field field(GridSpec{256, 256}, 1, Dtype::bits);
  apply(field, dab(128, 128, 100, Tool::noise), kAlive);
  const double share = field.dense().sum().item<double>() / (3.14159 * 100 * 100);
  EXPECT_NEAR(share, 0.5, 0.02);
}

TEST(Paint, ADabInAVolumeIsABall) {
  const GridSpec grid{20, 20, 16};
  Field field = background(two_channels(), grid);
  Paint ball = dab(10, 10, 4);
  ball.z = 1;
  apply(field, ball);
  for (int z = 0; z < grid.depth; ++z) {
    const int away = std::min(std::abs(z - 1), 16 - std::abs(z - 1));
    for (int x = 0; x < grid.width; ++x) {
      ASSERT_EQ(field.value(1, x, 10, z), std::hypot(x - 10, away) <= 4 ? 0.25 : 0)
          << x << ' ' << z;
    }
  }
}

TEST(PaintStamp, PutsAPatternsCellsCentredAtEachPoint) {
  Paint stamp = dab(10, 10, 4, Tool::stamp);
  stamp.points.push_back({0, 0});
  stamp.pattern = "bo$2bo$3o!";
  Field field(kGrid, 1, Dtype::bits);
  apply(field, stamp, kAlive);
  EXPECT_EQ(field.dense().sum().item<std::int64_t>(), 10);
  for (const auto& [x, y] :
       {std::pair{10, 9}, {11, 10}, {9, 11}, {10, 11}, {11, 11}, {0, 47}, {1, 0}, {63, 1}}) {
    EXPECT_EQ(field.value(0, x, y), 1) << x << ' ' << y;
  }
}

TEST(PaintStamp, LeavesDeadCellsAlone) {
  Paint stamp = dab(10, 10, 4, Tool::stamp);
  stamp.pattern = "3o!";
  Field field(kGrid, 1, Dtype::bits);
  apply(field, dab(10, 11, 0.5), kAlive);
  apply(field, stamp, kAlive);
  EXPECT_EQ(field.dense().sum().item<std::int64_t>(), 4);
}

TEST(PaintStamp, KnowsPatternsByName) {
  Paint stamp = dab(10, 10, 4, Tool::stamp);
  stamp.pattern = "glider";
  Field field = background(two_channels());
  apply(field, stamp);
  EXPECT_EQ(changed_cells(field, background(two_channels())), 5);
}

TEST(PaintStamp, PutsTheValuesOfASeed) {
  Paint stamp = dab(10, 10, 4, Tool::stamp);
  stamp.pattern = "orbium";
  const SeedPattern* orbium = find_seed_pattern("orbium");
  ASSERT_NE(orbium, nullptr);
  const std::vector<Channel> mass = {{.name = "mass"}};
  Field field = background(mass, {100, 100});
  apply(field, stamp, mass);
  double total = 0;
  for (const float value : orbium->values) total += value;
  EXPECT_NEAR(field.planes().sum().item<double>(), total, 1e-3);
  Field bits(kGrid, 1, Dtype::bits);
  EXPECT_EQ(path_of([&] { apply(bits, stamp, kAlive); }), "args.pattern");
}

TEST(PaintStamp, ACountOfMillionsCostsNothingUntilItFits) {
  Paint stamp = dab(10, 10, 4, Tool::stamp);
  stamp.pattern = "999999999o!";
  Field field(kGrid, 1, Dtype::bits);
  EXPECT_EQ(path_of([&] { apply(field, stamp, kAlive); }), "args.pattern");
}

TEST(PaintStamp, RefusesWhatIsNoPattern) {
  Paint stamp = dab(10, 10, 4, Tool::stamp);
  for (const char* pattern : {"", "no such pattern", "3q!"}) {
    stamp.pattern = pattern;
    Field field(kGrid, 1, Dtype::bits);
    EXPECT_EQ(path_of([&] { apply(field, stamp, kAlive); }), "args.pattern") << pattern;
    EXPECT_EQ(path_of([&] { validate(stamp, bits_law()); }), "args.pattern") << pattern;
  }
}

TEST(PaintStamp, RefusesAPatternLargerThanTheField) {
  Paint stamp = dab(1, 1, 4, Tool::stamp);
  stamp.pattern = "3o!";
  Field field(GridSpec{2, 8}, 1, Dtype::bits);
  EXPECT_EQ(path_of([&] { apply(field, stamp, kAlive); }), "args.pattern");
}

TEST(Paint, WhatIsRefusedChangesNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [&](auto spoil) {
    Paint edit = dab(10, 10, 4);
    spoil(edit);
    Field field = background(two_channels());
    const std::string path = path_of([&] { apply(field, edit); });
    EXPECT_TRUE(same(field, background(two_channels())));
    return path;
  };
  EXPECT_EQ(refused([](Paint& edit) { edit.points.clear(); }), "args.points");
  EXPECT_EQ(refused([](Paint& edit) { edit.points.resize(257); }), "args.points");
  EXPECT_EQ(refused([&](Paint& edit) { edit.points[0][1] = nan; }), "args.points");
  EXPECT_EQ(refused([](Paint& edit) { edit.points[0][0] = 1e9F; }), "args.points");
  EXPECT_EQ(refused([](Paint& edit) { edit.radius = 0.4F; }), "args.radius");
  EXPECT_EQ(refused([](Paint& edit) { edit.radius = 513; }), "args.radius");
  EXPECT_EQ(refused([&](Paint& edit) { edit.radius = nan; }), "args.radius");
  EXPECT_EQ(refused([](Paint& edit) { edit.softness = 1.5F; }), "args.softness");
  EXPECT_EQ(refused([&](Paint& edit) { edit.value = nan; }), "args.value");
  EXPECT_EQ(refused([](Paint& edit) {
              edit.value = 3e38F;
              edit.tool = Tool::noise;
            }),
            "args.value");
  EXPECT_EQ(refused([](Paint& edit) { edit.channel = "w"; }), "args.channel");
  EXPECT_EQ(refused([](Paint& edit) { edit.z = 1; }), "args.z");
}

TEST(Paint, AValueTooLargeForTheFieldIsRefused) {
  auto channels = two_channels();
  channels[1].ink = 1e10;
  Paint edit = dab(10, 10, 4);
  edit.value = 1e35F;
  Field narrow = background(channels);
  EXPECT_EQ(path_of([&] { apply(narrow, edit, channels); }), "args.value");
  Field wide = background(channels, kGrid, Dtype::f64);
  EXPECT_EQ(path_of([&] { apply(wide, edit, channels); }), "no error");
}

TEST(Paint, AStrokeThatWouldTakeTooLongIsRefused) {
  Paint edit = dab(0, 0, 512);
  edit.points.assign(256, {0, 0});
  for (std::size_t i = 0; i < edit.points.size(); i += 2) edit.points[i] = {8000, 8000};
  Field field(GridSpec{8192, 8192}, 1, Dtype::bits);
  try {
    apply(field, edit, kAlive);
    FAIL() << "painted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::too_large);
    EXPECT_EQ(error.path(), "args.points");
  }
}

TEST(Validate, TakesWhatALawCanBePaintedWith) {
  EXPECT_EQ(path_of([] { validate(dab(1e6F, 0, 4), one_channel()); }), "no error");
  Paint elsewhere = dab(0, 0, 4);
  elsewhere.channel = "w";
  EXPECT_EQ(path_of([&] { validate(elsewhere, one_channel()); }), "args.channel");
}

}  // namespace
}  // namespace atheria
