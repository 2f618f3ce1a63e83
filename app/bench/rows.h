#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/bench/result.h"
#include "engine/run/world.h"

// What `ath bench` measures, as data: one entry a row.
namespace atheria::bench {

struct PeerWish {
  std::string name;       // of bench/peers/run.py
  double beat = 0;        // how many times as fast ours is asked to be; 0: not asked
  bool per_core = false;  // uses one core: compared by processor time
};

// Where the state begins.
enum class Start {
  law,      // as the world's init says
  block,    // Life: soup in one square of 2 % in the middle
  patches,  // Life: soup in 256 squares, 2 % together
};

enum class RowKind { steps, batch, latency, guard, encode, stream, embed };

struct Row {
  std::string name, what;
  RowKind kind = RowKind::steps;
  WorldSpec world;
  int worlds = 1;  // stepped together
  Start start = Start::law;
  // After so many steps the first state again, untimed: what is alive in it must stay typical. 0: it goes on.
  std::uint32_t window = 0;
  // The first counts; others are for information. A bound that fusing several steps can pass comes
  // last.
  std::vector<Bound> bounds;
  // On a machine with the ceilings of reference_ceiling().
  double reach = 0, aim = 0;
  std::vector<PeerWish> peers;
  std::string remark = {};  // why it may fall short of what is asked
  double tolerance = 1e-5;  // of what both computed, of the largest number
  ParamMap check = {};      // over the world's while it is compared with peers
};

// `quick`: the same work, smaller.
std::vector<Row> bench_rows(bool quick);

// What the goals were set for: two cores of Zen 5, of the unit in bench_ceiling.h; 0 for another
// name.
double reference_ceiling(const std::string& name);

// A goal for this machine: in proportion to the ceiling that bounds the row.
double goal_here(double goal, const RowResult& row);

// What was asked of the row is not there: its speed, or a ratio.
bool falls_short(const RowResult& row);
bool falls_short(const RowResult& row, const Side& peer);

}  // namespace atheria::bench
