#include "app/bench/against.h"

#include <fmt/format.h>

#include <algorithm>

namespace atheria::bench {
namespace {

constexpr double kLeastNoise = 0.03;

const RowResult* find(const BenchResult& run, const std::string& name) {
  const auto found = std::ranges::find(run.rows, name, &RowResult::name);
  return found == run.rows.end() ? nullptr : &*found;
}

const Bound* find(const RowResult& row, const std::string& ceiling) {
  const auto found = std::ranges::find(row.bounds, ceiling, &Bound::ceiling);
  return found == row.bounds.end() ? nullptr : &*found;
}

// The row's rate for each round, in parts of that ceiling; without one the rate itself.
std::vector<double> parts(const RowResult& row, const std::string& ceiling) {
  const Bound* const bound = find(row, ceiling);
  return bound == nullptr ? row.ours.values : paired_ratios(row.ours.values, bound->limits);
}

Comparison refused(const std::string& row, Verdict verdict, std::string why) {
  return {.row = row, .verdict = verdict, .note = std::move(why)};
}

Comparison compare(const RowResult& now, const RowResult& then) {
  if (now.ours.values.empty()) return refused(now.name, Verdict::missing, now.ours.trouble);
  if (then.ours.values.empty())
    return refused(now.name, Verdict::other, "the stored run has no figure: " + then.ours.trouble);
  if (now.quick != then.quick || now.cells != then.cells || now.unit != then.unit)
    return refused(now.name, Verdict::other, "another size or kind of work: not compared");
  const std::string ceiling = then.bounds.empty() ? "" : then.bounds.front().ceiling;
  if (find(now, ceiling) == nullptr && !then.bounds.empty())
    return refused(now.name, Verdict::other, "bound by another ceiling: not compared");
  const Spread after = spread_of(parts(now, ceiling));
  const Spread before = spread_of(parts(then, ceiling));
  if (after.count == 0 || !(before.median > 0))
    return refused(now.name, Verdict::other, "no ceiling was measured: not compared");
  Comparison found{.row = now.name, .ratio = after.median / before.median};
  found.noise = std::max(kLeastNoise, after.relative() + before.relative());
  if (found.ratio < 1 - found.noise) found.verdict = Verdict::loss;
  if (found.ratio > 1 + found.noise) found.verdict = Verdict::faster;
  return found;
}

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "same";
    case Verdict::faster:
      return "faster";
    case Verdict::loss:
      return "LOSS";
    case Verdict::missing:
      return "missing";
    case Verdict::other:
      return "not compared";
  }
  return "";
}

}  // namespace

std::vector<Comparison> compare_runs(const BenchResult& now, const BenchResult& then) {
  std::vector<Comparison> all;
  for (const RowResult& row : then.rows) {
    const RowResult* const mine = find(now, row.name);
    all.push_back(mine != nullptr ? compare(*mine, row)
                                  : refused(row.name, Verdict::missing, "not in this run"));
  }
  for (const RowResult& row : now.rows)
    if (find(then, row.name) == nullptr)
      all.push_back(refused(row.name, Verdict::other, "not in the stored run"));
  return all;
}

bool any_loss(const std::vector<Comparison>& comparisons) {
  return std::ranges::any_of(comparisons,
                             [](const Comparison& c) { return c.verdict == Verdict::loss; });
}

std::string to_text(const std::vector<Comparison>& comparisons) {
  std::string text;
  for (const Comparison& c : comparisons) {
    text += fmt::format("{:<16} {:<12} ", c.row, word(c.verdict));
    text += c.note.empty() ? fmt::format("{:.3f} of the stored part of the ceiling, noise {:.1f} %",
                                         c.ratio, 100 * c.noise)
                           : c.note;
    text += '\n';
  }
  return text;
}

}  // namespace atheria::bench
