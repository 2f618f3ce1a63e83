#include "app/bench/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "app/bench/against.h"
#include "app/bench/json.h"
#include "app/bench/markdown.h"
#include "app/bench/measure.h"
#include "app/bench/memory.h"
#include "app/bench/print.h"
#include "app/cli/machine.h"
#include "app/cli/wire_client.h"
#include "atheria_build.h"
#include "engine/base/isa.h"
#include "engine/run/engine.h"

namespace atheria::bench {
namespace {

constexpr double kCeilingSeconds = 0.05;  // a sample

// Only those of `wanted`, in the table's order; throws Error for a name that is none.
std::vector<Row> chosen_rows(const TableOptions& options) {
  std::vector<Row> rows = bench_rows(options.quick);
  std::string names;
  for (const Row& row : rows) names += (names.empty() ? "" : ", ") + row.name;
  for (const std::string& wanted : options.rows)
    if (std::ranges::find(rows, wanted, &Row::name) == rows.end())
      throw Error(fmt::format("no row '{}'; there are: {}", wanted, names));
  if (!options.rows.empty())
    std::erase_if(rows, [&](const Row& row) {
      return std::ranges::find(options.rows, row.name) == options.rows.end();
    });
  return rows;
}

std::vector<std::string> chosen_peers(const TableOptions& options) {
  std::set<std::string> known;
  for (const Row& row : bench_rows(options.quick))
    for (const PeerWish& peer : row.peers) known.insert(peer.name);
  std::vector<std::string> wanted = options.peers;
  if (wanted.empty()) return {known.begin(), known.end()};
  if (wanted == std::vector<std::string>{"none"}) return {};
  std::string names;
  for (const std::string& name : known) names += ", " + name;
  for (const std::string& name : wanted)
    if (!known.contains(name))
      throw Error(fmt::format("no peer '{}'; there are: none{}", name, names));
  return wanted;
}

PeerPlace place_of(const TableOptions& options, int threads) {
  const std::string tree = build::kSourceDir;
  PeerPlace place{
      .python = options.python,
      .script = (options.folder.empty() ? tree + "/bench/peers" : options.folder) + "/run.py",
      .limit_seconds = options.peer_limit,
      .threads = threads};
  for (const char* const folder : {"/.venv-bench", "/.venv"}) {
    const std::string candidate = tree + folder + "/bin/python";
    if (place.python.empty() && access(candidate.c_str(), X_OK) == 0) place.python = candidate;
  }
  return place;
}

std::string now_utc() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  return text;
}

BenchResult facts(const TableOptions& options) {
  const EngineFacts engine = engine_facts();
  BenchResult result;
  result.date = now_utc();
  result.version = build::kVersion;
  result.torch = engine.torch;
  result.cpu = cli::cpu_name();
  result.isa = to_string(best_isa());
  result.cores = cli::cores();
  result.threads = engine.threads;
  result.rounds = options.rounds;
  result.seconds = options.seconds;
  result.quick = options.quick;
  return result;
}

int list_rows(const TableOptions& options) {
  for (const Row& row : chosen_rows(options)) {
    std::string peers;
    for (const PeerWish& peer : row.peers) peers += (peers.empty() ? "" : ", ") + peer.name;
    fmt::print("{:<16} {}{}\n", row.name, row.what, peers.empty() ? "" : "; beside " + peers);
  }
  return 0;
}

void say(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

BenchResult measure(const TableOptions& options, const std::vector<Row>& rows) {
  const BenchFolder folder;
  BenchResult result = facts(options);
  const double base = resident_bytes();
  CeilingMeter ceilings(options.quick ? kCeilingSeconds / 5 : kCeilingSeconds);
  result.ceilings = ceilings.measure(options.rounds);
  say(head_text(result));
  const Workshop shop{.ceilings = ceilings,
                      .folder = folder,
                      .place = place_of(options, result.threads),
                      .peers = chosen_peers(options),
                      .rounds = options.rounds,
                      .seconds = options.seconds,
                      .threads = result.threads,
                      .quick = options.quick,
                      .base_bytes = base};
  for (const Row& row : rows) {
    result.rows.push_back(measure_row(row, shop));
    say("\n" + row_text(result.rows.back()));
  }
  return result;
}

}  // namespace

int bench_table(const TableOptions& options) try {
  if (options.list) return list_rows(options);
  const std::vector<Row> rows = chosen_rows(options);
  chosen_peers(options);  // a wrong name is told before the first minute is spent
  BenchResult stored;
  if (!options.against.empty()) stored = read_result(options.against);
  take_interrupts();
  start_engine(
      {.threads = options.threads,
       .torch_threads = std::max(1, options.threads == 0 ? cli::cores() : options.threads)});
  const BenchResult result = measure(options, rows);
  if (!options.json.empty()) write_text(options.json, pretty(to_json(result)));
  if (!options.markdown.empty()) write_text(options.markdown, to_markdown(result));
  bool failed = std::ranges::any_of(result.rows,
                                    [](const RowResult& row) { return row.ours.values.empty(); });
  if (!options.against.empty()) {
    const auto comparisons = compare_runs(result, stored);
    say(fmt::format("\nagainst {} ({}, {}):\n{}", options.against, stored.cpu, stored.date,
                    to_text(comparisons)));
    failed = failed || any_loss(comparisons);
  }
  return failed ? 1 : 0;
} catch (const Interrupted&) {
  fmt::print(stderr, "ath: interrupted\n");
  return cli::kExitCancelled;
}

int bench_docs(const std::string& json, const std::string& markdown) {
  write_text(markdown, to_markdown(read_result(json)));
  return 0;
}

}  // namespace atheria::bench
