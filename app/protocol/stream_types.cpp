#include "app/protocol/stream_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/base/error.h"

namespace atheria {
namespace {

constexpr std::int64_t kLongestSide = 65536;
constexpr double kLargestRange = 1e38;  // the span must be a finite float

}  // namespace

void check_stream_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= kLongestStreamName &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) || c == '_' || c == '.' || c == '-';
                    });
  if (!good)
    throw Error(ErrorKind::bad_args,
                fmt::format("a stream's name is 1..{} of A-Z a-z 0-9 _ . -; got '{}'",
                            kLongestStreamName, name.substr(0, 2 * kLongestStreamName)),
                "topic");
}

void check_stream_shape(std::int64_t width, std::int64_t height, std::int64_t channels) {
  const bool good = channels == 1 || channels == 3;
  if (!good || width < 1 || height < 1 || width > kLongestSide || height > kLongestSide)
    throw Error(
        ErrorKind::bad_args,
        fmt::format("a picture is [h,w] or [3,h,w] with sides 1..{}; got {} channels of {} x {}",
                    kLongestSide, channels, height, width),
        "values");
  if (const auto numbers = width * height * channels; numbers > kLargestStreamPicture)
    throw Error(ErrorKind::too_large,
                fmt::format("a picture has at most {} Mi numbers; got {} x {} x {}, {} Mi",
                            kLargestStreamPicture >> 20, channels, height, width, numbers >> 20),
                "values");
}

void check_stream_range(double lo, double hi) {
  if (!(lo < hi) || !(lo >= -kLargestRange) || !(hi <= kLargestRange))
    throw Error(
        ErrorKind::bad_args,
        fmt::format("a range is (lo, hi) with lo < hi, within +-1e38; got ({}, {})", lo, hi),
        "range");
}

}  // namespace atheria
