#include "engine/view/window.h"

#include <gtest/gtest.h>

#include "engine/base/error.h"

namespace atheria {
namespace {

struct Case {
  GridSpec grid;
  Roi wish;
  int fit_width, fit_height;
  Window want;
};

Window window_for(const Case& one) {
  return window_of(
      one.grid,
      {.name = "u", .roi = one.wish, .fit_width = one.fit_width, .fit_height = one.fit_height});
}

void expect_same(const Window& got, const Window& want) {
  EXPECT_EQ(got.lod, want.lod);
  EXPECT_TRUE(got.roi == want.roi)
      << got.roi.x << ' ' << got.roi.y << ' ' << got.roi.w << ' ' << got.roi.h;
  EXPECT_EQ(got.width, want.width);
  EXPECT_EQ(got.height, want.height);
}

class Windows : public testing::TestWithParam<Case> {};

TEST_P(Windows, AreAsTheTableSays) { expect_same(window_for(GetParam()), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(
    Table, Windows,
    testing::Values(
        // All of a field that fits, and of one that does not.
        Case{{256, 256}, {}, 1024, 1024, {{0, 0, 256, 256}, 0, 256, 256}},
        Case{{2048, 2048}, {}, 1024, 1024, {{0, 0, 2048, 2048}, 1, 1024, 1024}},
        Case{{1025, 10}, {}, 1024, 1024, {{0, 0, 1025, 10}, 1, 513, 5}},
        Case{{100, 4000}, {}, 1024, 1000, {{0, 0, 100, 4000}, 2, 25, 1000}},
        Case{{65536, 65536}, {}, 1, 1, {{0, 0, 65536, 65536}, 16, 1, 1}},
        Case{{1, 1}, {}, 1, 1, {{0, 0, 1, 1}, 0, 1, 1}},
        // A roi grows to whole tiles, and shrinks to the field.
        Case{{512, 512}, {70, 10, 20, 60}, 1024, 1024, {{64, 0, 64, 128}, 0, 64, 128}},
        Case{{512, 512}, {64, 64, 64, 64}, 64, 64, {{64, 64, 64, 64}, 0, 64, 64}},
        Case{{500, 500}, {480, 480, 100, 100}, 1024, 1024, {{448, 448, 52, 52}, 0, 52, 52}},
        Case{{512, 512}, {-10, -10, 20, 20}, 1024, 1024, {{0, 0, 64, 64}, 0, 64, 64}},
        // Tiles are larger at coarser levels; it is the snapped picture that has to fit.
        Case{{4096, 4096}, {100, 100, 1000, 1000}, 512, 512, {{0, 0, 1280, 1280}, 2, 320, 320}},
        Case{{4096, 4096}, {32, 0, 64, 64}, 64, 64, {{0, 0, 128, 128}, 1, 64, 64}},
        Case{{512, 512}, {10, 10, 0, 5}, 1024, 1024, {{0, 0, 512, 512}, 0, 512, 512}}));

std::string path_of(const ViewSpec& spec) {
  try {
    window_of({100, 100}, spec);
  } catch (const Error& error) {
    return error.path();
  }
  return "no error";
}

TEST(Window, RefusesARoiOutsideTheField) {
  EXPECT_EQ(path_of({.name = "u", .roi = {100, 0, 10, 10}}), "args.roi");
  EXPECT_EQ(path_of({.name = "u", .roi = {-20, 0, 10, 10}}), "args.roi");
  EXPECT_EQ(path_of({.name = "u", .roi = {0, 0, -5, 10}}), "args.roi");
}

TEST(Window, RefusesAPictureOfNoTexels) {
  EXPECT_EQ(path_of({.name = "u", .fit_width = 0}), "args.fit");
  EXPECT_EQ(path_of({.name = "u", .fit_height = -1}), "args.fit");
}

TEST(Window, TakesTheLargestNumbersARoiCanHold) {
  const int most = 2'147'483'647;
  const Window window = window_of({100, 100}, {.name = "u", .roi = {0, 0, most, most}});
  EXPECT_TRUE(window.roi == (Roi{0, 0, 100, 100}));
  EXPECT_EQ(path_of({.name = "u", .roi = {most, most, most, most}}), "args.roi");
}

}  // namespace
}  // namespace atheria
