#include "app/server/subscription.h"

#include <algorithm>
#include <utility>

namespace atheria::server {
namespace {

constexpr std::uint64_t kBaseFrames = 8;
constexpr std::uint64_t kBaseAge = 2_s;

}  // namespace

Subscription::Subscription(wire::Subscribe wish, SubscriptionOwner& owner, Metrics& metrics)
    : wish_(std::move(wish)),
      owner_(owner),
      metrics_(metrics),
      flow_(wish_.max_fps, wish_.window) {}

void Subscription::attach(std::shared_ptr<Topic> topic) {
  topic_ = std::move(topic);
  waiting_.clear();
  waiting_bytes_ = 0;
  base_.reset();
  base_lost_ = sending_;
  encoding_ = false;
  ++*generation_;
}

void Subscription::update(wire::Subscribe wish) {
  wish_ = std::move(wish);
  flow_.update(wish_.max_fps, wish_.window);
}

std::size_t Subscription::size(const Picked& picked) { return picked.picture->bytes.size() + 128; }

void Subscription::count_dropped(std::uint64_t& reason, std::uint64_t count) {
  counts_.dropped += count;
  reason += count;
}

void Subscription::on_picture(const Picked& picked) {
  if (wish_.max_fps <= 0) return;
  if (lossless())
    queue(picked);
  else
    keep_newest(picked);
  pump();
}

void Subscription::keep_newest(const Picked& picked) {
  if (!waiting_.empty() && waiting_.front().seq != 0) count_dropped(metrics_.dropped_newer);
  waiting_.clear();
  waiting_.push_back({picked, 0});
  if (!flow_.due(owner_.now())) return;
  waiting_.front().seq = ++counts_.offered;
  ++metrics_.frames_offered;
}

void Subscription::queue(const Picked& picked) {
  ++metrics_.frames_offered;
  const std::uint32_t seq = ++counts_.offered;
  make_room(size(picked));
  waiting_.push_back({picked, seq});
  waiting_bytes_ += size(picked);
}

void Subscription::make_room(std::size_t bytes) {
  if (bytes <= owner_.lossless_room()) return;
  if (wish_.on_full != wire::OnFull::gap) return owner_.on_full(*this);
  while (bytes > owner_.lossless_room() && !waiting_.empty()) {
    gap_to_ = waiting_.front().seq;
    if (gap_from_ == 0) gap_from_ = gap_to_;
    waiting_bytes_ -= size(waiting_.front().picked);
    waiting_.pop_front();
    count_dropped(metrics_.dropped_full);
  }
}

void Subscription::on_lost(std::uint64_t count) {
  const std::uint32_t from = counts_.offered + 1;
  counts_.offered += static_cast<std::uint32_t>(count);
  metrics_.frames_offered += count;
  counts_.dropped += count;
  owner_.on_gap(*this, from, counts_.offered);
}

void Subscription::on_end(const std::string& reason) { owner_.on_ended(*this, reason); }

void Subscription::pump() {
  if (encoding_ || sending_ || waiting_.empty() || topic_ == nullptr) return;
  const std::uint64_t now = owner_.now();
  Waiting& next = waiting_.front();
  if (next.seq == 0) {
    if (!flow_.due(now)) {
      if (const std::uint64_t at = flow_.next_us(now)) owner_.wake_at(at);
      return;
    }
    next.seq = ++counts_.offered;
    ++metrics_.frames_offered;
  }
  if (!flow_.open(now)) {
    if (const std::uint64_t at = flow_.next_us(now)) owner_.wake_at(at);
    return;
  }
  Waiting taken = std::move(next);
  waiting_.pop_front();
  if (lossless()) waiting_bytes_ -= size(taken.picked);
  start(std::move(taken));
}

const Picked* Subscription::usable_base(const Picked& next) const {
  if (!base_ || next.number - base_->picked.number > kBaseFrames) return nullptr;
  return owner_.now() - base_->sent_us > kBaseAge ? nullptr : &base_->picked;
}

void Subscription::start(Waiting next) {
  // Told once, before the frame that follows: a client that takes none is not flooded with news of it.
  if (gap_from_ != 0) owner_.on_gap(*this, gap_from_, gap_to_);
  gap_from_ = gap_to_ = 0;
  current_ = std::move(next);
  encoding_ = true;
  topic_->encode(current_.picked, usable_base(current_.picked),
                 {.codec = wish_.codec, .crc = wish_.crc},
                 [this, alive = std::weak_ptr(generation_), generation = *generation_](auto frame) {
                   const auto still = alive.lock();
                   if (still && *still == generation) encoded(std::move(frame));
                 });
}

void Subscription::encoded(std::shared_ptr<const wire::EncodedFrame> frame) {
  encoding_ = false;
  if (!frame) {
    ++counts_.dropped;
    return pump();
  }
  sending_ = true;
  base_lost_ = false;
  const bool gap = current_.seq != last_seq_ + 1;
  last_seq_ = current_.seq;
  flow_.sent(current_.seq, owner_.now());
  owner_.send_frame({.sub = id(),
                     .seq = current_.seq,
                     .base_seq = frame->key || !base_ ? 0 : base_->seq,
                     .gap = gap,
                     .encoded = std::move(frame)});
}

void Subscription::part_sent(std::uint32_t seq, bool last, std::size_t bytes) {
  counts_.bytes += bytes;
  if (!last || seq != current_.seq) return;
  sending_ = false;
  ++counts_.sent;
  ++metrics_.frames_sent;
  if (!base_lost_) base_ = Base{current_.picked, current_.seq, owner_.now()};
  current_ = {};
  if (wish_.mode == wire::SubMode::once) return owner_.on_once_sent(*this);
  pump();
}

}  // namespace atheria::server
