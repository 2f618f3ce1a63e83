#include "tests/engine/law/golden.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/law/laws.h"

namespace atheria {
namespace {

void expect_near(double found, double expected, double tolerance, const char* what) {
  EXPECT_LE(std::abs(found - expected), tolerance * (1 + std::abs(expected)))
      << what << ": " << found << ", the file has " << expected;
}

TEST(GoldenRuns, AreWhatTheyWere) {
  for (const auto& law : builtin_laws())
    for (const auto path : {Path::fast, Path::reference}) {
      SCOPED_TRACE(law->info().name + (path == Path::fast ? " fast" : " reference"));
      double tolerance = 0;
      const auto expected =
          testing::read_golden(testing::kGoldenFolder + law->info().name + ".txt", tolerance);
      const auto found = testing::golden_run(*law, path);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        SCOPED_TRACE("step " + std::to_string(found[i].step) + " channel " + found[i].channel);
        EXPECT_EQ(found[i].channel, expected[i].channel);
        EXPECT_EQ(found[i].hash, expected[i].hash);
        // Nine digits are written.
        expect_near(found[i].mean, expected[i].mean, tolerance + 1e-7, "mean");
        expect_near(found[i].min, expected[i].min, tolerance + 1e-7, "min");
        expect_near(found[i].max, expected[i].max, tolerance + 1e-7, "max");
        expect_near(found[i].norm, expected[i].norm, tolerance + 1e-7, "norm");
      }
    }
}

}  // namespace
}  // namespace atheria
