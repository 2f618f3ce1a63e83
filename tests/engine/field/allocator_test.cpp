#include "engine/field/allocator.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <thread>

#include "engine/base/error.h"

#ifdef __linux__
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace atheria {
namespace {

bool installed() {
  install_cpu_allocator();
  const at::Tensor some = at::empty({1000});
  return cpu_allocator_counters().live_bytes > 0;
}

// An eager step as one would write it: a dozen tensors made and dropped.
at::Tensor eager_step(const at::Tensor& u) {
  const at::Tensor around = u.roll(1, 0) + u.roll(-1, 0) + u.roll(1, 1) + u.roll(-1, 1) - 4 * u;
  return u + 0.1 * around - 0.01 * u * u * u;
}

class CpuAllocator : public testing::Test {
 protected:
  void SetUp() override {
    if (!installed()) GTEST_SKIP() << "the allocator stands aside under AddressSanitizer";
    at::set_num_threads(1);
  }
};

TEST_F(CpuAllocator, RepeatedEagerStepsAskTheSystemForNothing) {
  at::Tensor u = at::ones({600, 600});
  for (int i = 0; i < 3; ++i) u = eager_step(u);
  const auto before = cpu_allocator_counters().system_allocs;
  for (int i = 0; i < 10; ++i) u = eager_step(u);
  EXPECT_EQ(cpu_allocator_counters().system_allocs, before);
}

TEST_F(CpuAllocator, LargeTensorsStartAtHugePages) {
  const at::Tensor large = at::empty({1024, 1024});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.const_data_ptr()) % 64, 0U);
#ifdef __linux__
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.const_data_ptr()) % (2 << 20), 0U);
#endif
}

TEST_F(CpuAllocator, EmptyTensorsTakeNothing) {
  const auto before = cpu_allocator_counters().live_bytes;
  const at::Tensor none = at::empty({0, 5});
  EXPECT_EQ(cpu_allocator_counters().live_bytes, before);
  EXPECT_EQ((none + none).numel(), 0);
}

TEST_F(CpuAllocator, AResizedTensorKeepsItsNumbers) {
  at::Tensor grown = at::arange(1000);
  grown.resize_({2'000'000});
  EXPECT_TRUE(grown.slice(0, 0, 1000).equal(at::arange(1000)));
}

TEST_F(CpuAllocator, ATensorMayDieOnAnotherThread) {
  const auto before = cpu_allocator_counters().live_bytes;
  at::Tensor moved = at::ones({700, 700});
  std::thread([tensor = std::move(moved)]() mutable { tensor.reset(); }).join();
  EXPECT_EQ(cpu_allocator_counters().live_bytes, before);
}

TEST_F(CpuAllocator, TheCacheCanBeGivenBack) {
  at::empty({1024, 1024}).fill_(1);
  EXPECT_GT(cpu_allocator_counters().cached_bytes, 0U);
  release_cpu_cache();
  EXPECT_EQ(cpu_allocator_counters().cached_bytes, 0U);
}

TEST_F(CpuAllocator, MoreThanThereIsIsAnErrorAndNotTheEnd) {
  EXPECT_THROW(at::empty({std::int64_t{1} << 50}), c10::Error);
  EXPECT_EQ(at::ones({10}).sum().item<float>(), 10);
}

#ifdef __linux__
TEST_F(CpuAllocator, AForkedChildCanMakeTensors) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "a fork takes the lock of every size; TSan gives up at 64 locks held at a time";
#endif
  const pid_t child = fork();
  if (child == 0) {
    bool good = true;
    for (int i = 0; i < 10; ++i) good = good && at::empty({1024, 1024 + i}).nbytes() > 0;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

TEST(CpuCacheBound, IsAnEighthOfMemoryOrWhatWasAsked) {
  EXPECT_EQ(cpu_cache_bound("64"), std::size_t{64} << 20);
  EXPECT_EQ(cpu_cache_bound("0"), 0U);
  EXPECT_GT(cpu_cache_bound(nullptr), 0U);
  EXPECT_EQ(cpu_cache_bound(""), cpu_cache_bound(nullptr));
}

TEST(CpuCacheBound, RefusesWhatIsNoNumber) {
  for (const char* text : {"lots", "-1", "1.5", "64MB", "99999999", "99999999999999999999999"}) {
    EXPECT_THROW(cpu_cache_bound(text), Error) << text;
  }
}

}  // namespace
}  // namespace atheria
