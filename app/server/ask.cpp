#include "app/server/ask.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

namespace atheria::server {

namespace asio = boost::asio;

namespace {

struct Answer {
  explicit Answer(asio::io_context& io) : arrived(io) {}
  asio::steady_timer arrived;
  std::optional<Outcome> outcome;
};

}  // namespace

asio::awaitable<Outcome> ask_world(Hub& hub, const std::string& world, CommandBody body) {
  auto& io = hub.io();
  const auto answer = std::make_shared<Answer>(io);
  answer->arrived.expires_after(hub.limits().request_time);
  hub.worlds().post(world, {.body = std::move(body), .reply = [answer, &io](Outcome outcome) {
                              asio::post(io, [answer, outcome = std::move(outcome)]() mutable {
                                answer->outcome = std::move(outcome);
                                answer->arrived.cancel();
                              });
                            }});
  // The answer comes by way of the io_context, so not before this waits.
  co_await answer->arrived.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!answer->outcome)
    throw Error(ErrorKind::busy, fmt::format("world '{}' did not answer in time", world));
  if (answer->outcome->error) throw *answer->outcome->error;
  co_return std::move(*answer->outcome);
}

}  // namespace atheria::server
