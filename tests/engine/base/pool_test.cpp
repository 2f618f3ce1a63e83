#include "engine/base/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace atheria {
namespace {

TEST(Pool, VisitsEveryItemOnce) {
  for (const int threads : {1, 2, 5}) {
    Pool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::int64_t count : {0, 1, 2, 3, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      pool.bands(count, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      for (const auto& visit : visits) EXPECT_EQ(visit, 1);
    }
  }
}

TEST(Pool, DoesManyShortJobsInARow) {
  Pool pool(3);
  std::vector<std::int64_t> sums(3000, 0);
  for (int job = 0; job < 5000; ++job)
    pool.bands(3000, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) ++sums[static_cast<std::size_t>(i)];
    });
  for (const auto sum : sums) EXPECT_EQ(sum, 5000);
}

TEST(Pool, ServesSeveralCallers) {
  Pool pool(2);
  std::atomic<std::int64_t> total{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&] {
      for (int job = 0; job < 300; ++job)
        pool.bands(100, [&](std::int64_t begin, std::int64_t end) { total += end - begin; });
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(total, 4 * 300 * 100);
}

TEST(Pool, MayBeUsedFromInsideAJob) {
  Pool pool(2);
  std::atomic<int> inner{0};
  pool.bands(2, [&](std::int64_t, std::int64_t) {
    pool.bands(
        10, [&](std::int64_t begin, std::int64_t end) { inner += static_cast<int>(end - begin); });
  });
  EXPECT_GE(inner, 10);
}

}  // namespace
}  // namespace atheria
