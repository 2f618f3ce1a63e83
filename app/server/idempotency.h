#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace atheria::server {

// Requests with a key: the first runs, those after it within a minute get its answer, also while it
// still runs. I/O thread only.
class Idempotency {
 public:
  // Given an id, the text of a whole reply.
  using Answer = std::function<std::string(std::uint32_t id)>;
  using Waiter = std::function<void(const Answer&)>;

  // True: run it, and call answered() later. False: `waiter` gets the answer, at once or when it is
  // there.
  bool first(const std::string& key, std::uint64_t now_us, Waiter waiter);

  // `bytes`: about what the answer keeps in memory.
  void answered(const std::string& key, Answer answer, std::size_t bytes, std::uint64_t now_us);

  // The request could not be run just now: those who wait get this answer, the next one runs.
  void given_up(const std::string& key, const Answer& answer);

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Answer answer;  // empty while it runs
    std::vector<Waiter> waiters;
    std::size_t bytes = 0;
    std::uint64_t answered_us = 0;
  };
  void forget(std::uint64_t now_us);

  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> order_;  // keys in the order they were answered
  std::size_t bytes_ = 0;
};

}  // namespace atheria::server
