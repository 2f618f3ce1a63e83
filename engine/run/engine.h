#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// The engine as a whole, for programs that may not include torch.
namespace atheria {

struct EngineOptions {
  int threads = 0;        // of the stepping pool; 0: one per core
  int torch_threads = 1;  // inside one ATen operation
};

// Call once, first thing in main: installs the allocator and the threads.
void start_engine(const EngineOptions& options);

struct EngineFacts {
  std::string torch;  // "2.13.0"
  bool cuda = false;
  int cuda_devices = 0;
  std::string cpu;  // torch's: "AVX512"
  int threads = 0;
  std::size_t cached_bytes = 0;  // of the allocator
  std::size_t live_bytes = 0;
  std::uint64_t system_allocations = 0;
};
EngineFacts engine_facts();

}  // namespace atheria
