#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/protocol/subscribe.h"
#include "app/server/mailbox.h"
#include "app/server/script_streams.h"
#include "app/server/topic.h"
#include "app/server/world_access.h"
#include "engine/run/frame.h"

namespace atheria::server {

// What a subscription comes to.
struct Wanted {
  wire::Subscribe wish;
  wire::RangeWish range;     // the wish's, or a cyclic view's own
  std::uint64_t stream = 0;  // the script's stream it shows; 0: a view of a world
};

// Which watch of a world, or of a stream, a subscription needs. Equal keys share one.
struct FeedKey {
  std::string world;
  std::uint64_t stream = 0;
  ViewSpec view;
  std::uint32_t every = 1;
  std::uint64_t own = 0;  // a lossless subscription's number: it shares with nobody; 0: shared
  auto operator<=>(const FeedKey&) const = default;
};

// The watches of all subscriptions: one of a world's for each distinct key, at the rate of the
// fastest who shares it. Frames go world's thread -> mailbox -> encoder -> topics. I/O thread, but
// for on_frame.
class Feeds {
 public:
  Feeds(Encoder& encoder, ScriptStreams& streams, std::size_t lossless_bytes)
      : encoder_(encoder), streams_(streams), lossless_bytes_(lossless_bytes) {}

  void attach(WorldAccess& worlds) { worlds_ = &worlds; }

  // World's thread; or a script's, where frames are whole and drawn as the watch wants them later.
  void on_frame(std::shared_ptr<const Frame> frame);
  void on_frame(std::uint64_t watch, std::shared_ptr<const Frame> frame);

  // Has the world or stream watched for the sink; a fresh frame comes, also of a paused world.
  // `reply` comes on the world's thread, or here. Throws Error when there is no such thing.
  std::shared_ptr<Topic> join(const Wanted& wanted, PictureSink& sink,
                              std::function<void(Outcome)> reply);
  void leave(const std::shared_ptr<Topic>& topic, PictureSink& sink);

  // The world is gone: all its topics end.
  void end_world(const std::string& world, const std::string& reason);
  // The stream was dropped: the same.
  void end_stream(std::uint64_t stream, const std::string& reason);
  // Its law changed: topics of views it does not have any more end.
  void keep_views(const std::string& world, const std::vector<ViewInfo>& views);

  std::size_t watches() const { return feeds_.size(); }

 private:
  struct Feed;
  void watch(Feed& feed, std::function<void(Outcome)> reply);
  void unwatch(const Feed& feed);
  static void work(const std::shared_ptr<Feed>& feed, Encoder& encoder);
  static void arrive(const std::shared_ptr<Feed>& feed, Encoder& encoder);
  std::shared_ptr<Feed> feed_for(const Wanted& wanted);
  void end_some(const std::string& reason, const std::function<bool(const FeedKey&)>& which);

  Encoder& encoder_;
  ScriptStreams& streams_;
  const std::size_t lossless_bytes_;
  WorldAccess* worlds_ = nullptr;
  std::map<FeedKey, std::shared_ptr<Feed>> feeds_;
  std::uint64_t next_id_ = 1;

  std::mutex mutex_;
  std::map<std::uint64_t, std::shared_ptr<Feed>> by_id_;  // Guarded by mutex_.
};

}  // namespace atheria::server
