#include "engine/run/engine.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <string>
#include <string_view>

#include "engine/base/isa.h"
#include "engine/base/pool.h"
#include "engine/field/allocator.h"

namespace atheria {
namespace {

// Of the library that is loaded, which need not be the one whose headers were compiled.
std::string loaded_torch() {
  static constexpr std::string_view kName = "TORCH_VERSION=";
  const std::string config = at::show_config();
  const auto at = config.find(kName);
  if (at == std::string::npos) return TORCH_VERSION;
  const auto begin = at + kName.size();
  return config.substr(begin, config.find_first_of(", \n", begin) - begin);
}

}  // namespace

void start_engine(const EngineOptions& options) {
  install_cpu_allocator();
  best_isa();  // refuses a wrong ATHERIA_ISA here, not at the first world
  // Each thread that calls ATen with more than one thread gets an OpenMP team of its own; several
  // worlds would fight for the cores. Our own pool is one for all.
  at::set_num_threads(options.torch_threads);
  at::set_num_interop_threads(1);
  set_shared_pool_threads(options.threads);
}

EngineFacts engine_facts() {
  EngineFacts facts;
  facts.torch = loaded_torch();
  facts.cuda = at::hasCUDA();
  facts.cuda_devices = facts.cuda ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
  facts.cpu = at::get_cpu_capability();
  facts.threads = shared_pool().threads();
  const auto counters = cpu_allocator_counters();
  facts.cached_bytes = counters.cached_bytes;
  facts.live_bytes = counters.live_bytes;
  facts.system_allocations = counters.system_allocs;
  return facts;
}

}  // namespace atheria
