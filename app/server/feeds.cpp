#include "app/server/feeds.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/view/draw.h"

namespace atheria::server {

// What the encoder has made of one batch, for one topic.
struct Delivery {
  std::weak_ptr<Topic> topic;
  std::vector<std::shared_ptr<const wire::Quantised>> pictures;
};

struct Feeds::Feed {
  Feed(FeedKey feed_key, std::uint64_t feed_id, std::size_t limit)
      : key(std::move(feed_key)), id(feed_id), mailbox(key.own != 0, limit) {}

  const FeedKey key;
  const std::uint64_t id;
  Mailbox mailbox;

  std::vector<std::shared_ptr<Topic>> topics;  // I/O thread only.
  double fps = 0;                              // I/O thread only: what the world was told.

  struct Maker {
    std::weak_ptr<Topic> topic;
    wire::Dtype dtype;
    wire::AutoRange range;
  };
  std::vector<Maker> makers;  // Encoder thread only, like all below.
  std::vector<Delivery> delivered;
  std::string failed;  // why it cannot be shown any more; empty: it can
  std::uint64_t lost = 0;
  std::size_t pictures = 0;
  double seconds = 0;

  void take(const Frame& frame);
  void quantise(const Frame& frame);
};

namespace {

// A script's picture, drawn as the view wants it. Throws Error where its roi is outside.
Frame drawn(const Frame& whole, const ViewSpec& view) {
  const Picture& all = whole.picture;
  const Planes planes{.data = all.values.data(),
                      .dtype = atheria::Dtype::f32,
                      .grid = {.width = all.width, .height = all.height, .depth = 1},
                      .channels = all.channels};
  Frame frame;
  frame.step = whole.step;
  frame.time = whole.time;
  frame.made_us = whole.made_us;
  frame.picture = draw_planes(planes, view);
  return frame;
}

}  // namespace

void Feeds::Feed::take(const Frame& frame) {
  if (makers.empty()) return;
  if (key.stream == 0) return quantise(frame);
  Frame made;
  try {
    made = drawn(frame, key.view);
  } catch (const Error& error) {
    failed = error.what();
    return;
  }
  quantise(made);
}

void Feeds::Feed::quantise(const Frame& frame) {
  for (Maker& maker : makers) {
    const wire::Range range = maker.range.update(frame.picture.lo, frame.picture.hi, frame.made_us);
    auto picture =
        std::make_shared<const wire::Quantised>(wire::quantise(frame, maker.dtype, range));
    const auto same = std::find_if(delivered.begin(), delivered.end(), [&](const Delivery& d) {
      return !d.topic.owner_before(maker.topic) && !maker.topic.owner_before(d.topic);
    });
    if (same != delivered.end())
      same->pictures.push_back(std::move(picture));
    else
      delivered.push_back({maker.topic, {std::move(picture)}});
    ++pictures;
  }
}

void Feeds::on_frame(std::shared_ptr<const Frame> frame) {
  const std::uint64_t watch = frame->watch;
  on_frame(watch, std::move(frame));
}

void Feeds::on_frame(std::uint64_t watch, std::shared_ptr<const Frame> frame) {
  std::shared_ptr<Feed> feed;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(watch);
    if (found == by_id_.end()) return;
    feed = found->second;
  }
  if (feed->mailbox.put(std::move(frame)))
    encoder_.run([feed, &encoder = encoder_] { work(feed, encoder); });
}

// Encoder thread.
void Feeds::work(const std::shared_ptr<Feed>& feed, Encoder& encoder) {
  const std::uint64_t begin = now_us();
  std::erase_if(feed->makers, [](const Feed::Maker& maker) { return maker.topic.expired(); });
  auto batch = feed->mailbox.take();
  feed->lost = batch.lost;
  try {
    for (const auto& frame : batch.frames) feed->take(*frame);
  } catch (const std::exception& error) {
    log::error(fmt::format("{}/{}: a frame could not be quantised: {}", feed->key.world,
                           feed->key.view.name, error.what()));
  }
  feed->seconds = static_cast<double>(now_us() - begin) * 1e-6;
  encoder.answer([feed, &encoder] { arrive(feed, encoder); });
}

// I/O thread; the encoder leaves this feed alone until mailbox.done().
void Feeds::arrive(const std::shared_ptr<Feed>& feed, Encoder& encoder) {
  Metrics& metrics = encoder.metrics();
  metrics.encoder_seconds += feed->seconds;
  metrics.quantised += std::exchange(feed->pictures, 0);
  metrics.dropped_encoder += feed->lost;
  for (Delivery& delivery : std::exchange(feed->delivered, {})) {
    const auto topic = delivery.topic.lock();
    if (!topic) continue;
    // Of shared feeds only the newest counts: what it replaced was never offered to anybody.
    if (feed->lost > 0 && feed->key.own != 0) topic->lost(feed->lost);
    for (auto& picture : delivery.pictures) topic->deliver(std::move(picture));
  }
  if (!feed->failed.empty()) {
    const std::string reason = std::exchange(feed->failed, {});
    const auto topics = feed->topics;  // ending one takes it out
    for (const auto& topic : topics) topic->end(reason);
  }
  if (feed->mailbox.done()) encoder.run([feed, &encoder] { work(feed, encoder); });
}

