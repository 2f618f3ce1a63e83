#include "app/bench/ceiling.h"

#include <fmt/format.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>

#include "app/bench/loops.h"
#include "engine/base/error.h"
#include "engine/base/isa.h"
#include "engine/base/pool.h"

namespace atheria::bench {
namespace {

constexpr int kPieces = 4;  // of a sample
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kL2Bytes = std::size_t{128}
                                 << 10;  // from here, and to there: half of a small L2

// For each thread from here, and as much to there: together more than the caches hold.
std::size_t dram_bytes() {
  const auto threads = static_cast<std::size_t>(shared_pool().threads());
  return std::max<std::size_t>(32, 128 / threads) << 20;
}

cpu::BenchLoops loops_for(Isa isa) {
#ifdef ATHERIA_X86_KERNELS
  if (isa == Isa::avx512) return cpu::avx512::bench_loops();
  if (isa == Isa::avx2) return cpu::avx2::bench_loops();
#endif
  static_cast<void>(isa);
  return cpu::portable::bench_loops();
}

// Memory of one thread, touched by it first.
struct Buffer {
  explicit Buffer(std::size_t bytes)
      : data(static_cast<std::uint8_t*>(std::aligned_alloc(kHugePage, bytes))) {
    if (data == nullptr) throw Error(ErrorKind::io, "no memory for a copy to measure");
#ifdef __linux__
    madvise(data, bytes, MADV_HUGEPAGE);
#endif
    std::memset(data, 1, bytes);
  }
  ~Buffer() { std::free(data); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::uint8_t* const data;
};

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Each thread's own, a cache line apart.
struct alignas(128) Scratch {
  std::unique_ptr<Buffer> memory;  // two halves: from the first to the second
  float number = 1;
  std::uint64_t bits = 1;
};

}  // namespace

class CeilingMeter::Impl {
 public:
  // Repeats a small piece of work so many times; returns how much it was.
  using Work = std::function<double(Scratch&, std::int64_t)>;
  struct Kind {
    std::string what, unit;
    Work work;
    std::int64_t repeats = 0;  // that fill a sample; 0: not known yet
  };

  explicit Impl(double seconds) : seconds_(seconds), scratch_(shared_pool().threads()) {
    const auto loops = loops_for(best_isa());
    kinds_["copy-l2"] = {"copy within the second cache", "B/s",
                         [=](Scratch& s, std::int64_t n) { return copies(loops, s, n); }};
    kinds_["copy-dram"] = {"copy in memory, stores past the caches", "B/s",
                           [=](Scratch& s, std::int64_t n) { return streams(loops, s, n); }};
    kinds_["fma-f32"] = {
        "fused multiply-add of float32", "FLOP/s",
        [=](Scratch& s, std::int64_t n) { return loops.fma(n * 10'000, &s.number); }};
    kinds_["logic"] = {"logic on three inputs", "bit/s", [=](Scratch& s, std::int64_t n) {
                         return loops.logic(n * 10'000, &s.bits);
                       }};
#ifdef ATHERIA_X86_KERNELS
    if (has_bf16_dot())
      kinds_["dot-bf16"] = {"dot products of bfloat16", "FLOP/s", [](Scratch& s, std::int64_t n) {
                              return cpu::avx512_bf16::dot_loop(n * 10'000, &s.number);
                            }};
#endif
  }

  double sample(const std::string& name, bool one_thread) {
    Kind& kind = kinds_.at(name);
    if (kind.repeats == 0) calibrate(kind);
    return run(kind, one_thread);
  }

  std::map<std::string, Kind> kinds_;

 private:
  void calibrate(Kind& kind) {
    kind.repeats = 1;
    run(kind, false);  // touches the memory
    Scratch& scratch = scratch_.front();
    while (true) {
      const double begin = seconds_now();
      kind.work(scratch, kind.repeats);
      if (seconds_now() - begin >= seconds_ / kPieces) return;
      kind.repeats *= 2;
    }
  }

  // Units a second, all threads together. Each has its own clock and its best piece counts: a thread
  // that had to wait for a core says nothing of what the core can do.
  double run(const Kind& kind, bool one_thread) {
    const auto threads = one_thread ? std::int64_t{1} : static_cast<std::int64_t>(scratch_.size());
    std::vector<double> rates(scratch_.size(), 0);
    shared_pool().bands(threads, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        const auto at = static_cast<std::size_t>(i);
        for (int piece = 0; piece < kPieces; ++piece)
          rates[at] = std::max(rates[at], rate(kind, scratch_[at]));
      }
    });
    double all = 0;
    for (const double one : rates) all += one;
    return all;
  }

  static double rate(const Kind& kind, Scratch& scratch) {
    const double begin = seconds_now();
    const double done = kind.work(scratch, kind.repeats);
    return done / std::max(seconds_now() - begin, 1e-9);
  }

  static std::uint8_t* memory_of(Scratch& scratch) {
    if (!scratch.memory) scratch.memory = std::make_unique<Buffer>(2 * dram_bytes());
    return scratch.memory->data;
  }

  static double copies(const cpu::BenchLoops& loops, Scratch& scratch, std::int64_t repeats) {
    std::uint8_t* const memory = memory_of(scratch);
    double bytes = 0;
    for (std::int64_t i = 0; i < 8 * repeats; ++i)
      bytes += loops.copy(memory + kL2Bytes, memory, kL2Bytes);
    return bytes;
  }

  static double streams(const cpu::BenchLoops& loops, Scratch& scratch, std::int64_t repeats) {
    std::uint8_t* const memory = memory_of(scratch);
    const std::size_t half = dram_bytes();
    double bytes = 0;
    for (std::int64_t i = 0; i < repeats; ++i) bytes += loops.stream(memory + half, memory, half);
    return bytes;
  }

  double seconds_;
  std::vector<Scratch> scratch_;
};

CeilingMeter::CeilingMeter(double seconds) : impl_(std::make_unique<Impl>(seconds)) {}
CeilingMeter::~CeilingMeter() = default;

std::vector<std::string> CeilingMeter::names() const {
  std::vector<std::string> names;
  for (const auto& [name, kind] : impl_->kinds_) names.push_back(name);
  return names;
}

double CeilingMeter::sample(const std::string& name, bool one_thread) {
  return impl_->sample(name, one_thread);
}

std::vector<Ceiling> CeilingMeter::measure(int samples) {
  std::vector<Ceiling> all;
  for (const auto& [name, kind] : impl_->kinds_) {
    Ceiling ceiling{name, kind.what, kind.unit, {}, {}};
    for (int i = 0; i < samples; ++i) {
      ceiling.one.push_back(sample(name, true));
      ceiling.all.push_back(sample(name, false));
    }
    all.push_back(std::move(ceiling));
  }
  return all;
}

}  // namespace atheria::bench
