#include "engine/field/allocator.h"

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

#ifdef __linux__
#include <pthread.h>
#include <unistd.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define ATHERIA_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ATHERIA_ADDRESS_SANITIZER 1
#endif
#endif

namespace atheria {

namespace {

#ifdef ATHERIA_ADDRESS_SANITIZER
constexpr bool kPassThrough = true;
#else
constexpr bool kPassThrough = false;
#endif

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kMostMebibytes = std::size_t{1} << 24;
constexpr std::size_t kUnknownMemory = 8192 * kMiB;

// Lives as long as the process: tensors in static variables are released after main.
BlockPool* pool = nullptr;

void release(void* block) { pool->release(block); }

class CachingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &release, c10::Device(c10::DeviceType::CPU)};
    void* block = nullptr;
    try {
      block = pool->allocate(bytes);
    } catch (const std::bad_alloc&) {
      TORCH_CHECK(false, "not enough memory: tried to allocate ", bytes, " bytes for a CPU tensor");
    }
    return {block, block, &release, c10::Device(c10::DeviceType::CPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &release; }

  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
};

}  // namespace

std::size_t memory_bytes() {
  std::size_t bytes = kUnknownMemory;
#ifdef __linux__
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0)
    bytes = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page);
  std::size_t limit = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit) bytes = std::min(bytes, limit);
#endif
  return bytes;
}

std::size_t cpu_cache_bound(const char* text) {
  if (text == nullptr || *text == '\0') return memory_bytes() / 8;
  const auto mebibytes = parse_number<std::size_t>(text);
  if (!mebibytes || *mebibytes > kMostMebibytes) {
    throw Error(fmt::format(
        "ATHERIA_CPU_CACHE_MB is '{}'; it takes a whole number of mebibytes, 0 (no cache) to {}",
        text, kMostMebibytes));
  }
  return *mebibytes * kMiB;
}

void install_cpu_allocator() {
  if (kPassThrough || pool != nullptr) return;
  pool = new BlockPool(cpu_cache_bound(std::getenv("ATHERIA_CPU_CACHE_MB")));
  static CachingAllocator allocator;
#ifdef __linux__
  // Data loaders fork.
  pthread_atfork([] { pool->lock_all(); }, [] { pool->unlock_all(); }, [] { pool->unlock_all(); });
#endif
  c10::SetCPUAllocator(&allocator);
}

PoolCounters cpu_allocator_counters() {
  return pool == nullptr ? PoolCounters{} : pool->counters();
}

void release_cpu_cache() {
  if (pool != nullptr) pool->trim();
}

}  // namespace atheria
