#include "app/bench/result.h"

namespace atheria::bench {

double part_of(const RowResult& row, const Bound& bound) {
  return spread_of(paired_ratios(row.ours.values, bound.limits)).median;
}

std::vector<double> ratios_to(const RowResult& row, const Side& peer) {
  if (!peer.agrees) return {};
  return peer.per_core ? paired_ratios(row.ours.per_cpu, peer.per_cpu)
                       : paired_ratios(row.ours.values, peer.values);
}

double most_possible(const RowResult& row, const Side& peer) {
  if (!peer.agrees || peer.per_core || row.bounds.empty()) return 0;
  return spread_of(paired_ratios(row.bounds.front().limits, peer.values)).median;
}

}  // namespace atheria::bench
