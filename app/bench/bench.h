#pragma once

#include <string>
#include <vector>

namespace atheria::bench {

struct StepOptions {
  std::vector<std::string> laws;  // empty: one world of each usual law
  int size = 512;                 // cells a side
  std::string path = "both";      // fast, reference, both
  int rounds = 5;                 // A B A B ...: each path once a round
  double seconds = 0.5;           // each time
  int threads = 0;
  bool json = false;
};
int bench_step(const StepOptions& options);

struct EncodeOptions {
  std::vector<int> sizes = {512, 2048};
  int frames = 60;
  bool json = false;
};
int bench_encode(const EncodeOptions& options);

struct PythonOptions {
  std::string python;  // empty: the one the build names
  int rounds = 5;      // A B A B ...: each side once a round
  double seconds = 1;  // of running, each time
  int threads = 0;     // stepping threads; 0: one per core but one, which is Python's
  bool json = false;
};
int bench_python(const PythonOptions& options);

}  // namespace atheria::bench
