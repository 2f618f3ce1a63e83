#include "engine/base/isa.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/error.h"

namespace atheria {
namespace {

TEST(Isa, PortableIsEverywhere) { EXPECT_EQ(isas_here().front(), Isa::portable); }

TEST(Isa, TheBestIsOneOfThoseHere) {
  const auto here = isas_here();
  EXPECT_NE(std::ranges::find(here, best_isa()), here.end());
}

TEST(Isa, NamesRoundTrip) {
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512})
    EXPECT_EQ(parse_isa(to_string(isa)), isa);
}

TEST(Isa, AnUnknownNameIsRefused) { EXPECT_THROW(parse_isa("sse9"), Error); }

TEST(Isa, Bf16DotsComeWithAvx512) {
  if (has_bf16_dot()) {
    EXPECT_EQ(isas_here().back(), Isa::avx512);
  }
}

}  // namespace
}  // namespace atheria
