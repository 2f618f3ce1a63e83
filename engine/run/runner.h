#pragma once

#include <memory>

#include "engine/run/checkpoint.h"
#include "engine/run/command.h"
#include "engine/run/frame.h"

namespace atheria {

// One world and its thread. The thread owns the field and everything made of tensors; others post
// commands and receive frames. A paused world nobody asks anything sleeps.
class Runner {
 public:
  // Makes the field and the stepper here, so that a fault throws Error to the caller; then starts
  // the thread. The sink must outlive the runner.
  Runner(const WorldSpec& spec, FrameSink& sink);
  Runner(const Checkpoint& from, FrameSink& sink);  // goes on where it stood
  ~Runner();  // stops and joins, within one chunk of steps; commands not yet done answer "conflict"

  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Any thread; never blocks. Throws Error (busy) when 4096 commands wait already.
  void post(Command command);

  // The state as last published; any thread.
  WorldState state() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atheria
