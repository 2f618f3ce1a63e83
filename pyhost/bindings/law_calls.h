#pragma once

#include <Python.h>
#include <torch/types.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "engine/law/params.h"

namespace atheria::pyhost {

// One step of a law written in Python, on its way from a world's thread to Python's and back.
struct LawCall {
  PyObject* step;  // lives for ever, as laws do; touched with the GIL only
  at::Tensor psi;  // a copy, the call's own: whoever is late reads or writes nothing of the world's
  std::uint64_t t = 0;
  ParamMap params;
  bool is_3d = false;

  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;    // Guarded by mutex, like the rest.
  at::Tensor next;      // shares nothing with Python
  std::string failure;  // empty: all went well
};

// Calls that wait for the thread that runs serve_laws().
class LawCalls {
 public:
  static LawCalls& all();

  // World's thread. Waits for the answer; throws Error when there is none in time, or a bad one.
  at::Tensor ask(const std::shared_ptr<LawCall>& call, std::chrono::milliseconds budget);

  // Python's thread, with the GIL, which it lets go of while it waits. For ever.
  [[noreturn]] void serve();

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::shared_ptr<LawCall>> waiting_;  // Guarded by mutex_.
};

// With the GIL: runs the step and says what came of it. `psi` is planes [c,d,h,w], Python gets them
// without the depth of a field that has none. Throws Error when the step breaks its contract: a
// tensor of the same shape and dtype, and what it was given left as it was.
at::Tensor run_step(PyObject* step, const at::Tensor& psi, std::uint64_t t, const ParamMap& params,
                    bool is_3d);

}  // namespace atheria::pyhost
