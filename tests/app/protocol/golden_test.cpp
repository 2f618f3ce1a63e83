#include <gmock/gmock.h>
#include <lz4.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/protocol/decode.h"
#include "engine/base/error.h"
#include "tests/app/protocol/wire_cases.h"

namespace atheria::wire {
namespace {

namespace json = boost::json;
const std::filesystem::path kFolder = "tests/golden/wire";

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " is missing; wire_golden writes it";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

json::object described(const std::string& name) {
  return json::parse(read(kFolder / (name + ".json"))).as_object();
}

double number(const json::value& value) {
  if (!value.is_string()) return value.to_number<double>();
  if (value.as_string() == "NaN") return NAN;
  return value.as_string() == "Infinity" ? INFINITY : -INFINITY;
}

// The messages of a case as the file has them.
std::vector<std::vector<std::uint8_t>> messages_of(const json::object& about,
                                                   const std::string& name) {
  const std::string bytes = read(kFolder / (name + ".bin"));
  std::vector<std::vector<std::uint8_t>> out;
  for (const json::value& entry : about.at("messages").as_array()) {
    const auto at = entry.at("at").to_number<std::size_t>();
    const auto part = bytes.substr(at, entry.at("length").to_number<std::size_t>());
    out.emplace_back(part.begin(), part.end());
  }
  return out;
}

void expect_values(const std::vector<double>& found, const json::array& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double want = number(wanted[i]);
    if (std::isnan(want))
      EXPECT_TRUE(std::isnan(found[i])) << "at " << i;
    else
      EXPECT_DOUBLE_EQ(found[i], want) << "at " << i;  // boost::json reads to the last bit but one
  }
}

void expect_frame(const DecodedFrame& found, const json::object& truth) {
  EXPECT_EQ(found.seq, truth.at("seq").to_number<unsigned>());
  EXPECT_EQ(found.step, truth.at("step").to_number<std::uint64_t>());
  EXPECT_EQ(found.time, truth.at("time").to_number<double>());
  EXPECT_EQ(found.key, truth.at("key").as_bool());
  EXPECT_EQ(found.gap, truth.at("gap").as_bool());
  EXPECT_EQ(found.still, truth.at("still").as_bool());
  EXPECT_EQ(found.lod, truth.at("lod").to_number<int>());
  EXPECT_EQ(found.z, truth.at("z").to_number<int>());
  EXPECT_EQ(found.width, truth.at("width").to_number<int>());
  EXPECT_EQ(found.height, truth.at("height").to_number<int>());
  EXPECT_EQ(hex(found.bytes), truth.at("bytes").as_string());
  expect_values(found.values(), truth.at("values").as_array());
}

TEST(Golden, FilesHoldWhatTheEncoderWrites) {
  const bool same_lz4 = json::parse(read(kFolder / "index.json")).at("lz4") == LZ4_versionString();
  for (const Case& one : wire_cases()) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(describe(one).empty(), false);
    if (one.uses_lz4 && !same_lz4) continue;  // another library may find other matches
    const auto bytes = joined(one);
    EXPECT_TRUE(read(kFolder / (one.name + ".bin")) == std::string(bytes.begin(), bytes.end()));
    EXPECT_EQ(read(kFolder / (one.name + ".json")), describe(one));
  }
}

TEST(Golden, FramesDecodeToTheirTruth) {
  for (const Case& one : wire_cases()) {
    if (!one.truth.contains("frames")) continue;
    SCOPED_TRACE(one.name);
    const json::object about = described(one.name);
    FrameDecoder decoder;
    std::size_t count = 0, next = 0;
    for (const auto& message : messages_of(about, one.name)) {
      const auto frame = decoder.add(message);
      ++count;
      const json::object& truth = about.at("frames").at(next).as_object();
      ASSERT_EQ(frame.has_value(), truth.at("after").to_number<std::size_t>() == count);
      if (!frame) continue;
      expect_frame(*frame, truth);
      next = std::min(next + 1, about.at("frames").as_array().size() - 1);
    }
  }
}

TEST(Golden, SeriesAndAckDecodeToTheirTruth) {
  const json::object series = described("series");
  const auto frame = FrameDecoder().add(messages_of(series, "series").front());
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->width, series.at("series").at("columns").to_number<int>());
  EXPECT_EQ(frame->height, series.at("series").at("rows").to_number<int>());
  expect_values(frame->values(), series.at("series").at("values").as_array());

  const Ack ack = decode_ack(messages_of(described("ack"), "ack").front());
  EXPECT_EQ(ack, (Ack{.sub = 7, .seq = 0xfedcba98}));
}

TEST(Golden, SpoiltMessagesAreRejectedAndOnlyThose) {
  int spoilt = 0;
  for (const Case& one : wire_cases()) {
    if (!one.truth.contains("error")) continue;
    SCOPED_TRACE(one.name);
    auto messages = messages_of(described(one.name), one.name);
    const auto bad = messages.back();
    messages.pop_back();
    FrameDecoder decoder;
    for (const auto& message : messages) EXPECT_NO_THROW(decoder.add(message));
    EXPECT_THROW(decoder.add(bad), Error);
    ++spoilt;
  }
  EXPECT_GE(spoilt, 15);
}

}  // namespace
}  // namespace atheria::wire
