#pragma once

#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <string>

#include "app/server/gate.h"
#include "app/server/hub.h"

namespace atheria::server {

// How many connections there are, in all and from each address. A slot is given back when its last
// owner goes. It may outlive this object. I/O thread only.
class Slots {
 public:
  Slots(std::size_t most, std::size_t per_address) : most_(most), per_address_(per_address) {}

  // Null when there is none left.
  std::shared_ptr<void> take(const std::string& address);
  std::size_t taken() const { return counts_->total; }

 private:
  struct Counts {
    std::size_t total = 0;
    std::map<std::string, std::size_t> by_address;
  };
  const std::size_t most_;
  const std::size_t per_address_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

// What the routes of one server share. I/O thread only.
struct Site {
  Site(Hub& the_hub, Auth& the_auth, Gate the_gate, std::string base_url)
      : hub(the_hub),
        auth(the_auth),
        gate(std::move(the_gate)),
        url(std::move(base_url)),
        clients(the_hub.limits().connections, the_hub.limits().per_address),
        sockets(the_hub.limits().connections + kSpareSockets,
                the_hub.limits().per_address + kSparePerAddress),
        snapshots(the_hub.limits().snapshots, the_hub.limits().snapshots) {}

  // Requests beside WebSockets: the page's files, scripts, probes of monitors.
  static constexpr std::size_t kSpareSockets = 64;
  static constexpr std::size_t kSparePerAddress = 32;

  Hub& hub;
  Auth& auth;
  Gate gate;
  std::string url;     // "http://127.0.0.1:8765"
  Slots clients;       // WebSocket connections
  Slots sockets;       // TCP connections
  Slots snapshots;     // being made or sent
  bool ready = false;  // neither starting nor stopping
};

}  // namespace atheria::server
