#include "app/cli/client.h"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <optional>

#include "app/cli/find_server.h"
#include "engine/base/error.h"

namespace atheria::cli {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

// One step of the exchange, with the stream's time limit; throws beast's error.
template <class Start>
void wait_for(asio::io_context& io, Start start) {
  std::optional<beast::error_code> result;
  start([&](beast::error_code error, auto&&...) { result = error; });
  io.restart();
  io.run();
  if (!result || *result) throw beast::system_error(result.value_or(beast::error_code()));
}

}  // namespace

HttpAnswer http_request(const std::string& method, const std::string& url, const std::string& path,
                        const std::string& token, std::chrono::milliseconds limit) {
  const Target target = parse_url(url);
  try {
    asio::io_context io;
    beast::tcp_stream stream(io);
    stream.expires_after(limit);
    asio::ip::tcp::resolver resolver(io);
    const auto found = resolver.resolve(target.address(), target.port);
    wait_for(io, [&](auto done) { stream.async_connect(found, done); });
    http::request<http::empty_body> request(http::string_to_verb(method), path, 11);
    request.set(http::field::host, target.host + ":" + target.port);
    request.set(http::field::authorization, "Bearer " + token);
    request.set(http::field::connection, "close");
    if (request.method() == http::verb::post) request.set(http::field::content_length, "0");
    wait_for(io, [&](auto done) { http::async_write(stream, request, done); });
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    wait_for(io, [&](auto done) { http::async_read(stream, buffer, response, done); });
    return {static_cast<int>(response.result_int()), std::move(response.body())};
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorKind::io, fmt::format("no answer from {}: {}", url, error.code().message()));
  }
}

}  // namespace atheria::cli
