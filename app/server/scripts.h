#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "app/protocol/scripts.h"
#include "pyhost/jobs/script_access.h"

namespace atheria::server {

class Call;
class Connection;
class Hub;

// Between clients and Python: who waits for which output, and who is told of what. Python calls
// from its own threads; that only notes the job's name and wakes the I/O thread, at most once in
// 25 ms, so that a flood of prints costs its job and nobody else. I/O thread only, but for that.
class ScriptDesk {
 public:
  explicit ScriptDesk(Hub& hub);
  ~ScriptDesk();

  // Null: there is no Python, for this reason. Before the first connection.
  void attach(ScriptAccess* access, const std::string& reason);
  bool attached() const { return access_ != nullptr; }

  // Throws Error (unsupported) with the reason when there is none.
  ScriptAccess& access() const;
  PythonHealth health() const;
  std::vector<ScriptStatus> jobs() const;  // none when there is no Python

  // Answers the call when there is output, the job is done or changed, or its time is over. Throws
  // Error (not_found, unsupported; busy when too many of this connection wait).
  void wait(const std::shared_ptr<Call>& call, const wire::OutputWish& wish);
  // The job was given input: those who follow it hear at once, so that the same question asked again
  // is not taken for the one just answered.
  void answered_input(const std::string& job);
  // The connection ends: nothing of it waits any more.
  void drop(const Connection& connection);
  std::size_t waiting() const { return polls_.size(); }

 private:
  struct Poll {
    std::shared_ptr<Call> call;
    const Connection* connection;
    wire::OutputWish wish;
    std::uint64_t revision;  // of the job when it began to wait
    std::uint64_t until_us;
  };
  struct Known {
    std::string told;            // the event that was sent last
    std::string turn;            // what those who follow it know
    std::uint64_t revision = 0;  // how often that changed
    std::uint64_t gap = 0;
  };
  // What threads of Python's may touch, and what outlives this object.
  struct Bell {
    std::mutex mutex;
    boost::asio::io_context* io = nullptr;  // Guarded by mutex; null: nobody listens any more.
    std::set<std::string> jobs;             // Guarded by mutex.
    bool rung = false;                      // Guarded by mutex: a wake-up is under way.
  };
  struct Look {
    ScriptStatus status;
    std::uint64_t revision;
  };

  static void ring(const std::shared_ptr<Bell>& bell, const std::string& job,
                   const std::function<void()>& wake);
  void wake();
  void read_bell();
  Look look(const std::string& job);
  void look_at_health();
  void forget_old();
  static bool ready(const Poll& poll, const Look& seen, std::uint64_t now);
  void reply(const Poll& poll, const Look& seen);
  std::list<Poll> take(const std::function<bool(const Poll&)>& which);
  void answer(const std::string& job);
  void expire();
  void arm();

  Hub& hub_;
  ScriptAccess* access_ = nullptr;
  std::string reason_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  boost::asio::steady_timer timer_;  // the next reading of the bell, or the first poll that is late
  std::uint64_t next_read_us_ = 0;   // not before
  bool read_due_ = false;
  std::list<Poll> polls_;
  std::map<std::string, Known> known_;
  std::string told_health_;
};

}  // namespace atheria::server
