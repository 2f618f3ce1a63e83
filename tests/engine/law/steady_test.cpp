// A world that runs asks the system for nothing: not for memory, not for a page. In a program of its
// own, because it counts every malloc of the process.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "engine/field/allocator.h"
#include "engine/law/laws.h"
#include "tests/engine/law/law_world.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ATHERIA_COUNTS_MALLOC
#endif

namespace {

std::atomic<bool> counting = false;
std::atomic<std::uint64_t> allocations = 0;

[[maybe_unused]] void count() {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1);
}

}  // namespace

#ifdef ATHERIA_COUNTS_MALLOC
// In front of the C library's, for this program and all libraries it loads. `operator new` comes
// here, too; what is given back need not be counted.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) { return count(), __libc_malloc(bytes); }
void* calloc(std::size_t many, std::size_t bytes) { return count(), __libc_calloc(many, bytes); }
void* realloc(void* old, std::size_t bytes) { return count(), __libc_realloc(old, bytes); }
void* aligned_alloc(std::size_t to, std::size_t bytes) {
  return count(), __libc_memalign(to, bytes);
}
int posix_memalign(void** memory, std::size_t to, std::size_t bytes) {
  count();
  *memory = __libc_memalign(to, bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
}
#endif

namespace atheria {
namespace {

using testing::LawWorld;

constexpr std::uint32_t kSteps = 100;
constexpr int kTries = 5;  // for page faults, which the kernel may also cause by itself

bool has_native(const Law& law, const GridSpec& grid, Dtype dtype) {
  return law.native({grid, dtype, at::kCPU, 7, Params(law.info().params, {})}) != nullptr;
}

class Steady : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() { install_cpu_allocator(); }

  const Law& law() const { return find_law(GetParam()); }

  // Transforms of other sizes than powers of two, and in three dimensions, are ATen's.
  std::vector<GridSpec> grids() const {
    std::vector<GridSpec> all{{64, 64, 1}, {256, 256, 1}};
    const auto& info = law().info();
    const bool deep = std::ranges::find(info.dimensions, 3) != info.dimensions.end();
    if (deep && info.radius != kGlobalRadius) all.push_back({32, 32, 32});
    return all;
  }

  // The law's defaults, and what makes a stepper of another kind.
  std::vector<ParamMap> variants(Dtype dtype) const {
    if (GetParam() == "nca" && dtype == Dtype::f32)
      return {ParamMap{}, ParamMap{{"compute", "bf16"}}};
    return {ParamMap{}};
  }

  void each_native_world(const std::function<void(LawWorld&)>& see) const {
    for (const auto dtype : law().info().dtypes)
      for (const auto& params : variants(dtype)) each_native_world(dtype, params, see);
  }
  void each_native_world(Dtype dtype, const ParamMap& params,
                         const std::function<void(LawWorld&)>& see) const {
    for (const auto& grid : grids()) {
      if (!has_native(law(), grid, dtype)) continue;
      SCOPED_TRACE(fmt::format("{} {}", to_string(dtype), to_string(grid)));
      LawWorld world(law(), {.grid = grid, .dtype = dtype, .params = params});
      world.advance(1);
      see(world);
    }
  }
};

// One step a call, then many in one.
void run(LawWorld& world) {
  for (std::uint32_t i = 0; i < kSteps / 2; ++i) world.advance(1);
  world.advance(kSteps / 2);
}

std::int64_t page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

TEST_P(Steady, AllocatesNothingAfterTheFirstAdvance) {
#ifndef ATHERIA_COUNTS_MALLOC
  GTEST_SKIP() << "a sanitizer, or another C library, has an allocator of its own";
#endif
  each_native_world([](LawWorld& world) {
    const auto from_system = cpu_allocator_counters().system_allocs;
    allocations = 0;
    counting = true;
    run(world);
    counting = false;
    EXPECT_EQ(allocations.load(), 0U) << world.how();
    EXPECT_EQ(cpu_allocator_counters().system_allocs, from_system) << world.how();
  });
}

TEST_P(Steady, FaultsNoPageAfterTheFirstAdvance) {
#ifndef ATHERIA_COUNTS_MALLOC
  GTEST_SKIP() << "the sanitizer's own memory faults";
#endif
  each_native_world([](LawWorld& world) {
    std::int64_t fewest = kSteps;
    for (int i = 0; i < kTries && fewest > 0; ++i) {
      const auto before = page_faults();
      run(world);
      fewest = std::min(fewest, page_faults() - before);
    }
    EXPECT_EQ(fewest, 0) << world.how();
  });
}

std::vector<std::string> law_names() {
  std::vector<std::string> names;
  for (const auto& law : builtin_laws()) names.push_back(law->info().name);
  return names;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& law) {
  std::string name = law.param;
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Laws, Steady, ::testing::ValuesIn(law_names()), test_name);

TEST(SteadyCounter, CountsWhatIsAllocated) {
#ifndef ATHERIA_COUNTS_MALLOC
  GTEST_SKIP() << "nothing is counted here";
#endif
  allocations = 0;
  counting = true;
  const auto tensor = at::ones({3});
  const std::vector<int> numbers(1000);
  counting = false;
  EXPECT_GE(allocations.load(), 2U) << tensor.numel() + static_cast<std::int64_t>(numbers.size());
}

}  // namespace
}  // namespace atheria
