#include "app/server/idempotency.h"

#include <utility>

#include "app/server/clock.h"

namespace atheria::server {
namespace {

constexpr std::uint64_t kLife = 60_s;
constexpr std::size_t kMostBytes = 8 << 20;
constexpr std::size_t kEntryBytes = 256;  // an entry's own

}  // namespace

bool Idempotency::first(const std::string& key, std::uint64_t now_us, Waiter waiter) {
  forget(now_us);
  const auto [found, fresh] = entries_.try_emplace(key);
  if (fresh) return true;
  if (found->second.answer)
    waiter(found->second.answer);
  else
    found->second.waiters.push_back(std::move(waiter));
  return false;
}

void Idempotency::answered(const std::string& key, Answer answer, std::size_t bytes,
                           std::uint64_t now_us) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.answer) return;
  Entry& entry = found->second;
  entry.answer = std::move(answer);
  entry.bytes = bytes + kEntryBytes;
  entry.answered_us = now_us;
  bytes_ += entry.bytes;
  order_.push_back(key);
  const auto waiters = std::exchange(entry.waiters, {});
  for (const Waiter& waiter : waiters) waiter(entry.answer);
  forget(now_us);
}

void Idempotency::given_up(const std::string& key, const Answer& answer) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.answer) return;
  const auto waiters = std::move(found->second.waiters);
  entries_.erase(found);
  for (const Waiter& waiter : waiters) waiter(answer);
}

void Idempotency::forget(std::uint64_t now_us) {
  while (!order_.empty()) {
    const auto oldest = entries_.find(order_.front());
    const bool old = now_us - oldest->second.answered_us > kLife;
    if (!old && bytes_ <= kMostBytes) return;
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
    order_.pop_front();
  }
}

}  // namespace atheria::server
