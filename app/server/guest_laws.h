#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/protocol/law_spec.h"
#include "engine/run/remote_law.h"

namespace atheria::server {

class Call;
class Connection;
class Hub;

// Steps that wait for one client. Worlds' threads put them in, the I/O thread takes them out.
class StepLine {
 public:
  explicit StepLine(std::function<void()> ring) : ring_(std::move(ring)) {}

  struct Asked {
    std::string law;
    std::shared_ptr<RemoteStep> step;
  };
  void put(Asked asked);  // a world's thread
  std::optional<Asked> take();
  void close(const std::string& why);  // those that wait and those that come fail

 private:
  const std::function<void()> ring_;
  mutable std::mutex mutex_;
  std::deque<Asked> waiting_;  // Guarded by mutex_, like the rest.
  std::string closed_;
};

// Laws whose steps clients compute. Registered again under its name, a law's worlds go on with the
// newest. When its client is gone its worlds pause and say so. I/O thread only.
class LawDesk {
 public:
  explicit LawDesk(Hub& hub) : hub_(hub) {}
  ~LawDesk();

  // Throws Error: conflict as add_law() does, too_large when there are too many.
  void add(const std::shared_ptr<Connection>& client, const wire::LawSpec& spec,
           const std::string& text);
  // Answers with a step to compute, or none when the time is over. Throws Error (busy, conflict).
  void next(const std::shared_ptr<Call>& call, std::uint64_t wait_ms);
  // False: nobody waits for it any more. Throws Error (not_found).
  bool answer(Connection& client, std::uint32_t number, std::vector<std::uint8_t> next);
  bool fail(Connection& client, std::uint32_t number, const std::string& why);
  void drop(const Connection& client);  // it has gone

 private:
  // Who computes the law of a name now. Any thread.
  struct Owner {
    std::mutex mutex;
    std::shared_ptr<StepLine> line;  // Guarded by mutex.
  };
  struct Client {
    std::shared_ptr<StepLine> line;
    std::shared_ptr<Call> waiting;
    std::unique_ptr<boost::asio::steady_timer> timer;
    std::map<std::uint32_t, std::shared_ptr<RemoteStep>> out;  // being computed
    std::uint32_t last = 0;
  };
  struct Known {
    std::shared_ptr<Owner> owner;
    std::string text;  // as it was described last
  };

  Client& client_of(const std::shared_ptr<Connection>& connection);
  void rung(const Connection* connection);
  static void reply(Client& client, Call& call, StepLine::Asked asked);
  std::shared_ptr<RemoteStep> take_out(Connection& client, std::uint32_t number);

  Hub& hub_;
  std::map<const Connection*, Client> clients_;
  std::map<std::string, Known> laws_;
  std::size_t added_ = 0;  // to the engine, for ever
};

}  // namespace atheria::server
