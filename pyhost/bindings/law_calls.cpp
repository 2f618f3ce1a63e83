#include "pyhost/bindings/law_calls.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/locks.h"
#include "pyhost/bindings/blocking.h"

namespace atheria::pyhost {

LawCalls& LawCalls::all() {
  static auto* const calls = new LawCalls;  // never destroyed: worlds may run to the last
  return *calls;
}

void LawCalls::put(const std::shared_ptr<LawCall>& call) {
  {
    const Locked lock(mutex_);
    waiting_.push_back(call);
  }
  came_.notify_one();
}

void LawCalls::forget(const std::shared_ptr<LawCall>& call) {
  const Locked lock(mutex_);
  std::erase(waiting_, call);
}

at::Tensor LawCalls::ask(const std::shared_ptr<LawCall>& call, std::chrono::milliseconds budget,
                         const std::function<bool()>& goes_on) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + budget;
  put(call);
  while (!call->wait(std::min<Clock::time_point>(end, Clock::now() + kSlice))) {
    if (goes_on && !goes_on()) {
      forget(call);
      throw Error(ErrorKind::cancelled, "was given up before it answered");
    }
    if (Clock::now() < end) continue;
    forget(call);
    throw Error(
        ErrorKind::busy,
        fmt::format("did not answer within its budget of {} ms: it is slow, or Python is busy",
                    budget.count()));
  }
  if (!call->failure.empty()) throw Error(ErrorKind::internal, call->failure);
  return std::move(call->next);
}

bool LawCall::wait(std::chrono::steady_clock::time_point until) {
  Locked lock(mutex);
  return answered.wait_until(lock, until, [this] { return done; });
}

void LawCall::answer(at::Tensor result, std::string why_not) {
  const Locked lock(mutex);
  next = std::move(result);
  failure = std::move(why_not);
  done = true;
  answered.notify_all();
}

std::shared_ptr<LawCall> LawCalls::take() {
  if (!wait_for(mutex_, came_, Deadline(1), [this] { return !waiting_.empty(); })) return nullptr;
  return unlocked([&]() -> std::shared_ptr<LawCall> {
    const Locked lock(mutex_);
    if (waiting_.empty()) return nullptr;
    auto first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  });
}

}  // namespace atheria::pyhost
