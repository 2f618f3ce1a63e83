#pragma once

#include <Python.h>
#include <torch/types.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine/law/params.h"

namespace atheria::pyhost {

// One step of a law written in Python, on its way from a world's thread to Python's and back.
struct LawCall {
  PyObject* step = nullptr;  // lives for ever, as laws do; touched with the GIL only
  at::Tensor psi;  // a copy, the call's own: whoever is late reads or writes nothing of the world's
  std::uint64_t t = 0;
  ParamMap params;
  bool is_3d = false;

  // Without the GIL. `next` shares nothing with Python; `failure` is empty when all went well.
  bool wait(std::chrono::steady_clock::time_point until);  // false: no answer yet
  void answer(at::Tensor result, std::string why_not);

  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;  // Guarded by mutex, like the rest; once it is, nobody writes it any more.
  at::Tensor next;
  std::string failure;
};

// Calls that wait for the thread that runs serve_laws().
class LawCalls {
 public:
  static LawCalls& all();

  // World's thread. Waits for the answer and asks goes_on (may be empty) every 20 ms meanwhile;
  // throws Error when that says no, when there is none in time, or a bad one.
  at::Tensor ask(const std::shared_ptr<LawCall>& call, std::chrono::milliseconds budget,
                 const std::function<bool()>& goes_on);

  // Python's thread, with the GIL, which it lets go of while it waits: the next call, or null after
  // a while.
  std::shared_ptr<LawCall> take();

 private:
  void put(const std::shared_ptr<LawCall>& call);
  void forget(const std::shared_ptr<LawCall>& call);

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::shared_ptr<LawCall>> waiting_;  // Guarded by mutex_.
};

}  // namespace atheria::pyhost
