#include "engine/field/init.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/base/pool.h"

namespace atheria {
namespace {

const std::vector<Channel> kTwo = {{.name = "u", .background = 1, .ink = 0.5},
                                   {.name = "v", .lo = -2, .hi = 2, .ink = 0.25}};
const std::vector<Channel> kOne = {{.name = "alive"}};

Field filled(const GridSpec& grid, Dtype dtype, const std::vector<Channel>& channels,
             const std::string& spec, std::uint64_t seed = 1) {
  Field field(grid, static_cast<int>(channels.size()), dtype);
  fill(field, channels, false, spec, seed);
  return field;
}

double total(const at::Tensor& tensor) { return tensor.sum(at::kDouble).item<double>(); }

TEST(Init, NoiseSpansEachChannelsRange) {
  const auto planes = filled({64, 48}, Dtype::f32, kTwo, "noise").planes();
  EXPECT_NEAR(planes[0].min().item<double>(), 0, 0.01);
  EXPECT_NEAR(planes[0].max().item<double>(), 1, 0.01);
  EXPECT_NEAR(planes[1].min().item<double>(), -2, 0.01);
  EXPECT_NEAR(planes[1].mean().item<double>(), 0, 0.1);
  const auto told = filled({64, 48}, Dtype::f32, kTwo, "noise:lo=3,hi=4").planes();
  EXPECT_GE(told.min().item<double>(), 3);
  EXPECT_LE(told.max().item<double>(), 4);
}

TEST(Init, SparseNoiseLeavesTheBackground) {
  const auto planes = filled({64, 64}, Dtype::f32, kTwo, "noise:density=0.25").planes();
  EXPECT_NEAR(total(planes[0] == 1) / 4096, 0.75, 0.03);
  EXPECT_NEAR(total(planes[1] == 0) / 4096, 0.75, 0.03);
  EXPECT_TRUE(at::equal(planes[0] == 1, planes[1] == 0)) << "a cell has all channels or none";
}

TEST(Init, BitsAreHalfFullUnlessTold) {
  const GridSpec grid{130, 100};
  EXPECT_NEAR(total(filled(grid, Dtype::bits, kOne, "noise").dense()) / 13000, 0.5, 0.02);
  EXPECT_NEAR(total(filled(grid, Dtype::bits, kOne, "noise:density=0.1").dense()) / 13000, 0.1,
              0.02);
  EXPECT_EQ(total(filled(grid, Dtype::bits, kOne, "noise:density=1").dense()), 13000);
  EXPECT_EQ(total(filled(grid, Dtype::bits, kOne, "noise:density=0").dense()), 0);
}

TEST(Init, BitsPastTheWidthStayZero) {
  const auto field = filled({70, 3}, Dtype::bits, kOne, "noise:density=1");
  EXPECT_TRUE((field.planes().select(3, 1) == 63).all().item<bool>());
}

TEST(Init, ComplexNoiseIsSmall) {
  Field field({32, 32}, 2, Dtype::f32);
  fill(field, {{.name = "re", .lo = -1}, {.name = "im", .lo = -1}}, true, "noise", 1);
  EXPECT_NEAR(field.planes().abs().max().item<double>(), 0.1, 0.001);
  EXPECT_FALSE(at::equal(field.planes()[0], field.planes()[1]));
}

TEST(Init, TheSameSeedGivesTheSameBitsOnAnyNumberOfThreads) {
  for (const char* spec :
       {"noise", "noise:density=0.3", "blobs:count=5,radius=4", "packet", "wave:kx=2,ky=1"}) {
    set_shared_pool_threads(1);
    const auto one = filled({33, 20}, Dtype::f32, kTwo, spec, 7);
    set_shared_pool_threads(3);
    EXPECT_TRUE(at::equal(one.planes(), filled({33, 20}, Dtype::f32, kTwo, spec, 7).planes()))
        << spec;
  }
  set_shared_pool_threads(0);
}

TEST(Init, AnotherSeedGivesAnotherStart) {
  for (const char* spec : {"noise", "blobs"}) {
    EXPECT_FALSE(at::equal(filled({64, 64}, Dtype::f32, kTwo, spec, 1).planes(),
                           filled({64, 64}, Dtype::f32, kTwo, spec, 2).planes()))
        << spec;
  }
}

// Written down once; Philox and plain arithmetic make them the same everywhere.
TEST(Init, NoiseIsTheSameOnEveryMachine) {
  const auto field = filled({8, 8}, Dtype::f64, kOne, "noise", 42);
  EXPECT_EQ(field.value(0, 0, 0), 10882433 * 0x1p-24);
  EXPECT_EQ(field.value(0, 5, 7), 5343160 * 0x1p-24);
  EXPECT_EQ(filled({8, 8}, Dtype::f32, kOne, "noise", 42).value(0, 5, 7), 5343160 * 0x1p-24)
      << "in float32 too";
}

TEST(Init, BlobsAreSoftDiscsOfInk) {
  const auto field = filled({64, 64}, Dtype::f32, kTwo, "blobs:count=1,radius=8");
  const auto v = field.planes()[1];
  EXPECT_EQ(v.max().item<double>(), 0.25);
  EXPECT_EQ(field.planes()[0].min().item<double>(), 0.5);
  EXPECT_NEAR(total(v >= 0.125), 201, 12) << "half the ink at the radius";
  EXPECT_NEAR(total(v > 0), 314, 16) << "nothing a quarter further out";
}

TEST(Init, BlobsGoAroundTheEdges) {
  double least = 1e9, most = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const double area =
        total(filled({32, 32}, Dtype::f64, kTwo, "blobs:count=1,radius=10", seed).planes()[1]);
    least = std::min(least, area);
    most = std::max(most, area);
  }
  EXPECT_NEAR(least, most, 1e-9) << "a disc at the edge lost cells";
}

TEST(Init, BlobsLargerThanTheWorldFillIt) {
  EXPECT_EQ(total(filled({16, 9}, Dtype::bits, kOne, "blobs:count=1,radius=100").dense()), 16 * 9);
}

TEST(Init, BlobsAreBallsInThreeDimensions) {
  const auto field = filled({24, 24, 24}, Dtype::f32, kTwo, "blobs:count=1,radius=6");
  EXPECT_NEAR(total(field.planes()[1] >= 0.125), 905, 60);
}

TEST(Init, TooMuchToDrawIsRefusedBeforeAnythingChanges) {
  Field field({1024, 1024}, 1, Dtype::bits);
  field.planes().fill_(5);
  try {
    fill(field, kOne, false, "blobs:count=65536,radius=65536", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::too_large);
  }
  EXPECT_TRUE((field.planes() == 5).all().item<bool>());
}

TEST(Init, ACellStandsInTheMiddleOrWhereItIsPut) {
  EXPECT_EQ(filled({9, 5}, Dtype::f32, kTwo, "cell").value(1, 4, 2), 0.25);
  EXPECT_EQ(filled({9, 5}, Dtype::f32, kTwo, "cell").value(0, 4, 2), 0.5);
  EXPECT_EQ(filled({9, 5}, Dtype::f32, kTwo, "cell").value(0, 3, 2), 1);
  EXPECT_EQ(filled({9, 5}, Dtype::f32, kTwo, "cell:x=-1,y=7").value(1, 8, 2), 0.25)
      << "around the edges";
  EXPECT_EQ(filled({6, 6, 6}, Dtype::f32, kTwo, "cell:z=1").value(1, 3, 3, 1), 0.25);
}

TEST(Init, CellsStandInALattice) {
  const auto field = filled({100, 64}, Dtype::bits, kOne, "cell:spacing=32");
  EXPECT_EQ(total(field.dense()), 3 * 2);
  EXPECT_EQ(field.value(0, 50, 16), 1);
  EXPECT_EQ(total(filled({10, 10}, Dtype::bits, kOne, "cell:spacing=32").dense()), 1);
}

TEST(Init, EmptyIsTheBackground) {
  const auto planes = filled({7, 5}, Dtype::f32, kTwo, "empty").planes();
  EXPECT_TRUE((planes[0] == 1).all().item<bool>());
  EXPECT_TRUE((planes[1] == 0).all().item<bool>());
}

}  // namespace
}  // namespace atheria
