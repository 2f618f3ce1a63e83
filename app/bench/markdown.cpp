#include "app/bench/markdown.h"

#include <fmt/format.h>

#include "app/bench/print.h"
#include "app/bench/rows.h"

namespace atheria::bench {
namespace {

constexpr const char* kHead = R"md(# Benchmarks

Made by `ath bench docs`; do not edit. Ours beside the peers that can be installed here, each in the best form we know,
in one run on one machine.

## How it is measured

- **The same work.** Before anything is timed, ours and the peer take ten steps from the same state. They must agree: Life
  in every cell; float32 within 1e-5 of the largest number (Lenia within 3e-4, because its growth function multiplies
  what the transforms round by about a hundred); bfloat16 within 5e-2, because peers keep the state in it. A peer that disagrees is said, and has no ratio.
- **In turn.** Each round runs ours and then each peer (A B C, A B C, ...), so that a slow minute of a shared machine is in
  both. The ratio is the median of the rounds' ratios. +- is half of the whole spread of the rounds.
- **Warm.** Compilers, planners and first allocations are done before. Time a peer spends in its compiler does not count.
- **Typical.** What is alive must stay so: Life and Lenia begin anew after the steps their row names. Setting the state
  does not count, nor the twelve steps ours takes after it to find which regions rest.
- **As many threads** for both. Peers that run on one core by nature say so; FFTW is compared by processor time, core by core.
- **Against this machine.** Loops that do nothing but multiply and add, copy, or do logic give the ceilings below; the
  ones that bound a row are measured again between its rounds. "Asked" is the goal the project set on two cores with
  full-width AVX-512 (532 GFLOP/s of float32), beside it the same goal in proportion to this machine's ceiling.
- **Peak memory** of ours is what the process has without a world plus what the row added.

## The peers' best form

- **torch** eager and compiled: rolls for stencils, slices and `linear` over channels-last for nets, one byte a cell for Life.
- **AOTInductor**: exported module, weights frozen in or not, whichever is faster here.
- **JAX**: one jitted loop over all steps; stencils carry their border in the state, which is two to three times as fast as padding.
- **CAX**: its own Life and NCA modules. **numba**: one parallel loop over rows, `fastmath`. **NumPy**: slices without temporaries.
- **FFTW** by pyFFTW: planned in place with `FFTW_MEASURE`, numba between the transforms, on one core.
- **bgolly**: QuickLife, a process a run, less the time of one that only reads the pattern; on the unbounded plane where the
  pattern does not reach the border, because it is several times as fast there.
- Split steps that meet (half a potential step after half a potential step) are joined for every peer, as they are in ours.
- Neural automata: the peers' cells all fire. Drawing random numbers is left out for them, which can only make them faster.
- Nobody's bit-slicing by hand is measured in array libraries: Life is bytes there, as their users write it.

## Run it

```
./ath setup --bench                # peers: JAX, CAX, numba, FFTW in .venv-bench (about 900 MB); golly comes with ./ath setup
./ath bench --json run.json        # all rows and peers, about a quarter of an hour; leave the machine alone meanwhile
./ath bench --list                 # what there is
./ath bench --row gray-scott --peers numba,jax
./ath bench --against run.json     # exits with 1 when a row lost more than the noise
./ath bench --quick --peers none   # does it run at all
./ath bench docs run.json docs/benchmarks.md
```

`--against` compares parts of the ceilings, so that a stored run of another machine will do. The noise is the spread of
both runs, at least 3 %. A missing peer is said with what installs it.

)md";

std::string machine(const BenchResult& result) {
  std::string text = fmt::format(
      "## This run\n\n{}, {} cores, {} threads, {}, torch {}, Atheria {}; {} rounds of {:g} s; "
      "{}.{}\n\n"
      "| ceiling | | one thread | all threads |\n|---|---|---:|---:|\n",
      result.cpu, result.cores, result.threads, result.isa, result.torch, result.version,
      result.rounds, result.seconds, result.date,
      result.quick ? " **Quick: smaller sizes, not to be compared.**" : "");
  for (const Ceiling& c : result.ceilings)
    text += fmt::format("| {} | {} | {} | {} |\n", c.name, c.what,
                        shown_rate(spread_of(c.one).median, c.unit),
                        shown_rate(spread_of(c.all).median, c.unit));
  return text;
}

std::string limits(const RowResult& row) {
  std::string text;
  for (const Bound& bound : row.bounds)
    text += fmt::format("{}{:.0f} % of {}", text.empty() ? "" : ", ", 100 * part_of(row, bound),
                        bound.ceiling);
  return text.empty() ? "-" : text;
}

std::string asked(const RowResult& row) {
  if (row.reach <= 0) return "-";
  const double here = goal_here(row.reach, row);
  return fmt::format("{}; here {}{}", shown(row, row.reach), shown(row, here),
                     falls_short(row) ? " **(not reached)**" : "");
}

std::string ours_table(const BenchResult& result) {
  std::string text =
      "\n## Ours\n\n| row | work | measured | +- | of the ceiling | asked | peak memory |\n"
      "|---|---|---:|---:|---|---|---:|\n";
  for (const RowResult& row : result.rows) {
    const Spread ours = spread_of(row.ours.values);
    if (ours.count == 0) {
      text += fmt::format("| {} | {} | {} | | | | |\n", row.name, row.what, row.ours.trouble);
      continue;
    }
    text += fmt::format(
        "| {} | {} | {} | {:.1f} % | {} | {} | {} |\n", row.name, row.what, shown(row, ours.median),
        50 * ours.relative(), limits(row), asked(row),
        row.ours.peak_bytes > 0 ? fmt::format("{:.0f} MiB", row.ours.peak_bytes / (1 << 20)) : "-");
  }
  return text;
}

std::string first_line(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  for (char& letter : line)
    if (letter == '|') letter = '/';
  return line;
}

std::string peer_line(const RowResult& row, const Side& peer) {
  if (!peer.trouble.empty() || !peer.agrees)
    return fmt::format("| {} | {} | {} | | | | {} |\n", row.name, peer.name,
                       first_line(peer.trouble.empty() ? peer.agreement : peer.trouble),
                       peer.version);
  const Spread ratio = spread_of(ratios_to(row, peer));
  const std::string wish =
      peer.beat > 0
          ? fmt::format("{:g}x{}", peer.beat, falls_short(row, peer) ? " **(not reached)**" : "")
          : "";
  return fmt::format("| {} | {} | {} | {:.1f}x{} | {} | {} | {}, {} |\n", row.name, peer.name,
                     shown(row, spread_of(peer.values).median), ratio.median,
                     peer.per_core ? " a core" : "", wish, peer.agreement, peer.version, peer.form);
}

std::string peers_table(const BenchResult& result) {
  std::string text =
      "\n## Beside the peers\n\n| row | peer | measured | ours is | asked | states agree | "
      "version, form "
      "|\n|---|---|---:|---:|---:|---|---|\n";
  for (const RowResult& row : result.rows)
    for (const Side& peer : row.peers) text += peer_line(row, peer);
  return text;
}

std::string shortfall(const RowResult& row) {
  std::string text;
  if (falls_short(row))
    text += fmt::format("{} of {} asked here. ", shown(row, spread_of(row.ours.values).median),
                        shown(row, goal_here(row.reach, row)));
  for (const Side& peer : row.peers)
    if (falls_short(row, peer))
      text += fmt::format("{}: {:.1f}x, {}. ", peer.name, spread_of(ratios_to(row, peer)).median,
                          asked(row, peer));
  return text.empty() ? text : fmt::format("- **{}**: {}{}\n", row.name, text, row.remark);
}

std::string shortfalls(const BenchResult& result) {
  std::string text;
  for (const RowResult& row : result.rows) text += shortfall(row);
  if (text.empty()) return text;
  return "\n## What falls short, and why\n\nA ratio \"at\" a ceiling is what there would be if "
         "ours reached it: a peer that is itself close to it leaves no more.\n\n" +
         text;
}

}  // namespace

std::string to_markdown(const BenchResult& result) {
  return kHead + machine(result) + ours_table(result) + peers_table(result) + shortfalls(result);
}

}  // namespace atheria::bench
