#include "engine/field/block_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include "engine/base/philox.h"
#include "engine/field/size_class.h"

namespace atheria {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

bool aligned(const void* block, std::size_t to) {
  return reinterpret_cast<std::uintptr_t>(block) % to == 0;
}

TEST(SizeClass, HoldsWhatIsAskedAndLittleMore) {
  for (std::size_t bytes = 1; bytes < 3'000 * kMiB; bytes += bytes / 37 + 1) {
    const int index = size_class::of(bytes);
    ASSERT_GE(size_class::bytes_of(index), bytes);
    ASSERT_EQ(size_class::of(size_class::bytes_of(index)), index) << bytes;
    if (bytes >= 64 && bytes < size_class::kLargeFrom) {
      ASSERT_LE(size_class::bytes_of(index), bytes + bytes / 3);
    }
    if (bytes > 64 * kMiB) {
      ASSERT_LE(size_class::bytes_of(index), bytes + bytes / 7);
    }
  }
}

TEST(SizeClass, GrowsWithTheIndex) {
  for (int index = 1; index < 250; ++index) {
    ASSERT_GT(size_class::bytes_of(index), size_class::bytes_of(index - 1));
    ASSERT_EQ(size_class::of(size_class::bytes_of(index - 1) + 1), index);
  }
}

TEST(BlockPool, BlocksAreAligned) {
  BlockPool pool(64 * kMiB);
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{64}, std::size_t{100},
                                  std::size_t{5'000}, kMiB / 2, kMiB, 3 * kMiB, 9 * kMiB + 1}) {
    void* block = pool.allocate(bytes);
    EXPECT_TRUE(aligned(block, 64)) << bytes;
#ifdef __linux__
    if (bytes >= kMiB) {
      EXPECT_TRUE(aligned(block, 2 * kMiB)) << bytes;
    }
#endif
    std::memset(block, 0x5A, bytes);
    pool.release(block);
  }
}

TEST(BlockPool, AFreedBlockServesTheNextRequestOfItsSize) {
  BlockPool pool(64 * kMiB);
  void* first = pool.allocate(4 * kMiB);
  pool.release(first);
  EXPECT_EQ(pool.allocate(4 * kMiB - 100), first);
  EXPECT_EQ(pool.counters().system_allocs, 1U);
  pool.release(first);
}

TEST(BlockPool, CountsWhatIsLiveAndWhatIsCached) {
  BlockPool pool(64 * kMiB);
  void* block = pool.allocate(4 * kMiB);
  EXPECT_EQ(pool.counters().live_bytes, 4 * kMiB);
  EXPECT_EQ(pool.counters().cached_bytes, 0U);
  pool.release(block);
  EXPECT_EQ(pool.counters().live_bytes, 0U);
  EXPECT_EQ(pool.counters().cached_bytes, 4 * kMiB);
  pool.trim();
  EXPECT_EQ(pool.counters().cached_bytes, 0U);
}

TEST(BlockPool, NeverCachesMoreThanItsBound) {
  BlockPool pool(10 * kMiB);
  std::vector<void*> blocks;
  for (int i = 0; i < 10; ++i) blocks.push_back(pool.allocate(4 * kMiB));
  for (void* block : blocks) {
    pool.release(block);
    EXPECT_LE(pool.counters().cached_bytes, 10 * kMiB);
  }
  EXPECT_EQ(pool.counters().cached_bytes, 8 * kMiB);
}

TEST(BlockPool, WithoutABoundToUseItCachesNothing) {
  BlockPool pool(0);
  pool.release(pool.allocate(100));
  pool.release(pool.allocate(4 * kMiB));
  EXPECT_EQ(pool.counters().cached_bytes, 0U);
  EXPECT_EQ(pool.counters().system_allocs, 2U);
}

TEST(BlockPool, SizesLongUnusedMakeRoomForThoseInUse) {
  BlockPool pool(10 * kMiB);
  pool.release(pool.allocate(8 * kMiB));  // a world that is gone
  void* block = pool.allocate(6 * kMiB);
  pool.release(block);
  EXPECT_EQ(pool.counters().cached_bytes, 6 * kMiB);
  EXPECT_EQ(pool.allocate(6 * kMiB), block);
  pool.release(block);
}

TEST(BlockPool, RefusesTheImpossible) {
  BlockPool pool(kMiB);
  EXPECT_THROW(pool.allocate(~std::size_t{0}), std::bad_alloc);
  pool.release(nullptr);
  EXPECT_EQ(pool.counters().live_bytes, 0U);
}

// Fills each block with its owner's number and looks whether it stays.
void churn(BlockPool& pool, int thread, bool& intact) {
  struct Mine {
    char* data = nullptr;
    std::size_t bytes = 0;
    char mark = 0;
  };
  std::vector<Mine> held(8);
  for (int i = 0; i < 2'000; ++i) {
    const auto draw =
        random_block(static_cast<std::uint64_t>(thread), 0, static_cast<std::uint64_t>(i));
    Mine& mine = held[draw[0] % held.size()];
    if (mine.data != nullptr) {
      intact = intact && mine.data[0] == mine.mark && mine.data[mine.bytes - 1] == mine.mark;
      pool.release(mine.data);
    }
    const bool large = draw[1] % 50 == 0;
    mine = {nullptr, 1 + draw[2] % (large ? 3 * kMiB : 20'000),
            static_cast<char>(thread * 16 + i % 16)};
    mine.data = static_cast<char*>(pool.allocate(mine.bytes));
    mine.data[0] = mine.mark;
    mine.data[mine.bytes - 1] = mine.mark;
  }
  for (const Mine& mine : held) pool.release(mine.data);
}

TEST(BlockPool, ThreadsNeverShareABlock) {
  BlockPool pool(6 * kMiB);
  std::array<bool, 4> intact = {true, true, true, true};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&pool, &intact, thread] { churn(pool, thread, intact[thread]); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(intact, (std::array<bool, 4>{true, true, true, true}));
  EXPECT_EQ(pool.counters().live_bytes, 0U);
  EXPECT_LE(pool.counters().cached_bytes, 6 * kMiB);
}

}  // namespace
}  // namespace atheria
