#pragma once

#include <string>
#include <vector>

#include "engine/law/law.h"

// Ten steps of every law in readable text, tests/golden/laws/NAME.txt: what review sees when a
// law's arithmetic changes.
namespace atheria::testing {

constexpr int kGoldenSteps = 10;
const std::string kGoldenFolder = "tests/golden/laws/";

// One channel after one step.
struct GoldenLine {
  int step = 0;
  std::string channel;
  double mean = 0, min = 0, max = 0, norm = 0;  // norm: root of the sum of squares
  std::string hash = "-";                       // of the bits, for laws of bits
};

// Runs the law from its own initial state, 96 x 96, seed 1, its first dtype.
std::vector<GoldenLine> golden_run(const Law& law, Path path);

// How far a number may be from the file's: |a - b| <= tolerance * (1 + |b|). 0 for bits.
double golden_tolerance(const LawInfo& info);

std::string golden_text(const LawInfo& info, const std::vector<GoldenLine>& lines);

// Throws Error when the file is not there or not of this form.
std::vector<GoldenLine> read_golden(const std::string& path, double& tolerance);

}  // namespace atheria::testing
