#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/bench/stats.h"

// What a run of `ath bench` found: plain data, as its JSON file has it. Every value is a rate or a
// share, so that more is better.
namespace atheria::bench {

// What this machine can do at most of one kind of work, measured in the same run.
struct Ceiling {
  std::string name = {};  // "fma-f32"
  std::string what = {};
  std::string unit = {};                   // "FLOP/s"
  std::vector<double> one = {}, all = {};  // samples with one thread, with all
};

// What one cell and step costs against a ceiling, and that ceiling measured between the rounds of
// this row.
struct Bound {
  std::string ceiling = {};
  double work = 0;                  // in the ceiling's unit times seconds
  bool one_thread = false;          // the row itself runs on one
  std::vector<double> limits = {};  // one a round: the rate at which the ceiling would be reached
};

// One contender in a row.
struct Side {
  std::string name = {};             // "ours", "jax"
  std::string version = {};          // "jax 0.10.2"
  std::string form = {};             // how it does it
  std::vector<double> values = {};   // one a round, of the clock
  std::vector<double> per_cpu = {};  // the same for each second of processor time
  bool per_core = false;             // runs on one core, and is compared by processor time
  std::string agreement = {};        // with ours after the same steps; empty: not compared
  bool agrees = false;
  double peak_bytes = 0;
  double beat = 0;           // the ratio that is asked of ours; 0: none
  std::string trouble = {};  // why there are no values
};

struct RowResult {
  std::string name, what;
  std::string unit = {};      // "cells/s", "steps/s", "texels/s", "of the speed without"
  double cells = 1;           // of one step, all worlds together
  bool quick = false;         // smaller than the real thing: compared with nobody's
  std::string how = {};       // "avx512"
  std::string remark = {};    // why it may fall short of what is asked
  double reach = 0, aim = 0;  // of a machine with AVX-512 and two cores; 0: none said
  Side ours;
  std::vector<Side> peers;
  std::vector<Bound> bounds;
};

struct BenchResult {
  std::string date = {};  // UTC
  std::string version, torch, cpu, isa;
  int cores = 0, threads = 0, rounds = 0;
  double seconds = 0;
  bool quick = false;
  std::vector<Ceiling> ceilings;
  std::vector<RowResult> rows;
};

// Ours as a part of the ceiling: the median of the rounds, each against its own minute.
double part_of(const RowResult& row, const Bound& bound);

// How many times as fast ours is: empty when they disagree or one has no values.
std::vector<double> ratios_to(const RowResult& row, const Side& peer);

// What that ratio would be at the row's ceiling: a fast peer leaves no more. 0 when nobody knows.
double most_possible(const RowResult& row, const Side& peer);

}  // namespace atheria::bench
