#include "app/protocol/guests.h"

#include "app/protocol/json.h"
#include "app/protocol/requests.h"
#include "app/protocol/scripts.h"

namespace atheria::wire {
namespace {

constexpr std::int64_t kLargestNumber = 2147483647;
constexpr std::int64_t kLongestWait = 20'000;  // milliseconds
constexpr double kLongestLease = 86'400'000;   // milliseconds
constexpr double kLongestBudget = 60'000;      // milliseconds
constexpr std::int64_t kMostSteps = 1'000'000'000;
constexpr std::int64_t kMostEvery = 1'000'000;
constexpr std::int64_t kMostWaiting = 65'536;
constexpr std::size_t kLongestReason = 16 * 1024;
constexpr std::int64_t kLongestSide = std::int64_t{1} << 32;
constexpr std::size_t kMostChannels = 64;
constexpr double kLargest = 1e30;

std::uint32_t every_of(const Args& args) {
  return static_cast<std::uint32_t>(args.integer("every", 1, kMostEvery).value_or(1));
}

std::vector<std::string> channels_of(const Args& args) {
  const json::array* const items = args.array("channels");
  if (items == nullptr) return {};
  std::vector<std::string> names;
  for (const json::value& item : *items) {
    if (!item.is_string() || names.size() == kMostChannels)
      args.wrong("channels", "a list of at most 64 names");
    names.emplace_back(item.get_string());
  }
  return names;
}

json::array shape_json(const std::vector<std::int64_t>& shape) {
  return json::array(shape.begin(), shape.end());
}

}  // namespace

std::uint32_t number_of(const Args& args, std::string_view name) {
  const auto number = args.integer(name, 1, kLargestNumber);
  if (!number) args.missing(name, "a number 1..2147483647 of your choice");
  return static_cast<std::uint32_t>(*number);
}

std::uint64_t wait_of(const Args& args, std::uint64_t usual_ms) {
  const auto usual = static_cast<std::int64_t>(usual_ms);
  return static_cast<std::uint64_t>(args.integer("waitMs", 0, kLongestWait).value_or(usual));
}

std::string channel_of(const Args& args) { return args.text("channel", 64).value_or("*"); }

std::string reason_of(const Args& args) {
  return clean_text(args.text("reason", kLongestReason).value_or("it failed"));
}

LeaseWish lease_wish_of(const Args& args) {
  LeaseWish wish;
  wish.lease = number_of(args, "lease");
  wish.wait_ms = wait_of(args, wish.wait_ms);
  if (const auto deadline = args.number("deadlineMs", 1, kLongestLease))
    wish.deadline_us = static_cast<std::uint64_t>(1000 * *deadline);
  return wish;
}

std::uint32_t parked_steps_of(const Args& args) {
  return static_cast<std::uint32_t>(args.integer("n", 0, kMostSteps).value_or(1));
}

Upload upload_of(const Args& args) {
  Upload upload{number_of(args, "upload"), args.text("dtype", 8).value_or("<f4"), {}};
  const auto shape = args.integers("shape", 1, 4, 0, kLongestSide);
  if (!shape) args.missing("shape", "the sides of what was uploaded");
  upload.shape = *shape;
  return upload;
}

LookWish look_wish_of(const Args& args) {
  LookWish wish;
  wish.look = number_of(args, "look");
  wish.every = every_of(args);
  wish.channels = channels_of(args);
  wish.keep = args.choice<Keep>("keep", {{"latest", Keep::latest}, {"all", Keep::all}})
                  .value_or(Keep::latest);
  wish.most = static_cast<std::size_t>(args.integer("maxQueue", 1, kMostWaiting).value_or(8));
  wish.pauses = args.choice<bool>("onFull", {{"drop", false}, {"pause", true}}).value_or(false);
  return wish;
}

HookWish hook_wish_of(const Args& args) {
  HookWish wish;
  wish.hook = number_of(args, "hook");
  wish.every = every_of(args);
  wish.budget_ms = args.number("budgetMs", 1e-3, kLongestBudget).value_or(wish.budget_ms);
  return wish;
}

ForkWish fork_wish_of(const Args& args) {
  return {args.text("name", 64).value_or(""), args.boolean("keep").value_or(false)};
}

PictureWish picture_wish_of(const Args& args) {
  PictureWish wish;
  wish.stream = stream_of(args);
  wish.upload = number_of(args, "upload");
  const auto shape = args.integers("shape", 2, 3, 1, kLongestSide);
  if (!shape) args.missing("shape", "[h,w] or [3,h,w]");
  const std::int64_t channels = shape->size() == 3 ? shape->front() : 1;
  const auto height = shape->at(shape->size() - 2), width = shape->back();
  check_stream_shape(width, height, channels);
  wish.shape = {static_cast<int>(width), static_cast<int>(height), static_cast<int>(channels), {}};
  if (const auto* range = args.value("range"); range == nullptr || range->is_null()) return wish;
  const auto range = args.numbers("range", 2, 2, -kLargest, kLargest);
  check_stream_range(range->at(0), range->at(1));
  wish.shape.range = {range->at(0), range->at(1)};
  return wish;
}

std::string stream_of(const Args& args) {
  auto name = args.text("stream", kLongestStreamName);
  if (!name) args.missing("stream", "the stream's name");
  check_stream_name(*name);
  return std::move(*name);
}

Progress progress_of(const Args& args) {
  Progress progress{job_of(args), clean_text(args.text("text", 1024).value_or("")), 0};
  const auto fraction = args.number("fraction", 0, 1);
  if (!fraction) args.missing("fraction", "0..1");
  progress.fraction = *fraction;
  return progress;
}

json::object standing_json(const Standing& standing) {
  return {{"step", integer_json(standing.step)},
          {"time", number_json(standing.time)},
          {"channels", json::array(standing.channels.begin(), standing.channels.end())},
          {"shape", shape_json(standing.shape)},
          {"dtype", standing.descr}};
}

json::object numbers_json(const FieldCopy& field) {
  return {
      {"shape", shape_json(field.shape)}, {"dtype", field.descr}, {"bytes", field.bytes.size()}};
}

json::object stream_json(const StreamInfo& stream) {
  const auto& [width, height, channels, range] = stream.shape;
  json::array shape{height, width};
  if (channels != 1) shape.insert(shape.begin(), channels);
  json::object out{{"stream", stream.name},
                   {"shape", std::move(shape)},
                   {"range", nullptr},
                   {"puts", stream.count}};
  if (range) out["range"] = json::array{range->first, range->second};
  return out;
}

}  // namespace atheria::wire
