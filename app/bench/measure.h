#pragma once

#include <string>
#include <vector>

#include "app/bench/ceiling.h"
#include "app/bench/contender.h"
#include "app/bench/folder.h"
#include "app/bench/result.h"
#include "app/bench/rows.h"

namespace atheria::bench {

// All that measuring a row needs beside the row.
struct Workshop {
  CeilingMeter& ceilings;
  const BenchFolder& folder;
  PeerPlace place;                 // python empty: there is none
  std::vector<std::string> peers;  // those wanted
  int rounds = 5;
  double seconds = 1;
  int threads = 1;
  bool quick = false;
  double base_bytes = 0;  // what this process has in memory without a world
};

// Ours and the wanted peers, one after the other in each round, after their states were compared.
// What goes wrong on any side is that side's `trouble`. Throws Interrupted.
RowResult measure_row(const Row& row, const Workshop& shop);

constexpr std::uint32_t kCheckSteps = 10;  // after which states are compared

}  // namespace atheria::bench
