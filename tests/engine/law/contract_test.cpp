// What every law promises (engine/law/law.h), tried on every law there is. One test a promise and
// law; dtypes, sizes and paths are looped over inside.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>

#include "engine/base/error.h"
#include "engine/base/pool.h"
#include "engine/field/init.h"
#include "engine/law/laws.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::same_bits;
using testing::WorldOptions;

struct Case {
  std::string law;
  at::Device device;
};

std::vector<Case> cases() {
  std::vector<at::Device> devices{at::kCPU};
  if (at::hasCUDA()) devices.emplace_back(at::kCUDA, static_cast<at::DeviceIndex>(0));
  std::vector<Case> all;
  for (const auto device : devices)
    for (const auto& law : builtin_laws()) all.push_back({law->info().name, device});
  return all;
}

std::string test_name(const ::testing::TestParamInfo<Case>& info) {
  auto name = info.param.law + "_" + std::string(info.param.device.is_cpu() ? "cpu" : "cuda");
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

class LawContract : public ::testing::TestWithParam<Case> {
 protected:
  const Law& law() const { return find_law(GetParam().law); }
  const LawInfo& info() const { return law().info(); }

  std::vector<GridSpec> grids() const {
    std::vector<GridSpec> all{{64, 64, 1}, {17, 33, 1}, {3, 5, 1}, {1, 7, 1}};
    const auto& dimensions = info().dimensions;
    if (std::find(dimensions.begin(), dimensions.end(), 3) != dimensions.end()) {
      all.push_back({12, 9, 10});
      all.push_back({3, 2, 5});
    }
    return all;
  }

  // A path through the code: whatever the machine lets us choose.
  struct Way {
    Path path;
    Tuning tuning;
    std::string name;
  };

  std::vector<Way> ways() const {
    const Way reference{Path::reference, {}, "reference"};
    if (!GetParam().device.is_cpu()) return {reference};
    std::vector<Way> all{reference};
    for (const auto isa : isas_here()) all.push_back({Path::fast, {.isa = isa}, to_string(isa)});
    all.push_back({Path::fast, {.sparse = Sparse::always}, "sparse"});
    return all;
  }

  // check(options) for each dtype, size and path.
  void everywhere(const std::function<void(const WorldOptions&)>& check) const {
    everywhere(grids(), check);
  }
  void everywhere(const std::vector<GridSpec>& sizes,
                  const std::function<void(const WorldOptions&)>& check) const {
    for (const auto dtype : info().dtypes)
      for (const auto& grid : sizes)
        for (const auto& way : ways()) {
          SCOPED_TRACE(fmt::format("{} {} {}", to_string(dtype), to_string(grid), way.name));
          check({.grid = grid,
                 .dtype = dtype,
                 .device = GetParam().device,
                 .path = way.path,
                 .tuning = way.tuning});
        }
  }
};

TEST_P(LawContract, DescribesItself) {
  const auto& about = info();
  for (const auto* text :
       {&about.title, &about.about, &about.equation, &about.reference, &about.view})
    EXPECT_FALSE(text->empty());
  EXPECT_FALSE(about.channels.empty());
  EXPECT_FALSE(about.presets.empty());
  EXPECT_EQ(about.complex && about.channels.size() % 2 != 0, false);
  std::set<std::string> names;
  for (const auto& preset : about.presets)
    EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
  for (const auto& spec : about.params) {
    EXPECT_TRUE(names.insert("param " + spec.name).second) << spec.name;
    EXPECT_FALSE(spec.title.empty()) << spec.name;
    EXPECT_NO_THROW(Params(about.params, {{spec.name, spec.value}})) << "default of " << spec.name;
  }
  for (const auto& invariant : about.invariants)
    EXPECT_TRUE(std::any_of(about.measures.begin(), about.measures.end(),
                            [&](const Measure& m) { return m.name == invariant.measure; }));
}

TEST_P(LawContract, HasAsManyNumbersAsMeasures) {
  everywhere([&](const WorldOptions& options) {
    LawWorld world(law(), options);
    const auto values = law().measure(world.field().dense(), world.setup());
    EXPECT_EQ(values.size(), info().measures.size());
    for (const auto value : values) EXPECT_TRUE(std::isfinite(value));
  });
}

TEST_P(LawContract, KeepsShapeDtypeAndDevice) {
  everywhere([&](const WorldOptions& options) {
    LawWorld world(law(), options);
    const auto before = world.field().planes();
    world.advance(3);
    EXPECT_EQ(world.field().planes().sizes(), before.sizes());
    EXPECT_EQ(world.field().planes().scalar_type(), before.scalar_type());
    EXPECT_EQ(world.field().device(), before.device());
    EXPECT_EQ(world.field().planes().const_data_ptr(), before.const_data_ptr()) << "storage moved";
    EXPECT_TRUE(all_finite(world.field()));
  });
}

TEST_P(LawContract, GivesTheSameBitsForTheSameSeed) {
  everywhere([&](const WorldOptions& options) {
    LawWorld first(law(), options);
    LawWorld second(law(), options);
    first.advance(6);
    second.advance(6);
    EXPECT_TRUE(same_bits(first.field(), second.field()));
  });
}

TEST_P(LawContract, GivesTheSameBitsOnAnyNumberOfThreads) {
  auto sizes = grids();
  sizes.push_back(
      {180, 100, 1});  // large enough for steppers that leave small fields to one thread
  everywhere(sizes, [&](const WorldOptions& options) {
    LawWorld one(law(), options);
    LawWorld three(law(), options);
    set_shared_pool_threads(1);
    at::set_num_threads(1);
    one.advance(5);
    set_shared_pool_threads(3);
    at::set_num_threads(3);
    three.advance(5);
    EXPECT_TRUE(same_bits(one.field(), three.field()));
  });
  set_shared_pool_threads(0);
  at::set_num_threads(1);
}

TEST_P(LawContract, TwoCallsEqualOne) {
  everywhere([&](const WorldOptions& options) {
    LawWorld whole(law(), options);
    LawWorld parts(law(), options);
    whole.advance(7);
    parts.advance(3);
    parts.advance(0);
    parts.advance(1);
    parts.advance(3);
    EXPECT_TRUE(same_bits(whole.field(), parts.field()));
  });
}

TEST_P(LawContract, ReferenceLeavesItsInputAlone) {
  everywhere([&](const WorldOptions& options) {
    LawWorld world(law(), options);
    const auto psi = world.field().dense().clone();
    const auto kept = psi.clone();
    const auto next = law().reference(world.setup())(psi, 0);
    EXPECT_TRUE(at::equal(psi, kept));
    EXPECT_EQ(next.sizes(), psi.sizes());
    EXPECT_FALSE(next.is_alias_of(psi));
  });
}

TEST_P(LawContract, FastPathEqualsTheReference) {
  if (!GetParam().device.is_cpu()) GTEST_SKIP() << "the reference is what runs on CUDA";
  everywhere([&](const WorldOptions& options) {
    if (options.path == Path::reference) return;
    auto slow = options;
    slow.path = Path::reference;
    LawWorld fast(law(), options);
    LawWorld reference(law(), slow);
    fast.advance(5);
    reference.advance(5);
    const double tolerance = options.dtype == Dtype::bits  ? 0
                             : options.dtype == Dtype::f32 ? 2e-5
                                                           : 1e-12;
    EXPECT_LE(largest_difference(fast.field(), reference.field()), tolerance);
  });
}

// What a law may round differently on the portable path, which has no fused multiply-add.
double portable_tolerance(const LawInfo& law, Dtype dtype) {
  const std::set<std::string> fused{"nca",   "nca-3d", "schrodinger", "gross-pitaevskii",
                                    "lenia", "lenia-3"};
  if (!fused.contains(law.name)) return 0;
  return dtype == Dtype::f64 ? 1e-12 : 2e-5;
}

TEST_P(LawContract, GivesTheSameBitsOnEveryInstructionSet) {
  if (!GetParam().device.is_cpu()) GTEST_SKIP() << "of the CPU";
  auto sizes = grids();
  sizes.push_back({180, 100, 1});
  everywhere(sizes, [&](const WorldOptions& options) {
    if (options.path == Path::reference || options.tuning.isa == best_isa()) return;
    auto best = options;
    best.tuning.isa = best_isa();
    LawWorld here(law(), options);
    LawWorld there(law(), best);
    here.advance(9);
    there.advance(9);
    const bool portable = options.tuning.isa == Isa::portable;
    EXPECT_LE(largest_difference(here.field(), there.field()),
              portable ? portable_tolerance(info(), options.dtype) : 0);
  });
}

TEST_P(LawContract, GivesTheSameBitsSparseAndDense) {
  if (!GetParam().device.is_cpu()) GTEST_SKIP() << "of the CPU";
  for (const auto dtype : info().dtypes) {
    WorldOptions options{.grid = {200, 130, 1}, .dtype = dtype, .init = info().init};
    options.tuning.sparse = Sparse::never;
    LawWorld dense(law(), options);
    options.tuning.sparse = Sparse::always;
    LawWorld sparse(law(), options);
    for (const std::uint32_t steps : {1, 2, 7, 64, 133}) {
      for (auto* world : {&dense, &sparse}) {
        world->advance(steps);
        // An edit far from what moves must wake its surroundings.
        world->field().set_dense(world->field().dense().roll({31, 57}, {-2, -1}));
        world->touched();
      }
      EXPECT_TRUE(same_bits(dense.field(), sparse.field())) << to_string(dtype) << " " << steps;
    }
  }
}

TEST_P(LawContract, CudaEqualsTheCpu) {
  if (GetParam().device.is_cpu()) GTEST_SKIP() << "needs a CUDA device";
  everywhere([&](const WorldOptions& options) {
    auto here = options;
    here.device = at::kCPU;
    LawWorld there(law(), options);
    LawWorld cpu(law(), here);
    there.advance(5);
    cpu.advance(5);
    const double tolerance = options.dtype == Dtype::bits  ? 0
                             : options.dtype == Dtype::f32 ? 5e-5
                                                           : 1e-11;
    EXPECT_LE(largest_difference(there.field(), cpu.field()), tolerance);
  });
}

TEST_P(LawContract, KeepsWhatItSaysItKeeps) {
  if (info().invariants.empty()) GTEST_SKIP() << "declares no invariant";
  everywhere([&](const WorldOptions& options) {
    if (options.dtype == Dtype::bits) return;
    for (const auto& invariant : info().invariants) {
      LawWorld world(law(), options);
      const double before = world.measure(invariant.measure);
      world.advance(static_cast<std::uint32_t>(invariant.steps));
      const double allowed =
          options.dtype == Dtype::f32 ? invariant.tolerance : invariant.tolerance_f64;
      EXPECT_NEAR(world.measure(invariant.measure) / before, 1, allowed) << invariant.measure;
    }
  });
}

TEST_P(LawContract, ShowsNanInsteadOfHidingIt) {
  if (info().dtypes.front() == Dtype::bits) GTEST_SKIP() << "a bit is never NaN";
  everywhere([&](const WorldOptions& options) {
    LawWorld world(law(), options);
    // The largest cell: a law may put a cell to rest that is nothing.
    auto first = world.field().planes()[0].view(-1);
    first[first.argmax().item<std::int64_t>()] = std::numeric_limits<double>::quiet_NaN();
    StepContext context;
    plan(law(), world.setup(), options.path)->advance(world.field(), 0, 3, context);
    EXPECT_TRUE(!all_finite(world.field()) || !context.failure.empty());
  });
}

TEST_P(LawContract, NothingComesOfNothing) {
  if (!info().absorbing_zero) GTEST_SKIP() << "does not say so";
  const int far = 3 * info().radius;
  for (const auto dtype : info().dtypes)
    for (const auto& way : ways()) {
      LawWorld world(law(), {.grid = {48, 40, 1},
                             .dtype = dtype,
                             .device = GetParam().device,
                             .path = way.path,
                             .tuning = way.tuning});
      auto dense = world.field().dense().clone();
      for (std::size_t c = 0; c < info().channels.size(); ++c)
        dense[static_cast<std::int64_t>(c)].slice(-1, 8).fill_(info().channels[c].background);
      world.field().set_dense(dense);
      world.advance(3);
      const auto after = world.field().dense().slice(-1, 8 + far, 48 - far);
      EXPECT_TRUE(at::equal(after, dense.slice(-1, 8 + far, 48 - far))) << to_string(dtype);
    }
}

TEST_P(LawContract, RefusesParametersOutOfRangeByName) {
  for (const auto& spec : info().params) {
    const bool number = spec.kind == ParamKind::number || spec.kind == ParamKind::integer;
    std::vector<ParamValue> wrong;
    if (number)
      wrong = {spec.hi + 1, spec.lo - 1, std::nan(""), std::string("text")};
    else
      wrong = {1.0};
    if (spec.kind == ParamKind::choice) wrong.emplace_back(std::string("no such choice"));
    for (const auto& value : wrong) {
      try {
        Params(info().params, {{spec.name, value}});
        ADD_FAILURE() << spec.name << " took a wrong value";
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(spec.name));
        EXPECT_EQ(error.path(), "params." + spec.name);
      }
    }
  }
  EXPECT_THROW(Params(info().params, {{"no-such-parameter", 1.0}}), Error);
}

