#include "engine/base/isa.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "engine/base/error.h"

namespace atheria {
namespace {

#if defined(ATHERIA_X86_KERNELS)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#else
bool has_avx2() { return false; }
bool has_avx512() { return false; }
#endif

Isa chosen() {
  const auto here = isas_here();
  const char* const wish = std::getenv("ATHERIA_ISA");
  if (wish == nullptr || *wish == '\0') return here.back();
  const Isa isa = parse_isa(wish);
  if (std::ranges::find(here, isa) != here.end()) return isa;
  throw Error(ErrorKind::unsupported,
              fmt::format("ATHERIA_ISA is '{}', which this machine does not have", wish));
}

}  // namespace

std::vector<Isa> isas_here() {
  std::vector<Isa> here{Isa::portable};
  if (has_avx2()) here.push_back(Isa::avx2);
  if (has_avx512()) here.push_back(Isa::avx512);
  return here;
}

Isa best_isa() {
  static const Isa isa = chosen();
  return isa;
}

bool has_bf16_dot() {
#if defined(ATHERIA_X86_KERNELS)
  return has_avx512() && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

std::string to_string(Isa isa) {
  switch (isa) {
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    default:
      return "portable";
  }
}

Isa parse_isa(std::string_view name) {
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512})
    if (to_string(isa) == name) return isa;
  throw Error(ErrorKind::bad_args,
              fmt::format("no instruction set '{}'; there are: portable, avx2, avx512", name));
}

}  // namespace atheria
