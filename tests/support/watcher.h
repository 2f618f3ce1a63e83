#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/run/runner.h"

namespace atheria::testing {

constexpr std::chrono::seconds kLimit{20};  // what no test should ever wait

// A FrameSink that remembers, and lets a test wait for what it needs.
class Watcher final : public FrameSink {
 public:
  void on_frame(std::shared_ptr<const Frame> frame) override {
    remember([&] { frames_.push_back(std::move(frame)); });
  }
  void on_sample(const std::string&, const Sample& sample) override {
    remember([&] { samples_.push_back(sample); });
  }
  void on_state(const WorldState& state) override {
    remember([&] { states_.push_back(state); });
  }
  void on_failure(const std::string&, const std::string& reason) override {
    remember([&] { failures_.push_back(reason); });
  }

  // Waits until there are n frames; returns them all.
  std::vector<std::shared_ptr<const Frame>> waits_for_frames(std::size_t n) {
    return waits(frames_, n, "frames");
  }
  std::vector<Sample> waits_for_samples(std::size_t n) { return waits(samples_, n, "samples"); }
  std::string waits_for_failure() {
    const auto found = waits(failures_, 1, "failures");
    return found.empty() ? "" : found.front();
  }
  std::size_t frames() const {
    const std::lock_guard lock(mutex_);
    return frames_.size();
  }

 private:
  template <class Change>
  void remember(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    came_.notify_all();
  }

  template <class Things>
  Things waits(const Things& things, std::size_t n, const char* what) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, kLimit, [&] { return things.size() >= n; }))
      ADD_FAILURE() << "waited for " << n << " " << what << ", " << things.size() << " came";
    return things;
  }

  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::shared_ptr<const Frame>> frames_;  // Guarded by mutex_, like the rest.
  std::vector<Sample> samples_;
  std::vector<WorldState> states_;
  std::vector<std::string> failures_;
};

// Posts a command and waits for its outcome.
inline Outcome ask(Runner& runner, CommandBody body) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto outcome = promise->get_future();
  runner.post({std::move(body), [promise](Outcome done) { promise->set_value(std::move(done)); }});
  if (outcome.wait_for(kLimit) != std::future_status::ready) {
    ADD_FAILURE() << "no reply";
    return {};
  }
  return outcome.get();
}

}  // namespace atheria::testing
