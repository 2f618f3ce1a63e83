#include "app/bench/print.h"

#include <fmt/format.h>

#include "app/bench/rows.h"

namespace atheria::bench {
namespace {

std::string percent(double part) {
  return fmt::format("{:.{}f} %", 100 * part, part < 0.1 ? 1 : 0);
}

std::string mebibytes(double bytes) {
  return bytes > 0 ? fmt::format("{:.0f} MiB", bytes / (1 << 20)) : "-";
}

std::string goals(const RowResult& row) {
  if (row.reach <= 0) return "";
  const double here = goal_here(row.reach, row);
  return fmt::format("; asked {}, which is {} here: {}", shown(row, row.reach), shown(row, here),
                     falls_short(row) ? "not reached" : "reached");
}

std::string bounds(const RowResult& row) {
  std::string text;
  for (const Bound& bound : row.bounds)
    text += fmt::format("{}{} of {}", text.empty() ? "; " : ", ", percent(part_of(row, bound)),
                        bound.ceiling);
  return text;
}

std::string peer_text(const RowResult& row, const Side& peer) {
  if (!peer.trouble.empty()) return peer.trouble;
  if (!peer.agrees) return fmt::format("{}: not timed  ({})", peer.agreement, peer.version);
  const Spread speed = spread_of(peer.values);
  const Spread ratio = spread_of(ratios_to(row, peer));
  std::string text = fmt::format("{:>16}  {:>7.1f}x{}", shown(row, speed.median), ratio.median,
                                 peer.per_core ? " a core" : "");
  if (peer.beat > 0) text += fmt::format(" ({})", asked(row, peer));
  return text + fmt::format("  +-{}; {}; {}; {}", percent(speed.relative() / 2), peer.agreement,
                            mebibytes(peer.peak_bytes), peer.version);
}

}  // namespace

std::string shown_rate(double value, const std::string& unit) {
  constexpr const char* kPrefix[] = {"", "k", "M", "G", "T", "P"};
  int step = 0;
  for (; value >= 1000 && step < 5; ++step) value /= 1000;
  return fmt::format("{:.{}f} {}{}", value,
                     value >= 100  ? 0
                     : value >= 10 ? 1
                                   : 2,
                     kPrefix[step], unit);
}

std::string shown(const RowResult& row, double value) {
  if (row.unit == "steps/s") return fmt::format("{:.2f} us a step", value > 0 ? 1e6 / value : 0);
  if (row.unit == "of the speed without") return fmt::format("{:.1f} %", 100 * value);
  return shown_rate(value, row.unit);
}

std::string asked(const RowResult& row, const Side& peer) {
  const double possible = most_possible(row, peer);
  std::string text = fmt::format("asked {:g}x", peer.beat);
  if (possible > 0 && possible < peer.beat)
    text += fmt::format("; {:.1f}x at {}", possible, row.bounds.front().ceiling);
  return text;
}

std::string head_text(const BenchResult& result) {
  std::string text = fmt::format(
      "{}, {} cores, {} threads, {}, torch {}; medians of {} rounds of {:g} s{}\n", result.cpu,
      result.cores, result.threads, result.isa, result.torch, result.rounds, result.seconds,
      result.quick ? "; quick: smaller sizes, for nobody to compare" : "");
  for (const Ceiling& ceiling : result.ceilings)
    text += fmt::format("  {:<10} {:>14} on one thread, {:>14} on all   {}\n", ceiling.name,
                        shown_rate(spread_of(ceiling.one).median, ceiling.unit),
                        shown_rate(spread_of(ceiling.all).median, ceiling.unit), ceiling.what);
  return text;
}

std::string row_text(const RowResult& row) {
  std::string text = fmt::format("{}: {}\n", row.name, row.what);
  const Spread ours = spread_of(row.ours.values);
  if (row.ours.values.empty()) return text + fmt::format("  ours           {}\n", row.ours.trouble);
  text += fmt::format("  {:<14} {:>16}  +-{}{}{}{}{}\n", "ours", shown(row, ours.median),
                      percent(ours.relative() / 2), bounds(row), goals(row),
                      row.ours.peak_bytes > 0 ? "; " + mebibytes(row.ours.peak_bytes) : "",
                      row.how.empty() ? "" : "; " + row.how);
  for (const Side& peer : row.peers)
    text += fmt::format("  {:<14} {}\n", peer.name, peer_text(row, peer));
  return text;
}

}  // namespace atheria::bench
