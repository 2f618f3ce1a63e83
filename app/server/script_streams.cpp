#include "app/server/script_streams.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/post.hpp>

#include <algorithm>

#include "engine/base/clock.h"
#include "engine/base/error.h"

namespace atheria::server {
namespace {

std::size_t bytes_of(const StreamShape& shape) {
  return std::size_t(shape.width) * shape.height * shape.channels * sizeof(float);
}

std::shared_ptr<Frame> frame_of(StreamPicture picture) {
  auto frame = std::make_shared<Frame>();
  const StreamShape& shape = picture.shape;
  frame->world = kStreamTopics;
  frame->made_us = now_us();
  frame->picture.roi = {0, 0, shape.width, shape.height};
  frame->picture.width = shape.width;
  frame->picture.height = shape.height;
  frame->picture.channels = shape.channels;
  frame->picture.values = std::move(picture.values);
  return frame;
}

}  // namespace

std::uint64_t ScriptStreams::put(StreamPicture picture) {
  const StreamShape shape = picture.shape;
  check_stream_name(picture.name);
  check_stream_shape(shape.width, shape.height, shape.channels);
  if (shape.range) check_stream_range(shape.range->first, shape.range->second);
  if (picture.values.size() * sizeof(float) != bytes_of(shape))
    throw Error(ErrorKind::bad_args,
                fmt::format("{} numbers are no picture of {} channels of {} x {}",
                            picture.values.size(), shape.channels, shape.height, shape.width),
                "values");
  const std::string name = picture.name;
  const auto frame = frame_of(std::move(picture));
  std::shared_ptr<const Frame> before;  // freed after the lock
  const std::lock_guard lock(mutex_);
  Stream& stream = room_for(name, shape);
  if (stream.info.shape != shape || stream.info.count == 0) {
    changed_[name] = stream.info.id;
    wake();
  }
  stream.info.shape = shape;
  if (stream.info.count == 0) stream.began_us = frame->made_us;
  frame->step = ++stream.info.count;
  frame->time = static_cast<double>(frame->made_us - stream.began_us) * 1e-6;
  before = std::exchange(stream.newest, frame);
  hand_out(stream);
  return stream.info.count;
}

// The stream of that name, made where there is none.
ScriptStreams::Stream& ScriptStreams::room_for(const std::string& wanted,
                                               const StreamShape& shape) {
  const auto found = streams_.find(wanted);
  if (found == streams_.end() && streams_.size() >= limits_.streams)
    throw Error(ErrorKind::too_large,
                fmt::format("cannot show '{}': there are {} streams already; "
                            "atheria.stream.drop(NAME) takes one away",
                            wanted, streams_.size()),
                "topic");
  std::size_t others = 0;
  for (const auto& [name, stream] : streams_)
    if (name != wanted) others += bytes_of(stream.info.shape);
  if (const std::size_t need = bytes_of(shape); others + need > limits_.bytes)
    throw Error(
        ErrorKind::too_large,
        fmt::format("stream '{}' needs {:.1f} MiB; the others take {:.1f} MiB of the {:.1f} "
                    "MiB for all: show a smaller picture, or drop another",
                    wanted, static_cast<double>(need) / (1 << 20),
                    static_cast<double>(others) / (1 << 20),
                    static_cast<double>(limits_.bytes) / (1 << 20)),
        "values");
  if (found != streams_.end()) return found->second;
  Stream& fresh = streams_[wanted];
  fresh.info = {.name = wanted, .shape = shape, .count = 0, .id = next_id_++};
  return fresh;
}

// The newest picture, to all who want it, with mutex_ held.
void ScriptStreams::hand_out(Stream& stream) {
  for (auto& [id, watch] : stream.watches) {
    if (stream.info.count % watch.what.every != 0) continue;
    if (watch.what.max_fps <= 0)
      listener_.on_stream_frame(id, stream.newest);
    else if (!std::exchange(watch.waiting, stream.newest))
      wake();  // else somebody is on the way to it
  }
}

void ScriptStreams::drop(const std::string& name) {
  Stream gone;  // freed after the lock
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(name);
  if (found == streams_.end()) not_found(name);
  gone = std::move(found->second);
  streams_.erase(found);
  changed_.erase(name);
  dropped_.emplace_back(name, gone.info.id);
  wake();
}

void ScriptStreams::not_found(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& [known, stream] : streams_) names.push_back(known);
  throw Error(ErrorKind::not_found,
              fmt::format("no stream '{}'; there are: {}", name,
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
              "topic");
}

std::vector<StreamInfo> ScriptStreams::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<StreamInfo> all;
  for (const auto& [name, stream] : streams_) all.push_back(stream.info);
  return all;
}

StreamInfo ScriptStreams::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(name);
  if (found == streams_.end()) not_found(name);
  return found->second.info;
}

ScriptStreams::Entries::iterator ScriptStreams::entry(std::uint64_t stream) {
  return std::find_if(streams_.begin(), streams_.end(),
                      [&](const auto& one) { return one.second.info.id == stream; });
}

std::uint64_t ScriptStreams::watch(std::uint64_t stream, const StreamWatch& what) {
  const std::lock_guard lock(mutex_);
  const auto found = entry(stream);
  if (found == streams_.end())
    throw Error(ErrorKind::not_found, "the stream was dropped", "args.topic");
  Watch& watch = found->second.watches[what.id] = {what, nullptr, 0};
  if (what.max_fps <= 0) {
    listener_.on_stream_frame(what.id, found->second.newest);
  } else {
    watch.waiting = found->second.newest;
    wake();
  }
  return found->second.info.count;
}

void ScriptStreams::unwatch(std::uint64_t stream, std::uint64_t watch) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entry(stream); found != streams_.end()) found->second.watches.erase(watch);
}

// With mutex_ held.
void ScriptStreams::wake() {
  if (std::exchange(awake_, true)) return;
  boost::asio::post(io_, [this] {
    tell();
    show();
  });
}

// What came and went. I/O thread.
void ScriptStreams::tell() {
  decltype(changed_) changed;
  decltype(dropped_) dropped;
  std::vector<StreamInfo> news;
  {
    const std::lock_guard lock(mutex_);
    awake_ = false;
    changed.swap(changed_);
    dropped.swap(dropped_);
    for (const auto& [name, id] : changed) news.push_back(streams_.at(name).info);
  }
  for (const auto& [name, id] : dropped) listener_.on_stream_dropped(name, id);
  for (const StreamInfo& info : news) listener_.on_stream(info);
}

// Hands out what is due, and sets the timer for the rest. I/O thread.
void ScriptStreams::show() {
  const std::uint64_t now = now_us();
  std::uint64_t next = 0;
  std::vector<std::pair<std::uint64_t, std::shared_ptr<const Frame>>> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, stream] : streams_) {
      for (auto& [id, watch] : stream.watches) {
        if (!watch.waiting) continue;
        if (watch.due_us > now) {
          next = next == 0 ? watch.due_us : std::min(next, watch.due_us);
          continue;
        }
        due.emplace_back(id, std::exchange(watch.waiting, nullptr));
        watch.due_us = now + static_cast<std::uint64_t>(1e6 / watch.what.max_fps);
      }
    }
  }
  for (auto& [id, frame] : due) listener_.on_stream_frame(id, std::move(frame));
  if (next == 0) return;
  timer_.expires_after(std::chrono::microseconds(next - now));
  timer_.async_wait([this](const boost::system::error_code& ended) {
    if (!ended) show();
  });
}

}  // namespace atheria::server
