#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Pictures that scripts show of their own: topics `stream/NAME`. Plain values between Python and the server.
namespace atheria {

constexpr const char* kStreamTopics = "stream";           // where a world's name stands in a topic
constexpr std::int64_t kLargestStreamPicture = 64 << 20;  // numbers
constexpr int kLongestStreamName = 64;

// What somebody who has not seen it yet must know.
struct StreamShape {
  int width = 0, height = 0;
  int channels = 1;  // 3: shown as red, green, blue
  std::optional<std::pair<double, double>> range =
      {};  // what it usually spans, where the script says so
  bool operator==(const StreamShape&) const = default;
};

struct StreamPicture {
  std::string name;
  StreamShape shape;
  std::vector<float> values;  // planar, row-major
};

struct StreamInfo {
  std::string name;
  StreamShape shape;
  std::uint64_t count = 0;  // pictures so far, and the step of the newest
  std::uint64_t id = 0;     // another one when it was dropped and came again; never 0
};

// Throw Error (bad_args, too_large) with the path of what is wrong: "topic", "values", "range".
void check_stream_name(const std::string& name);
void check_stream_shape(std::int64_t width, std::int64_t height, std::int64_t channels);
void check_stream_range(double lo, double hi);

}  // namespace atheria
