#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/server/world_access.h"
#include "engine/base/error.h"
#include "engine/run/frame.h"

namespace atheria::testing {

// Worlds without an engine: they answer at once, remember what they were asked, and show a frame when told to.
class FakeWorlds : public server::WorldAccess {
 public:
  explicit FakeWorlds(FrameSink& sink) : sink_(sink) {
    law_.name = "ramp";
    law_.title = "Ramp";
    law_.channels = {{.name = "u"}};
    law_.params = {{.name = "F", .title = "Feed", .value = 0.5}};
    law_.view = "u";
    law_.measures = {{.name = "mass"}};
    other_ = law_;
    other_.name = "other";
    other_.view = "v";
    other_.channels = {{.name = "v"}};
    add("one");
  }

  void add(const std::string& name) {
    WorldState state;
    state.spec.name = name;
    state.spec.law = "ramp";
    state.spec.grid = {.width = 64, .height = 32, .depth = 1};
    state.spec.dtype = "f32";
    const std::lock_guard lock(mutex_);
    worlds_[name] = state;
  }

  const std::vector<const LawInfo*>& laws() const override { return laws_; }
  std::vector<ViewInfo> views(const std::string& law) const override {
    if (law == "other") return {{"v", "v", "", 0, 1, false, 1}};
    return {{"u", "u", "", 0, 1, false, 1},
            {"phase", "Phase", "rad", -3.14159265, 3.14159265, true, 1}};
  }
  std::vector<Measure> series(const LawInfo& law) const override { return law.measures; }
  std::vector<std::string> patterns() const override { return {"glider"}; }
  Window window(const GridSpec& grid, const ViewSpec&) const override {
    return {.roi = {0, 0, grid.width, grid.height},
            .lod = 0,
            .width = grid.width,
            .height = grid.height};
  }

  WorldState create(const WorldSpec& spec) override {
    if (spec.law != "ramp") throw Error(ErrorKind::not_found, "no law '" + spec.law + "'");
    {
      const std::lock_guard lock(mutex_);
      if (worlds_.contains(spec.name)) throw Error(ErrorKind::conflict, "it exists");
    }
    add(spec.name);
    return state(spec.name);
  }
  void remove(const std::string& name) override {
    state(name);
    const std::lock_guard lock(mutex_);
    worlds_.erase(name);
    watches.clear();  // a world takes its watches along; the tests that delete watch one world
  }
  std::vector<WorldState> states() const override {
    const std::lock_guard lock(mutex_);
    std::vector<WorldState> all;
    for (const auto& [name, state] : worlds_) all.push_back(state);
    return all;
  }
  WorldState state(const std::string& name) const override {
    const std::lock_guard lock(mutex_);
    const auto found = worlds_.find(name);
    if (found == worlds_.end())
      throw Error(ErrorKind::not_found, "no world '" + name + "'", "args.world");
    return found->second;
  }

  void post(const std::string& name, Command command) override {
    WorldState now = state(name);
    if (busy) throw Error(ErrorKind::busy, "4096 commands wait");
    Outcome outcome{.error = {}, .step = now.step};
    if (const auto* watch = std::get_if<command::Watch>(&command.body)) watches[watch->id] = *watch;
    if (const auto* gone = std::get_if<command::Unwatch>(&command.body)) watches.erase(gone->id);
    if (std::holds_alternative<command::Describe>(command.body)) outcome.data = now;
    if (std::holds_alternative<command::Probe>(command.body)) outcome.data = ProbeResult{{0.25}};
    if (std::holds_alternative<command::ReadField>(command.body))
      outcome.data = FieldCopy{std::vector<std::uint8_t>(64 * 32 * 4, 7), "<f4", {32, 64}};
    if (std::holds_alternative<command::Pause>(command.body)) ++pauses;
    ++posts;
    if (silent)
      unanswered.push_back(std::move(command));
    else if (command.reply)
      command.reply(std::move(outcome));
  }

  // A frame to each watch, every cell `value`.
  void show(std::uint64_t step, float value) {
    for (const auto& [id, watch] : watches) sink_.on_frame(frame(id, watch, step, value));
  }

  std::shared_ptr<const Frame> frame(std::uint64_t id, const command::Watch& watch,
                                     std::uint64_t step, float value) const {
    auto frame = std::make_shared<Frame>();
    frame->world = "one";
    frame->watch = id;
    frame->step = step;
    frame->made_us = step * 1000 + 1;
    frame->picture.spec = watch.view;
    frame->picture.width = 64;
    frame->picture.height = 32;
    frame->picture.roi = {0, 0, 64, 32};
    frame->picture.values.assign(64 * 32, value);
    frame->picture.lo = frame->picture.hi = value;
    return frame;
  }

  std::map<std::uint64_t, command::Watch> watches;
  std::vector<Command> unanswered;  // while silent
  bool silent = false;
  bool busy = false;
  int posts = 0;
  int pauses = 0;

 private:
  FrameSink& sink_;
  LawInfo law_, other_;
  std::vector<const LawInfo*> laws_{&law_, &other_};
  mutable std::mutex mutex_;
  std::map<std::string, WorldState> worlds_;  // Guarded by mutex_.
};

}  // namespace atheria::testing
