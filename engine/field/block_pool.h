#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace atheria {

struct PoolCounters {
  std::uint64_t system_allocs = 0;  // times the system was asked for memory, ever
  std::uint64_t cached_bytes = 0;   // kept for the next caller
  std::uint64_t live_bytes = 0;     // in use
};

// Keeps freed memory for the next caller of about that size, so that a step which makes and drops
// the same tensors each time asks the system for nothing. Blocks are 64-byte aligned; from about 1
// MiB on they start at 2 MiB and ask for huge pages (Linux). All functions from any thread.
class BlockPool {
 public:
  explicit BlockPool(std::size_t most_cached);
  ~BlockPool();  // gives back what is cached; blocks in use stay valid but can no longer be
                 // released
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // Never null. When the system has no more, the cache is given back and it is asked once again;
  // then throws std::bad_alloc.
  void* allocate(std::size_t bytes);
  void release(void* block) noexcept;

  // Gives the whole cache back to the system.
  void trim() noexcept;

  PoolCounters counters() const;

  // Holds every lock across fork(), so that a child finds none taken by a thread it does not have.
  void lock_all();
  void unlock_all();

 private:
  static constexpr int kClasses = 320;

  // Blocks of one size. The list runs through the blocks themselves.
  struct Class {
    std::mutex mutex;
    void* first = nullptr;                 // Guarded by mutex.
    std::atomic<std::uint32_t> count = 0;  // Written under mutex.
    std::atomic<std::uint64_t> last_used = 0;
  };

  void* pop(int index) noexcept;
  void push(int index, void* block) noexcept;
  bool reserve(std::size_t bytes) noexcept;
  bool make_room(std::size_t bytes) noexcept;
  int oldest_class() const noexcept;
  void* from_system(int index);
  void to_system(int index, void* block) noexcept;
  int class_of(void* block) const;

  const std::size_t most_cached_;
  std::array<Class, kClasses> classes_;
  mutable std::mutex large_mutex_;
  std::unordered_map<void*, int>
      large_;  // Class of each large block, live or cached. Guarded by large_mutex_.
  std::atomic<std::uint64_t> clock_ = 0;
  std::atomic<std::uint64_t> system_allocs_ = 0;
  std::atomic<std::uint64_t> cached_bytes_ = 0;
  std::atomic<std::uint64_t> live_bytes_ = 0;
};

}  // namespace atheria