TEST_P(LawContract, RefusesDtypesAndDimensionsItDoesNotHave) {
  const auto& dtypes = info().dtypes;
  for (const auto dtype : {Dtype::f32, Dtype::f64, Dtype::bits})
    if (std::find(dtypes.begin(), dtypes.end(), dtype) == dtypes.end()) {
      EXPECT_THROW(check_setup(info(), {16, 16, 1}, dtype), Error);
    }
  const auto& dimensions = info().dimensions;
  if (std::find(dimensions.begin(), dimensions.end(), 3) == dimensions.end()) {
    EXPECT_THROW(check_setup(info(), {16, 16, 4}, dtypes.front()), Error);
  }
}

TEST_P(LawContract, EveryPresetMakesAWorldThatStaysFinite) {
  for (const auto& preset : info().presets) {
    SCOPED_TRACE(preset.name);
    LawWorld world(law(), {.grid = {96, 96, 1},
                           .dtype = info().dtypes.front(),
                           .device = GetParam().device,
                           .init = preset.init.empty() ? info().init : preset.init,
                           .params = preset.params});
    const auto before = world.field().clone();
    world.advance(200);
    EXPECT_TRUE(all_finite(world.field()));
    EXPECT_FALSE(same_bits(world.field(), before)) << "nothing happens";
  }
}

INSTANTIATE_TEST_SUITE_P(All, LawContract, ::testing::ValuesIn(cases()), test_name);

TEST(Laws, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const auto& law : builtin_laws()) EXPECT_TRUE(names.insert(law->info().name).second);
}

TEST(Laws, AnUnknownNameIsAnsweredWithThoseThatExist) {
  try {
    find_law("no-such-law");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_THAT(error.what(), HasSubstr("gray-scott"));
  }
}

TEST(Laws, RunTheSuiteOnCudaWhereThereIsADevice) {
  if (!at::hasCUDA()) GTEST_SKIP() << "no CUDA device here";
  EXPECT_EQ(cases().size(), 2 * builtin_laws().size());
}

}  // namespace
}  // namespace atheria
