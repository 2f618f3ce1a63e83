#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/error.h"
#include "engine/run/edit.h"
#include "engine/run/world.h"

// What can be asked of a world. Plain data: commands cross threads, tensors do not.
namespace atheria {

class Simulation;

namespace command {
struct Play {};
struct Pause {};
struct Step {
  std::uint64_t n = 1;
};  // pauses, then n steps; the reply comes when they are done
struct Reset {};  // the world as it was created: law, params, init, seed, step 0
struct SetParams {
  ParamMap params;
};  // all or none; others keep their value
struct SetLaw {     // a new law or preset on the same grid, from its start
  std::string law;  // empty: keep
  std::string preset;
  ParamMap params;
  std::string init;  // empty: keep the field if the law is the same, else its own
};
struct SetPace {
  Pace pace;
};
struct SetGuard {
  Guard guard;
};
struct Seed {
  std::optional<std::uint64_t> seed;
  std::string init;
};  // start again at step 0
struct PaintStroke {
  Paint paint;
};
struct Undo {};
struct Redo {};
struct Watch {
  std::uint64_t id;
  ViewSpec view;
  double max_fps = 60;
  std::uint32_t every = 1;
};  // or update
struct Unwatch {
  std::uint64_t id;
};
struct WatchSeries {
  bool on;
  double max_hz = 20;
};
struct Probe {
  int x, y, z = 0;
};
struct ReadField {
  std::string channel;
};  // empty: the law's first; "*": all
struct ReadHistogram {
  std::string view;
  int bins = 64;
  double lo = 0, hi = 0;
};
struct Measure {};   // the law's measures now
struct Describe {};  // the state now, exact

// The rest is for code in this process (Python's door), never for a client. What it runs sees the
// world between two steps, on the world's own thread.
struct Visit {
  std::function<void(Simulation&)> look;  // may throw Error, which is the answer
  // Of its holder, who may look while all others wait; refused (conflict) once that lease has ended.
  // 0: anybody's.
  std::uint64_t lease = 0;
};
// A lease: the world stands still for one holder. Refused (busy) while another is held, unless it
// takes over: then the other is revoked.
struct Park {
  std::uint64_t lease;
  std::string owner;         // for people: "job 12"
  std::uint64_t for_us = 0;  // from when it begins; then it ends by itself
  std::function<void(Simulation&)> enter;
  // The last thing the world does before it goes on, whatever ended the lease.
  std::function<void(Simulation&, const std::string& why)> leave;
  bool takes_over = false;
};
struct StepParked {
  std::uint64_t lease;
  std::uint32_t n = 1;  // 0: ends those still under way
};
struct Unpark {
  std::uint64_t lease;
  std::string why = "released";
};
// Called at each step divisible by `every`; false takes it off. Must not wait long.
struct Hook {
  std::uint64_t id;
  std::uint32_t every = 1;
  std::function<bool(Simulation&)> call;
};
struct Unhook {
  std::uint64_t id;
};
}  // namespace command

using CommandBody =
    std::variant<command::Play, command::Pause, command::Step, command::Reset, command::SetParams,
                 command::SetLaw, command::SetPace, command::SetGuard, command::Seed,
                 command::PaintStroke, command::Undo, command::Redo, command::Watch,
                 command::Unwatch, command::WatchSeries, command::Probe, command::ReadField,
                 command::ReadHistogram, command::Measure, command::Describe, command::Visit,
                 command::Park, command::StepParked, command::Unpark, command::Hook,
                 command::Unhook>;

// Exact numbers of a field, row-major, little-endian.
struct FieldCopy {
  std::vector<std::uint8_t> bytes;
  std::string descr;                // NumPy's: "<f4", "<f8", "|u1"
  std::vector<std::int64_t> shape;  // [h,w], [d,h,w] or [c,...]
  double time = 0;                  // simulated, of the step they are of
};
struct ProbeResult {
  std::vector<double> values;                              // one a channel
  std::vector<std::pair<std::string, double>> views = {};  // the one-channel views there
};
struct HistogramResult {
  double lo, hi;
  std::vector<std::uint64_t> counts;
  std::uint64_t nan;
};
struct MeasureResult {
  std::vector<double> values;
};

struct Outcome {
  std::optional<Error> error;  // nothing was changed when set
  std::uint64_t step = 0;      // the step at which the command took effect
  std::variant<std::monostate, FieldCopy, ProbeResult, HistogramResult, MeasureResult, WorldState,
               ViewSpec>
      data = {};
};

struct Command {
  CommandBody body;
  std::function<void(Outcome)> reply = {};  // called once, on the world's thread; must not block
};

}  // namespace atheria
