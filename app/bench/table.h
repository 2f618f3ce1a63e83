#pragma once

#include <string>
#include <vector>

namespace atheria::bench {

struct TableOptions {
  std::vector<std::string> rows;   // empty: all
  std::vector<std::string> peers;  // empty: all; "none": none
  int rounds = 5;                  // A B A B ...: each side once a round
  double seconds = 1;              // each time
  int threads = 0;                 // 0: one per core
  bool quick = false;
  bool list = false;
  std::string json, markdown, against;  // files; empty: none
  std::string python;                   // of the peers; empty: .venv-bench's, else .venv's
  std::string folder;                   // that holds run.py; empty: the source tree's
  double peer_limit = 300;              // seconds for one answer of a peer
};

// 0; 1 when a row of ours could not be measured, or is slower than the stored run beyond the noise.
int bench_table(const TableOptions& options);

// docs/benchmarks.md from a stored run.
int bench_docs(const std::string& json, const std::string& markdown);

}  // namespace atheria::bench
