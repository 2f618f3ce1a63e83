#include "app/bench/against.h"

#include <gmock/gmock.h>

#include "tests/app/bench/run.h"

namespace atheria::bench {
namespace {

using ::testing::HasSubstr;
using testing::run_with;

Verdict verdict_of(const BenchResult& now, const BenchResult& then) {
  return compare_runs(now, then).at(0).verdict;
}

TEST(BenchAgainst, TheSameRunIsNoLoss) {
  const BenchResult run = run_with({500, 510, 505});
  EXPECT_EQ(verdict_of(run, run), Verdict::same);
  EXPECT_FALSE(any_loss(compare_runs(run, run)));
}

TEST(BenchAgainst, ALossBeyondTheNoiseIsALoss) {
  EXPECT_EQ(verdict_of(run_with({400, 401}), run_with({500, 501})), Verdict::loss);
  EXPECT_TRUE(any_loss(compare_runs(run_with({400, 401}), run_with({500, 501}))));
  EXPECT_EQ(verdict_of(run_with({600, 601}), run_with({500, 501})), Verdict::faster);
}

TEST(BenchAgainst, WithinTheSpreadOfBothNothingIsSaid) {
  // 20 % less, but the stored run's own rounds differ by 30 %.
  EXPECT_EQ(verdict_of(run_with({400, 401}), run_with({425, 500, 575})), Verdict::same);
  EXPECT_EQ(verdict_of(run_with({490, 490}), run_with({500, 500})), Verdict::same)
      << "2 % are within what two runs always differ by";
}

TEST(BenchAgainst, ASlowerMachineIsNoLoss) {
  BenchResult slow = run_with({250, 250});
  for (double& limit : slow.rows[0].bounds[0].limits) limit = 500;
  EXPECT_EQ(verdict_of(slow, run_with({500, 500})), Verdict::same);
  BenchResult fast = run_with({500, 500});
  for (double& limit : fast.rows[0].bounds[0].limits) limit = 2000;
  EXPECT_EQ(verdict_of(fast, run_with({500, 500})), Verdict::loss)
      << "the machine does twice as much, the row does not";
}

TEST(BenchAgainst, SharesAreComparedAsTheyAre) {
  BenchResult now = run_with({0.9, 0.9}), then = run_with({0.99, 0.99});
  now.rows[0].bounds.clear(), then.rows[0].bounds.clear();
  EXPECT_EQ(verdict_of(now, then), Verdict::loss);
}

TEST(BenchAgainst, MissingRowsAreSaidAndAreNoLoss) {
  const auto found = compare_runs(run_with({500}, "new"), run_with({500}, "old"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].verdict, Verdict::missing);
  EXPECT_EQ(found[1].verdict, Verdict::other);
  EXPECT_FALSE(any_loss(found));
  EXPECT_THAT(to_text(found), HasSubstr("old"));
  EXPECT_THAT(to_text(found), HasSubstr("new"));
}

TEST(BenchAgainst, ARowThatCouldNotBeMeasuredIsMissing) {
  BenchResult broken = run_with({});
  broken.rows[0].ours.trouble = "no law 'waves'";
  EXPECT_EQ(verdict_of(broken, run_with({500})), Verdict::missing);
  EXPECT_EQ(verdict_of(run_with({500}), broken), Verdict::other);
}

TEST(BenchAgainst, AnotherSizeIsNotCompared) {
  BenchResult quick = run_with({1});
  quick.rows[0].quick = true;
  EXPECT_EQ(verdict_of(quick, run_with({500})), Verdict::other);
  BenchResult large = run_with({1});
  large.rows[0].cells = 128;
  EXPECT_EQ(verdict_of(large, run_with({500})), Verdict::other);
}

TEST(BenchAgainst, ARowBoundByAnotherCeilingIsNotCompared) {
  BenchResult other = run_with({1});
  other.rows[0].bounds[0].ceiling = "dot-bf16";
  EXPECT_EQ(verdict_of(other, run_with({500})), Verdict::other);
}

}  // namespace
}  // namespace atheria::bench
