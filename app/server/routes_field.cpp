#include <fmt/format.h>

#include <cstring>

#include "app/protocol/npy.h"
#include "app/server/ask.h"
#include "app/server/routes.h"
#include "engine/base/numbers.h"

// Exact numbers as .npy files.
namespace atheria::server {

namespace {

struct ByteRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

// One range of bytes; nothing when there is none or it is written wrongly (it is ignored then). A
// range beyond the end has first > last.
std::optional<ByteRange> range_of(const Request& request, std::size_t size) {
  const auto field = request[http::field::range];
  std::string_view text(field.data(), field.size());
  if (!text.starts_with("bytes=")) return std::nullopt;
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = parse_number<std::size_t>(text.substr(0, dash)),
             last = parse_number<std::size_t>(text.substr(dash + 1));
  if (dash == 0)
    return last ? std::optional(ByteRange{size - std::min(size, *last), size - 1}) : std::nullopt;
  if (!first || (!last && dash + 1 != text.size()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return ByteRange{1, 0};
  return ByteRange{*first, std::min(last.value_or(size - 1), size - 1)};
}

struct File {
  std::vector<std::uint8_t> bytes;
  std::shared_ptr<void> slot;
};

void cut(Response& response, const Request& request) {
  const std::size_t size = response.bytes.size();
  const auto range = range_of(request, size);
  if (!range) return;
  if (range->first > range->last) {
    response = refused({416, "bad_args", fmt::format("the file has {} bytes", size), 0});
    response.fields.emplace_back("Content-Range", fmt::format("bytes */{}", size));
    return;
  }
  response.status = 206;
  response.fields.emplace_back("Content-Range",
                               fmt::format("bytes {}-{}/{}", range->first, range->last, size));
  response.bytes = response.bytes.subspan(range->first, range->last - range->first + 1);
}

asio::awaitable<Response> send_field(Visit& visit, std::string world) {
  if (const auto strange = unknown_query(visit.request, {"channel", "world"}))
    co_return refused(
        {400, "bad_args", fmt::format("no '{:.40}' here; there is channel=", *strange), 0});
  // Memory for snapshots is bounded by their number.
  auto slot = visit.site.snapshots.take("");
  if (!slot)
    co_return refused({503, "busy", "too many snapshots are being sent; try again soon", 1});
  // Named, because gcc 12 destroys a braced temporary twice when it stands in a co_await.
  CommandBody read = command::ReadField{query_value(visit.request, "channel").value_or("")};
  Outcome outcome = co_await ask_world(visit.site.hub, world, std::move(read));
  auto& field = std::get<FieldCopy>(outcome.data);
  const std::string header = wire::npy_header(field);
  const double moment = field.time;
  auto file = std::make_shared<File>();
  file->slot = std::move(slot);
  file->bytes = std::move(field.bytes);
  file->bytes.insert(file->bytes.begin(), header.begin(), header.end());
  Response response;
  response.type = "application/octet-stream";
  response.bytes = file->bytes;
  response.keep = file;
  response.fields = {{"X-Atheria-Step", std::to_string(outcome.step)},
                     {"X-Atheria-Time", fmt::format("{}", moment)},
                     {"Accept-Ranges", "bytes"},
                     {"Cache-Control", "no-store"}};
  cut(response, visit.request);
  co_return response;
}

}  // namespace

asio::awaitable<Response> get_field(Visit& visit) { return send_field(visit, visit.name); }

asio::awaitable<Response> get_snapshot(Visit& visit) {
  const auto world = query_value(visit.request, "world");
  if (!world) co_return refused({400, "bad_args", "say which world: ?world=NAME", 0});
  co_return co_await send_field(visit, *world);
}

}  // namespace atheria::server
