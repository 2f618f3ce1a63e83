#include "app/server/topic.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/log.h"

namespace atheria::server {
namespace {

constexpr std::uint64_t kKept = 8;  // frames whose encodings may still be asked for

}  // namespace

void Topic::join(PictureSink& sink, double fps) {
  leave(sink);
  members_.push_back({&sink, fps});
}

void Topic::leave(PictureSink& sink) {
  std::erase_if(members_, [&](const Member& member) { return member.sink == &sink; });
}

double Topic::max_fps() const {
  double most = 0;
  for (const Member& member : members_) most = std::max(most, member.fps);
  return most;
}

// A member may leave, or end its connection, while it is told.
template <class Call>
void Topic::each(Call call) {
  const auto keep = shared_from_this();
  const auto members = members_;
  for (const Member& member : members) {
    const bool there = std::any_of(members_.begin(), members_.end(),
                                   [&](const Member& m) { return m.sink == member.sink; });
    if (there) call(*member.sink);
  }
}

void Topic::deliver(std::shared_ptr<const wire::Quantised> picture) {
  const Picked picked{++newest_, std::move(picture)};
  forget_old();
  each([&](PictureSink& sink) { sink.on_picture(picked); });
}

void Topic::lost(std::uint64_t count) {
  newest_ += count;
  each([&](PictureSink& sink) { sink.on_lost(count); });
}

void Topic::end(const std::string& reason) {
  each([&](PictureSink& sink) { sink.on_end(reason); });
}

void Topic::forget_old() {
  std::erase_if(made_, [&](const auto& entry) {
    return entry.second.encoded && std::get<0>(entry.first) + kKept < newest_;
  });
}

void Topic::encode(const Picked& frame, const Picked* base, const wire::EncodeOptions& options,
                   Done done) {
  const Key key{frame.number, base != nullptr ? base->number : 0, options.codec, options.crc};
  const auto [found, fresh] = made_.try_emplace(key);
  if (found->second.encoded) {
    encoder_.answer([encoded = found->second.encoded, done = std::move(done)] { done(encoded); });
    return;
  }
  found->second.waiting.push_back(std::move(done));
  if (fresh) start(key, frame, base, options);
}

void Topic::start(const Key& key, const Picked& frame, const Picked* base,
                  const wire::EncodeOptions& options) {
  encoder_.run([self = shared_from_this(), key, options, picture = frame.picture,
                before = base != nullptr ? base->picture : nullptr] {
    Encoded encoded;
    const std::uint64_t begin = now_us();
    try {
      encoded =
          std::make_shared<const wire::EncodedFrame>(wire::encode(*picture, options, before.get()));
    } catch (const std::exception& error) {
      log::error(fmt::format("a frame could not be encoded: {}", error.what()));
    }
    const double seconds = static_cast<double>(now_us() - begin) * 1e-6;
    self->encoder_.answer([self, key, encoded = std::move(encoded), seconds]() mutable {
      self->encoder_.metrics().encoder_seconds += seconds;
      ++self->encoder_.metrics().encodes;
      self->finish(key, std::move(encoded));
    });
  });
}

void Topic::finish(const Key& key, Encoded encoded) {
  const auto found = made_.find(key);
  if (found == made_.end()) return;
  const auto waiting = std::exchange(found->second.waiting, {});
  found->second.encoded = encoded;
  if (!encoded) made_.erase(found);
  for (const Done& done : waiting) done(encoded);
  forget_old();
}

}  // namespace atheria::server
