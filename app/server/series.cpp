#include "app/server/series.h"

#include <algorithm>

namespace atheria::server {
namespace {

constexpr std::size_t kMostRows = 1024;  // waiting for one client

}  // namespace

void SeriesSubscription::add(const Sample& sample) {
  if (wish_.max_fps <= 0) return;
  // Rows of another length are another law's; a message holds one kind.
  if (!rows_.empty() && rows_.back().values.size() != sample.values.size()) rows_.clear();
  if (rows_.size() >= kMostRows) {
    rows_.erase(rows_.begin(), rows_.begin() + kMostRows / 2);
    gap_ = true;
  }
  rows_.push_back(sample);
}

std::optional<OutgoingFrame> SeriesSubscription::take(std::uint64_t now, std::uint64_t& wake_us) {
  if (rows_.empty() || sending_ || wish_.max_fps <= 0) return std::nullopt;
  if (now < next_us_) {
    wake_us = next_us_;
    return std::nullopt;
  }
  auto frame = std::make_shared<wire::EncodedFrame>();
  frame->parts = wire::encode_series(rows_, wish_.crc);
  rows_.clear();
  sending_ = true;
  next_us_ = now + static_cast<std::uint64_t>(1e6 / wish_.max_fps);
  return OutgoingFrame{.sub = wish_.sub,
                       .seq = ++seq_,
                       .base_seq = 0,
                       .gap = std::exchange(gap_, false),
                       .encoded = std::move(frame)};
}

void SeriesFeeds::watch(const std::string& world, std::function<void(Outcome)> reply) {
  double hz = 0;
  for (const auto& [number, member] : members_)
    if (member.world == world) hz = std::max(hz, member.hz);
  worlds_->post(world,
                {.body = command::WatchSeries{hz > 0, hz > 0 ? hz : 1}, .reply = std::move(reply)});
}

std::uint64_t SeriesFeeds::join(const std::string& world, double hz, Follower follower,
                                std::function<void(Outcome)> reply) {
  const std::uint64_t number = next_++;
  members_[number] = {world, hz, std::move(follower)};
  try {
    watch(world, std::move(reply));
  } catch (...) {
    members_.erase(number);
    throw;
  }
  return number;
}

void SeriesFeeds::change(std::uint64_t member, double hz) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  found->second.hz = hz;
  watch(found->second.world, {});
}

void SeriesFeeds::leave(std::uint64_t member) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  const std::string world = found->second.world;
  members_.erase(found);
  try {
    watch(world, {});
  } catch (const Error&) {
    // The world is gone, or too busy: it samples for nobody until somebody joins.
  }
}

void SeriesFeeds::deliver(const std::string& world, const Sample& sample) {
  std::vector<std::uint64_t> numbers;  // a follower may leave meanwhile
  for (const auto& [number, member] : members_)
    if (member.world == world) numbers.push_back(number);
  for (const std::uint64_t number : numbers) {
    const auto found = members_.find(number);
    if (found != members_.end()) found->second.follower(sample);
  }
}

}  // namespace atheria::server
