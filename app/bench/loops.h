#pragma once

#include <cstddef>
#include <cstdint>

// Loops that do nothing but one kind of work as fast as the processor can, once for each
// instruction set. Each returns how much it did; what it computed goes to `sink`, so that no
// compiler leaves it out.
namespace atheria::cpu {

struct BenchLoops {
  double (*fma)(std::int64_t rounds, float* sink);            // FLOP: two a lane
  double (*logic)(std::int64_t rounds, std::uint64_t* sink);  // bits of operations on three inputs
  double (*copy)(std::uint8_t* to, const std::uint8_t* from,
                 std::size_t bytes);  // read and written
  double (*stream)(std::uint8_t* to, const std::uint8_t* from,
                   std::size_t bytes);  // past the cache
};

// `bytes` is a multiple of this, and both addresses are.
constexpr std::size_t kBenchBlock = 1024;

namespace portable {
BenchLoops bench_loops();
}
namespace avx2 {
BenchLoops bench_loops();
}
namespace avx512 {
BenchLoops bench_loops();
}
namespace avx512_bf16 {
double dot_loop(std::int64_t rounds, float* sink);  // FLOP
}

}  // namespace atheria::cpu
