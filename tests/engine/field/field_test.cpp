#include "engine/field/field.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "engine/base/error.h"

namespace atheria {
namespace {

TEST(Grid, ReadsWhatItWrites) {
  for (const char* text : {"256x128", "8x4x2", "1x1"}) EXPECT_EQ(to_string(parse_grid(text)), text);
}

TEST(Grid, RefusesWhatIsNoGrid) {
  for (const char* text : {"", "8", "8x", "x8", "8x8x", "8x8x8x8", "8x8x", "0x8", "-1x8", "8 x 8",
                           "70000x8", "65536x65536x65536", "8x8k"})
    EXPECT_THROW(parse_grid(text), Error) << text;
}

TEST(Field, BitsComeBackAsTheyWent) {
  for (const int width : {1, 63, 64, 65, 130}) {
    Field field({width, 5, 1}, 1, Dtype::bits);
    const auto cells = at::randint(0, 2, {1, 1, 5, width}, at::kByte);
    field.set_dense(cells);
    EXPECT_TRUE(field.dense().equal(cells)) << width;
    EXPECT_EQ(field.value(0, width - 1, 4), cells[0][0][4][width - 1].item<double>());
  }
}

TEST(Field, PaddingBitsStayZero) {
  Field field({70, 1, 1}, 1, Dtype::bits);
  field.set_dense(at::ones({1, 1, 1, 70}));
  EXPECT_EQ(field.planes()[0][0][0][1].item<std::int64_t>(), (1 << 6) - 1);
}

TEST(Field, RefusesAnotherShape) {
  Field field({8, 4, 1}, 2, Dtype::f32);
  EXPECT_THROW(field.set_dense(at::zeros({2, 4, 8})), Error);
}

TEST(Field, ACloneIsItsOwn) {
  Field field({8, 4, 1}, 1, Dtype::f64);
  auto copy = field.clone();
  copy.planes().fill_(1);
  EXPECT_EQ(field.value(0, 0, 0), 0.0);
  field.copy_from(copy);
  EXPECT_EQ(field.value(0, 7, 3), 1.0);
}

TEST(Field, SeesNanAndInfinityAnywhere) {
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    for (const double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
          -std::numeric_limits<double>::infinity()}) {
      Field field({33, 7, 1}, 2, dtype);
      EXPECT_TRUE(all_finite(field));
      field.planes()[1][0][6][32] = bad;
      EXPECT_FALSE(all_finite(field)) << bad;
    }
  }
}

}  // namespace
}  // namespace atheria
