#include "engine/field/block_pool.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "engine/field/size_class.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace atheria {

namespace {

// A small block begins with a line that holds its class. Its data is then at 64 modulo 128, which
// no large block's is: that tells them apart.
constexpr std::size_t kHeader = 64;
constexpr std::size_t kSmallAlignment = 128;

bool has_header(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % kSmallAlignment == kHeader;
}

void* small_from_system(int index) {
  const std::size_t bytes = size_class::bytes_of(index) + kHeader;
#ifdef _WIN32
  void* base = _aligned_malloc(bytes, kSmallAlignment);
#else
  void* base = nullptr;
  if (posix_memalign(&base, kSmallAlignment, bytes) != 0) base = nullptr;
#endif
  if (base == nullptr) return nullptr;
  std::memcpy(base, &index, sizeof index);
  return static_cast<char*>(base) + kHeader;
}

void small_to_system(void* block) {
  void* base = static_cast<char*>(block) - kHeader;
#ifdef _WIN32
  _aligned_free(base);
#else
  std::free(base);
#endif
}

#ifdef __linux__
// A mapping is aligned to a small page only: map one huge page more and cut both ends off.
void* large_from_system(std::size_t bytes) {
  constexpr std::size_t huge = size_class::kHuge;
  void* map =
      mmap(nullptr, bytes + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return nullptr;
  const auto base = reinterpret_cast<std::uintptr_t>(map);
  const std::uintptr_t start = (base + huge - 1) / huge * huge;
  if (start > base) munmap(map, start - base);
  const std::size_t rest = base + huge - start;
  if (rest > 0) munmap(reinterpret_cast<void*>(start + bytes), rest);
  madvise(reinterpret_cast<void*>(start), bytes,
          MADV_HUGEPAGE);  // refused: small pages, slower only
  return reinterpret_cast<void*>(start);
}
#endif

}  // namespace

BlockPool::BlockPool(std::size_t most_cached) : most_cached_(most_cached) {}

BlockPool::~BlockPool() { trim(); }

void* BlockPool::allocate(std::size_t bytes) {
  if (bytes > size_class::kMost) throw std::bad_alloc();
  const int index = size_class::of(bytes);
  classes_[index].last_used.store(clock_.fetch_add(1, std::memory_order_relaxed),
                                  std::memory_order_relaxed);
  void* block = pop(index);
  if (block == nullptr) block = from_system(index);
  live_bytes_ += size_class::bytes_of(index);
  return block;
}

void BlockPool::release(void* block) noexcept {
  if (block == nullptr) return;
  const int index = class_of(block);
  const std::size_t bytes = size_class::bytes_of(index);
  live_bytes_ -= bytes;
  if (reserve(bytes) || (make_room(bytes) && reserve(bytes))) {
    push(index, block);
  } else {
    to_system(index, block);
  }
}

void BlockPool::trim() noexcept {
  for (int index = 0; index < kClasses; ++index) {
    while (void* block = pop(index)) to_system(index, block);
  }
}

PoolCounters BlockPool::counters() const { return {system_allocs_, cached_bytes_, live_bytes_}; }

void BlockPool::lock_all() {
  for (Class& each : classes_) each.mutex.lock();
  large_mutex_.lock();
}

void BlockPool::unlock_all() {
  large_mutex_.unlock();
  for (Class& each : classes_) each.mutex.unlock();
}

void* BlockPool::pop(int index) noexcept {
  Class& from = classes_[index];
  const std::lock_guard lock(from.mutex);
  void* block = from.first;
  if (block == nullptr) return nullptr;
  std::memcpy(&from.first, block, sizeof(void*));
  --from.count;
  cached_bytes_ -= size_class::bytes_of(index);
  return block;
}

// The caller has reserved the bytes.
void BlockPool::push(int index, void* block) noexcept {
  Class& to = classes_[index];
  const std::lock_guard lock(to.mutex);
  std::memcpy(block, &to.first, sizeof(void*));
  to.first = block;
  ++to.count;
}

bool BlockPool::reserve(std::size_t bytes) noexcept {
  std::uint64_t cached = cached_bytes_.load();
  do {
    if (cached + bytes > most_cached_) return false;
  } while (!cached_bytes_.compare_exchange_weak(cached, cached + bytes));
  return true;
}

// Gives blocks back whose sizes were not asked for the longest, so that sizes of a world long gone
// do not fill the cache.
bool BlockPool::make_room(std::size_t bytes) noexcept {
  if (bytes > most_cached_) return false;
  while (cached_bytes_ + bytes > most_cached_) {
    const int index = oldest_class();
    if (index < 0) return false;
    if (void* block = pop(index)) to_system(index, block);
  }
  return true;
}

int BlockPool::oldest_class() const noexcept {
  int found = -1;
  auto oldest = std::numeric_limits<std::uint64_t>::max();
  for (int index = 0; index < kClasses; ++index) {
    if (classes_[index].count == 0 || classes_[index].last_used >= oldest) continue;
    oldest = classes_[index].last_used;
    found = index;
  }
  return found;
}

void* BlockPool::from_system(int index) {
  const auto ask = [&]() -> void* {
#ifdef __linux__
    if (size_class::is_large(index)) return large_from_system(size_class::bytes_of(index));
#endif
    return small_from_system(index);
  };
  void* block = ask();
  if (block == nullptr) {
    trim();
    block = ask();
  }
  if (block == nullptr) throw std::bad_alloc();
  ++system_allocs_;
  if (!has_header(block)) {
    const std::lock_guard lock(large_mutex_);
    large_.emplace(block, index);
  }
  return block;
}

void BlockPool::to_system(int index, void* block) noexcept {
  if (has_header(block)) {
    small_to_system(block);
    return;
  }
#ifdef __linux__
  {
    const std::lock_guard lock(large_mutex_);
    large_.erase(block);
  }
  munmap(block, size_class::bytes_of(index));
#else
  static_cast<void>(index);
#endif
}

int BlockPool::class_of(void* block) const {
  if (has_header(block)) {
    int index = 0;
    std::memcpy(&index, static_cast<char*>(block) - kHeader, sizeof index);
    return index;
  }
  const std::lock_guard lock(large_mutex_);
  return large_.at(block);
}

}  // namespace atheria
