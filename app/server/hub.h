#pragma once

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "app/protocol/json.h"
#include "app/server/encoder.h"
#include "app/server/feeds.h"
#include "app/server/guest_laws.h"
#include "app/server/idempotency.h"
#include "app/server/metrics.h"
#include "app/server/options.h"
#include "app/server/script_streams.h"
#include "app/server/scripts.h"
#include "app/server/series.h"
#include "app/server/world_access.h"
#include "engine/run/frame.h"

namespace atheria::server {

class Connection;
class RestartAccess;

// Where worlds and clients meet. Worlds report here from their own threads; that only stores the
// newest and wakes the I/O thread, once. Everything else here is the I/O thread's.
class Hub : public FrameSink, private StreamListener {
 public:
  Hub(boost::asio::io_context& io, const Limits& limits);
  ~Hub() override { stop(); }

  // The worlds that are there already become known. Before the first connection.
  void attach(WorldAccess& worlds);
  // Python, or null and why there is none. Before the first connection.
  void attach_scripts(ScriptAccess* scripts, const std::string& reason = {}) {
    scripts_.attach(scripts, reason);
  }

  // Null: it cannot begin anew. Before the first connection.
  void attach_restarter(RestartAccess* restarter) { restarter_ = restarter; }

  void on_frame(std::shared_ptr<const Frame> frame) override;
  void on_sample(const std::string& world, const Sample& sample) override;
  void on_state(const WorldState& state) override;
  void on_failure(const std::string& world, const std::string& reason) override;

  // What scripts show; put, drop, list and find of it from any thread.
  ScriptStreams& streams() { return streams_; }

  boost::asio::io_context& io() { return io_; }
  const Limits& limits() const { return limits_; }
  WorldAccess& worlds() { return *worlds_; }
  Feeds& feeds() { return feeds_; }
  SeriesFeeds& series() { return series_; }
  ScriptDesk& scripts() { return scripts_; }
  const ScriptDesk& scripts() const { return scripts_; }
  LawDesk& guest_laws() { return guest_laws_; }
  RestartAccess* restarter() { return restarter_; }
  Metrics& metrics() { return metrics_; }
  Idempotency& idempotency() { return idempotency_; }
  Encoder& encoder() { return encoder_; }

  void add(Connection& connection);
  void remove(Connection& connection);
  std::size_t connections() const { return connections_.size(); }
  std::vector<std::shared_ptr<Connection>> connection_list() const;
  std::string next_connection_name();

  // To all of at least that role; an event with a key replaces a waiting one of the same key.
  void broadcast(std::string_view name, const wire::json::value& data, const std::string& key = {},
                 Role least = Role::viewer);
  std::shared_ptr<const std::string> event(std::string_view name, const wire::json::value& data);

  // A world was made or deleted.
  void created(const WorldState& state);
  void removed(const std::string& world);

  const LawInfo& law(const std::string& name) const;  // throws Error (not_found)
  wire::json::object world_json(const WorldState& state) const;
  wire::json::array worlds_json() const;
  wire::json::array laws_json() const;
  std::string hello(const Connection& connection) const;

  // Runs it on a thread for what takes seconds; one after the other.
  template <class Job>
  void run_slowly(Job job) {
    boost::asio::post(slow_, std::move(job));
  }

  void stop();  // its threads end

 private:
  struct Notices {
    std::map<std::string, WorldState> states;
    std::vector<std::pair<std::string, Sample>> samples;
    std::vector<std::pair<std::string, std::string>> failures;
  };
  struct Known {
    std::string law;
    std::uint64_t revision = 0;
    std::uint64_t step = 0;
    bool playing = false;
  };
  template <class Change>
  void notice(Change change);
  void read_notices();
  void handle(const WorldState& state);
  void law_changed(const WorldState& state);
  void on_stream_frame(std::uint64_t watch, std::shared_ptr<const Frame> frame) override;
  void on_stream(const StreamInfo& stream) override;
  void on_stream_dropped(const std::string& name, std::uint64_t id) override;
  void end_subscriptions(const std::string& world, const std::string& reason);

  boost::asio::io_context& io_;
  const Limits limits_;
  Metrics metrics_;
  Encoder encoder_;
  boost::asio::thread_pool slow_{1};
  ScriptStreams streams_;
  Feeds feeds_;
  SeriesFeeds series_;
  Idempotency idempotency_;
  ScriptDesk scripts_{*this};
  LawDesk guest_laws_{*this};
  WorldAccess* worlds_ = nullptr;
  RestartAccess* restarter_ = nullptr;
  std::set<Connection*> connections_;
  std::map<std::string, Known> known_;
  const std::string epoch_;
  std::uint64_t offset_ = 0;
  std::uint64_t next_connection_ = 1;

  std::mutex mutex_;
  Notices notices_;       // Guarded by mutex_.
  bool noticed_ = false;  // Guarded by mutex_: a wake-up is under way.
};

}  // namespace atheria::server
