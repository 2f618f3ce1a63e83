#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/protocol/stream_types.h"
#include "engine/run/frame.h"

namespace atheria::server {

// Who is told of what scripts show.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  // Any thread, in the order they were put; must return quickly. The picture is whole, without its
  // extent.
  virtual void on_stream_frame(std::uint64_t watch, std::shared_ptr<const Frame> frame) = 0;
  // I/O thread: there is a new one, or it has another shape; one is gone.
  virtual void on_stream(const StreamInfo& stream) = 0;
  virtual void on_stream_dropped(const std::string& name, std::uint64_t id) = 0;
};

struct StreamWatch {
  std::uint64_t id = 0;
  double max_fps = 0;  // 0: every picture
  std::uint32_t every = 1;
};

// Pictures that scripts show of their own, by name: the newest of each is kept. Whoever puts only
// stores it and wakes the I/O thread, at most once for what a watch's rate lets through.
class ScriptStreams {
 public:
  struct Limits {
    std::size_t streams = 64;
    std::size_t bytes = 256 << 20;  // of the newest pictures together
  };
  ScriptStreams(boost::asio::io_context& io, StreamListener& listener, const Limits& limits)
      : io_(io), listener_(listener), limits_(limits), timer_(io) {}

  // Any thread. The number of this picture; the first of a name makes it. Throws Error (bad_args,
  // too_large).
  std::uint64_t put(StreamPicture picture);
  void drop(const std::string& name);              // throws Error (not_found)
  std::vector<StreamInfo> list() const;            // by name
  StreamInfo find(const std::string& name) const;  // throws Error (not_found)

  // I/O thread. The newest picture comes at once, also to who watched it already. The number of it.
  // Throws Error (not_found).
  std::uint64_t watch(std::uint64_t stream, const StreamWatch& what);
  void unwatch(std::uint64_t stream, std::uint64_t watch);

 private:
  struct Watch {
    StreamWatch what;
    std::shared_ptr<const Frame> waiting;  // not with max_fps 0
    std::uint64_t due_us = 0;
  };
  struct Stream {
    StreamInfo info;
    std::uint64_t began_us = 0;
    std::shared_ptr<const Frame> newest;
    std::map<std::uint64_t, Watch> watches;
  };
  using Entries = std::map<std::string, Stream>;
  Stream& room_for(const std::string& wanted, const StreamShape& shape);
  [[noreturn]] void not_found(const std::string& name) const;
  Entries::iterator entry(std::uint64_t stream);
  void hand_out(Stream& stream);
  void wake();
  void tell();
  void show();

  boost::asio::io_context& io_;
  StreamListener& listener_;
  const Limits limits_;
  boost::asio::steady_timer timer_;  // I/O thread only.

  mutable std::mutex mutex_;
  Entries streams_;  // Guarded by mutex_, like all below.
  std::map<std::string, std::uint64_t> changed_;
  std::vector<std::pair<std::string, std::uint64_t>> dropped_;
  std::uint64_t next_id_ = 1;
  bool awake_ = false;  // a wake-up is under way
};

}  // namespace atheria::server
