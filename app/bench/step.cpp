#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "app/bench/bench.h"
#include "app/cli/machine.h"
#include "app/protocol/json_text.h"
#include "engine/base/error.h"
#include "engine/run/bench.h"
#include "engine/run/catalog.h"
#include "engine/run/engine.h"

// Steps of each law, timed. Both paths run in turn within a minute of each other, because a shared
// machine's speed drifts; before that they are compared, because a fast wrong answer is none.
namespace atheria::bench {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kCompareSteps = 4;

struct Side {
  std::vector<double> wall;  // cells a second, one a round
  std::vector<double> cpu;   // cells a second of CPU time
};

struct Row {
  std::string law;
  int size = 0;
  std::optional<Side> fast, reference;
  std::string agreement;  // empty when only one path ran
};

WorldSpec spec_of(const std::string& law, int size, const std::string& path) {
  WorldSpec spec;
  spec.name = "bench";
  spec.law = law;
  spec.grid = {.width = size, .height = size, .depth = 1};
  spec.path = path;
  spec.seed = 1;
  // A law's own start may be one creature in the middle: work that is not typical where zeros are
  // skipped.
  if (law == "life") spec.init = "noise:density=0.3";
  return spec;
}

// "bitwise", or the largest difference of any cell.
std::string compare(const FieldCopy& a, const FieldCopy& b) {
  if (a.bytes == b.bytes) return "bitwise";
  if (a.descr != "<f4" || a.bytes.size() != b.bytes.size()) return "different";
  double largest = 0;
  for (std::size_t i = 0; i + 4 <= a.bytes.size(); i += 4) {
    float x = 0, y = 0;
    std::memcpy(&x, &a.bytes[i], 4);
    std::memcpy(&y, &b.bytes[i], 4);
    largest = std::max(largest, std::abs(static_cast<double>(x) - y));
  }
  return fmt::format("within {:.1e}", largest);
}

void time_once(StepBench& world, double seconds, double cells, Side& side) {
  const Timing timing = world.run(seconds);
  const double updated = cells * static_cast<double>(timing.steps);
  side.wall.push_back(updated / std::max(timing.wall_seconds, 1e-9));
  side.cpu.push_back(updated / std::max(timing.cpu_seconds, 1e-9));
}

Row measure(const std::string& law, const StepOptions& options) {
  Row row{.law = law, .size = options.size, .fast = {}, .reference = {}, .agreement = {}};
  std::optional<StepBench> fast, reference;
  if (options.path != "reference")
    fast.emplace(spec_of(law, options.size, "fast")), row.fast.emplace();
  if (options.path != "fast")
    reference.emplace(spec_of(law, options.size, "reference")), row.reference.emplace();
  for (auto* world : {fast ? &*fast : nullptr, reference ? &*reference : nullptr})
    if (world != nullptr) world->steps(kCompareSteps);  // warms up, too
  if (fast && reference) row.agreement = compare(fast->field(), reference->field());
  const double cells = static_cast<double>(options.size) * options.size;
  for (int round = 0; round < options.rounds; ++round) {
    if (fast) time_once(*fast, options.seconds, cells, *row.fast);
    if (reference) time_once(*reference, options.seconds, cells, *row.reference);
  }
  return row;
}

json::value side_json(const std::optional<Side>& side) {
  if (!side) return nullptr;
  return {{"cellsPerSecond", cli::median(side->wall)},
          {"cellsPerCpuSecond", cli::median(side->cpu)},
          {"rounds", json::value_from(side->wall)}};
}

void print_json(const std::vector<Row>& rows, const StepOptions& options) {
  json::array list;
  for (const Row& row : rows)
    list.push_back({{"law", row.law},
                    {"size", row.size},
                    {"native", side_json(row.fast)},
                    {"reference", side_json(row.reference)},
                    {"agreement", row.agreement}});
  const EngineFacts facts = engine_facts();
  fmt::print("{}\n", json::serialize(json::object{{"bench", "step"},
                                                  {"cpu", cli::cpu_name()},
                                                  {"threads", facts.threads},
                                                  {"torch", facts.torch},
                                                  {"rounds", options.rounds},
                                                  {"results", std::move(list)}}));
}

std::string mega(const std::optional<Side>& side, bool cpu) {
  if (!side) return "-";
  return fmt::format("{:.1f}", cli::median(cpu ? side->cpu : side->wall) / 1e6);
}

void print_table(const std::vector<Row>& rows, const StepOptions& options) {
  const EngineFacts facts = engine_facts();
  fmt::print("{}, {} threads, torch {}; medians of {} rounds, million cells a second\n\n",
             cli::cpu_name(), facts.threads, facts.torch, options.rounds);
  fmt::print("{:<18} {:>6} {:>11} {:>11} {:>11} {:>11} {:>7}  {}\n", "law", "size", "native",
             "per CPU s", "reference", "per CPU s", "ratio", "after 4 steps");
  for (const Row& row : rows) {
    const std::string ratio =
        row.fast && row.reference
            ? fmt::format("{:.1f}", cli::median(row.fast->wall) / cli::median(row.reference->wall))
            : "-";
    fmt::print("{:<18} {:>6} {:>11} {:>11} {:>11} {:>11} {:>7}  {}\n", row.law, row.size,
               mega(row.fast, false), mega(row.fast, true), mega(row.reference, false),
               mega(row.reference, true), ratio, row.agreement);
  }
}

}  // namespace

int bench_step(const StepOptions& options) {
  start_engine(
      {.threads = options.threads,
       .torch_threads = std::max(1, options.threads == 0 ? cli::cores() : options.threads)});
  std::vector<std::string> laws = options.laws;
  if (laws.empty())
    for (const LawInfo* law : law_catalog()) laws.push_back(law->name);
  std::vector<Row> rows;
  for (const std::string& law : laws) {
    law_info(law);  // a wrong name is told before the first minute is spent
  }
  for (const std::string& law : laws) rows.push_back(measure(law, options));
  options.json ? print_json(rows, options) : print_table(rows, options);
  return 0;
}

}  // namespace atheria::bench
