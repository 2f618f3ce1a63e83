#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/bench/folder.h"
#include "app/bench/peer.h"
#include "app/bench/rows.h"
#include "engine/run/bench.h"

// Who takes part in a row: ours, and peers. Both give the state after some steps and steps within
// some time.
namespace atheria::bench {

class Contender {
 public:
  virtual ~Contender() = default;

  // The state after so many steps from the first one, as it lies in memory.
  virtual std::vector<std::uint8_t> after(std::uint32_t steps) = 0;

  // Goes on for about so long.
  virtual Timing time(double seconds) = 0;
};

class Ours : public Contender {
 public:
  virtual const std::vector<std::uint8_t>& first() const = 0;  // the state it begins with
  virtual std::string how() const = 0;
};

// The worlds of a row; `weights` is a file for the laws that have some. Throws Error like Runner.
std::unique_ptr<Ours> make_ours(const Row& row, const std::string& weights);

struct PeerPlace {
  std::string python;          // its program
  std::string script;          // run.py
  double limit_seconds = 300;  // for one answer
  int threads = 1;
};

// One peer in one row: a process of its own.
class Theirs : public Contender {
 public:
  // Until it is ready, which may take a compiler's time. Throws Error (unsupported) when something
  // it needs is not installed, PeerFailed.
  Theirs(const std::string& name, const Row& row, const PeerPlace& place, const BenchFolder& folder,
         const std::string& weights, double seconds);

  std::vector<std::uint8_t> after(std::uint32_t steps) override;
  Timing time(double seconds) override;
  double peak_bytes();

  std::string version, form;

 private:
  wire::json::object ask(const wire::json::object& request);

  PeerPlace place_;
  PeerProcess process_;
};

// What a peer is told to prepare: the law's own parameters and all else it depends on.
wire::json::object preparation(const Row& row, const std::string& state, const BenchFolder& folder,
                               const std::string& weights, int threads, double seconds);

// What installs what a peer lacks.
std::string cure_for(const std::string& missing);

}  // namespace atheria::bench