std::shared_ptr<Feeds::Feed> Feeds::feed_for(const Wanted& wanted) {
  const wire::Subscribe& wish = wanted.wish;
  const bool lossless = wish.mode == wire::SubMode::lossless;
  const FeedKey key{wish.world, wanted.stream, wish.view, wish.every, lossless ? next_id_ : 0};
  auto& feed = feeds_[key];
  if (!feed) {
    feed = std::make_shared<Feed>(key, next_id_++, lossless_bytes_);
    const std::lock_guard lock(mutex_);
    by_id_[feed->id] = feed;
  }
  return feed;
}

std::shared_ptr<Topic> Feeds::join(const Wanted& wanted, PictureSink& sink,
                                   std::function<void(Outcome)> reply) {
  const auto& [wish, range, stream] = wanted;
  const auto feed = feed_for(wanted);
  auto found = std::find_if(feed->topics.begin(), feed->topics.end(), [&](const auto& topic) {
    return topic->dtype() == wanted.wish.dtype && topic->range() == wanted.range;
  });
  std::shared_ptr<Topic> topic;
  if (found != feed->topics.end()) {
    topic = *found;
  } else {
    topic = std::make_shared<Topic>(encoder_, wish.dtype, range);
    feed->topics.push_back(topic);
    encoder_.run([feed, weak = std::weak_ptr(topic), dtype = wish.dtype, range = range] {
      feed->makers.push_back({weak, dtype, wire::AutoRange(range)});
    });
  }
  topic->join(sink, wish.max_fps);
  try {
    watch(*feed, std::move(reply));
  } catch (...) {
    leave(topic, sink);
    throw;
  }
  return topic;
}

void Feeds::watch(Feed& feed, std::function<void(Outcome)> reply) {
  feed.fps = 0;
  for (const auto& topic : feed.topics) feed.fps = std::max(feed.fps, topic->max_fps());
  if (feed.key.stream != 0) {
    const double fps = feed.key.own != 0 ? 0 : feed.fps;  // 0: every picture
    const auto step = streams_.watch(feed.key.stream, {feed.id, fps, feed.key.every});
    if (reply) reply(Outcome{.error = {}, .step = step});
    return;
  }
  command::Watch what{
      .id = feed.id, .view = feed.key.view, .max_fps = feed.fps, .every = feed.key.every};
  if (feed.key.own != 0) what.max_fps = 0;  // every frame
  worlds_->post(feed.key.world, {.body = what, .reply = std::move(reply)});
}

void Feeds::unwatch(const Feed& feed) {
  if (feed.key.stream != 0) return streams_.unwatch(feed.key.stream, feed.id);
  try {
    worlds_->post(feed.key.world, {.body = command::Unwatch{feed.id}});
  } catch (const Error&) {
    // The world is gone and its watches with it; or its inbox is full, and its frames find nobody.
  }
}

void Feeds::leave(const std::shared_ptr<Topic>& topic, PictureSink& sink) {
  topic->leave(sink);
  const auto entry = std::find_if(feeds_.begin(), feeds_.end(), [&](const auto& e) {
    return std::find(e.second->topics.begin(), e.second->topics.end(), topic) !=
           e.second->topics.end();
  });
  if (entry == feeds_.end()) return;
  const auto feed = entry->second;
  if (topic->empty()) std::erase(feed->topics, topic);
  if (feed->topics.empty()) {
    feeds_.erase(entry);
    {
      const std::lock_guard lock(mutex_);
      by_id_.erase(feed->id);
    }
    unwatch(*feed);
    return;
  }
  double fps = 0;
  for (const auto& other : feed->topics) fps = std::max(fps, other->max_fps());
  if (fps >= feed->fps) return;
  try {
    watch(*feed, {});
  } catch (const Error&) {
    // As in unwatch(): it only goes on faster than it must.
  }
}

void Feeds::end_some(const std::string& reason, const std::function<bool(const FeedKey&)>& which) {
  std::vector<std::shared_ptr<Topic>> ending;
  for (const auto& [key, feed] : feeds_)
    if (which(key)) ending.insert(ending.end(), feed->topics.begin(), feed->topics.end());
  for (const auto& topic : ending) topic->end(reason);
}

void Feeds::end_stream(std::uint64_t stream, const std::string& reason) {
  end_some(reason, [&](const FeedKey& key) { return key.stream == stream; });
}

void Feeds::end_world(const std::string& world, const std::string& reason) {
  end_some(reason, [&](const FeedKey& key) { return key.world == world; });
}

void Feeds::keep_views(const std::string& world, const std::vector<ViewInfo>& views) {
  end_some("the world's law has no such view any more", [&](const FeedKey& key) {
    return key.world == world &&
           std::none_of(views.begin(), views.end(),
                        [&](const ViewInfo& view) { return view.name == key.view.name; });
  });
}

}  // namespace atheria::server
