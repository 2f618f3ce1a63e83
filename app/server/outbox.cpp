#include "app/server/outbox.h"

#include <algorithm>
#include <utility>

namespace atheria::server {

void Outbox::push_reply(Text text) {
  reply_bytes_ += text->size();
  replies_.push_back(std::move(text));
}

void Outbox::push_event(Text text, const std::string& key) {
  if (!key.empty()) {
    const auto same = std::find_if(events_.begin(), events_.end(),
                                   [&](const Event& event) { return event.key == key; });
    if (same != events_.end()) {
      event_bytes_ -= same->text->size();
      events_.erase(same);  // and not in place: `off` keeps growing along the queue
    }
  }
  event_bytes_ += text->size();
  events_.push_back({std::move(text), key});
}

void Outbox::push_frame(OutgoingFrame frame) { frames_.push_back({std::move(frame), 0}); }

void Outbox::drop_frame(std::uint32_t sub) {
  std::erase_if(frames_, [&](const Frame& f) { return f.frame.sub == sub; });
}

bool Outbox::take_back(std::uint32_t sub) {
  return std::erase_if(frames_,
                       [&](const Frame& f) { return f.frame.sub == sub && f.next_part == 0; }) > 0;
}

std::optional<Outgoing> Outbox::take() {
  Outgoing out;
  if (!replies_.empty()) {
    out.text = std::move(replies_.front());
    replies_.pop_front();
    reply_bytes_ -= out.text->size();
    return out;
  }
  if (!events_.empty()) {
    out.text = std::move(events_.front().text);
    events_.pop_front();
    event_bytes_ -= out.text->size();
    return out;
  }
  if (!blobs_.empty() && (frames_.empty() || blobs_turn_)) return take_blob_part();
  if (!frames_.empty()) return take_part();
  return std::nullopt;
}

Outgoing Outbox::take_blob_part() {
  blobs_turn_ = false;
  Blob& front = blobs_.front();
  const OutgoingBlob& blob = front.blob;
  const std::size_t size = std::min(wire::kPayloadLimit, blob.bytes->size() - front.sent);
  const auto begin = blob.bytes->begin() + static_cast<std::ptrdiff_t>(front.sent);
  const std::size_t parts = std::max<std::size_t>(
      1, (blob.bytes->size() + wire::kPayloadLimit - 1) / wire::kPayloadLimit);
  Outgoing out;
  front.sent += size;
  out.last_part = front.sent == blob.bytes->size();
  out.header = wire::encode_header(
      {.kind = wire::Kind::blob,
       .flags = static_cast<std::uint8_t>(out.last_part ? wire::flag::last_part : 0),
       .sub = blob.request,
       .step = blob.step,
       .time = blob.time,
       .clock_us = blob.clock_us,
       .part = front.part++,
       .parts = static_cast<std::uint16_t>(parts),
       .decoded = static_cast<std::uint32_t>(size)});
  out.payload = std::make_shared<const std::vector<std::uint8_t>>(
      begin, begin + static_cast<std::ptrdiff_t>(size));
  if (out.last_part) blobs_.pop_front();
  return out;
}

std::size_t Outbox::blob_bytes() const {
  std::size_t total = 0;
  for (const Blob& one : blobs_) total += one.blob.bytes->size() - one.sent;
  return total;
}

Outgoing Outbox::take_part() {
  blobs_turn_ = true;
  Frame& front = frames_.front();
  const OutgoingFrame& frame = front.frame;
  const wire::Part& part = frame.encoded->parts[front.next_part++];
  Outgoing out;
  out.header = wire::stamped(part.header, {frame.sub, frame.seq, frame.base_seq, frame.gap});
  out.payload = part.payload;
  out.sub = frame.sub;
  out.seq = frame.seq;
  out.last_part = front.next_part == frame.encoded->parts.size();
  if (out.last_part) frames_.pop_front();
  return out;
}

bool Outbox::overflowed() const {
  return replies_.size() + events_.size() > limits_.texts || event_bytes_ > limits_.event_bytes;
}

std::size_t Outbox::bytes() const {
  std::size_t total = reply_bytes_ + event_bytes_ + blob_bytes();
  for (const Frame& frame : frames_) {
    const auto& parts = frame.frame.encoded->parts;
    for (std::size_t i = frame.next_part; i < parts.size(); ++i)
      total += wire::kHeaderSize + parts[i].payload->size();
  }
  return total;
}

}  // namespace atheria::server
