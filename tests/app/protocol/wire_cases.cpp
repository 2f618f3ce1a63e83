#include "tests/app/protocol/wire_cases.h"

#include <fmt/format.h>
#include <lz4.h>

#include <cmath>
#include <limits>

#include "app/protocol/encode.h"
#include "tests/app/protocol/pictures.h"

namespace atheria::wire {
namespace {

namespace json = boost::json;
using Bytes = std::vector<std::uint8_t>;

constexpr Range kEighths{-1.0f, -1.0f + 254.0f / 128};  // scale 1/128: every value is exact
constexpr Range kUnit16{0.0f, 65534.0f / 65536};        // scale 1/65536
const double kNan = std::numeric_limits<double>::quiet_NaN();

std::string_view name_of(Dtype dtype) {
  constexpr std::string_view names[] = {"u8n", "u16n", "f16", "f32", "i8", "f64"};
  return names[static_cast<std::size_t>(dtype)];
}

json::value number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

Frame at_step(Frame frame, std::uint64_t step) {
  frame.step = step;
  frame.time = 0.25 * static_cast<double>(step);
  frame.made_us = 1'000'000 + 1000 * step;
  return frame;
}

// What a decoder must hold after the last message so far.
json::object truth_of(const Quantised& q, const Stamp& stamp, bool key, std::size_t after) {
  json::array values;
  const std::size_t count = q.bytes.size() / size_of(q.dtype);
  for (std::size_t i = 0; i < count; ++i) values.push_back(number(value_at(q, i)));
  return {{"after", after},
          {"sub", stamp.sub},
          {"seq", stamp.seq},
          {"step", q.step},
          {"time", q.time},
          {"clock", q.made_us},
          {"key", key},
          {"gap", stamp.gap},
          {"still", q.still},
          {"lod", q.lod},
          {"z", q.z},
          {"width", q.width},
          {"height", q.height},
          {"channels", q.channels},
          {"dtype", name_of(q.dtype)},
          {"scale", q.scale},
          {"offset", q.offset},
          {"bytes", hex(q.bytes)},
          {"values", values}};
}

Bytes message_of(const Part& part, const Stamp& stamp) {
  const HeaderBytes header = stamped(part.header, stamp);
  Bytes message(header.begin(), header.end());
  message.insert(message.end(), part.payload->begin(), part.payload->end());
  return message;
}

// Builds a case frame by frame, each a difference to the one before.
class Builder {
 public:
  Builder(std::string name, std::string about, EncodeOptions options, Dtype dtype, Range range)
      : options_(options), dtype_(dtype), range_(range) {
    case_.name = std::move(name);
    case_.about = std::move(about);
    case_.truth["frames"] = json::array();
    case_.uses_lz4 = options.codec == Codec::lz4;
  }

  Builder& frame(const Frame& frame, std::uint32_t seq = 1, bool gap = false) {
    const Quantised now = quantise(frame, dtype_, range_);
    const EncodedFrame encoded = encode(now, options_, seq_ > 0 ? &base_ : nullptr);
    const Stamp stamp{.sub = 7, .seq = seq, .base_seq = seq_, .gap = gap};
    for (const Part& part : encoded.parts) case_.messages.push_back(message_of(part, stamp));
    case_.truth["frames"].as_array().push_back(
        truth_of(now, stamp, encoded.key, case_.messages.size()));
    base_ = now;
    seq_ = seq;
    return *this;
  }

  operator Case() const { return case_; }

 private:
  Case case_;
  EncodeOptions options_;
  Dtype dtype_;
  Range range_;
  Quantised base_;
  std::uint32_t seq_ = 0;
};

constexpr EncodeOptions kRaw{.codec = Codec::raw};
constexpr EncodeOptions kLz4{.codec = Codec::lz4};

double ramp(int x, int y, int c) { return -1 + (8 * x + 3 * y + 31 * c) % 250 / 128.0; }
double ramp16(int x, int y, int) { return (512 * x + 7 * y) / 65536.0; }

Frame small(int width = 16, int height = 12, int channels = 1) {
  return at_step(frame_of(width, height, channels, ramp), 4);
}

std::vector<Case> plain_cases() {
  Frame still = small();
  still.still = true;
  still.picture.lod = 3;
  still.picture.layer = 5;
  Frame holes = small();
  holes.picture.values[3] = static_cast<float>(kNan);
  holes.picture.values[20] = INFINITY;
  holes.picture.values[21] = -INFINITY;
  holes.picture.values[40] = 1000;   // past the range: the last code
  holes.picture.values[41] = -1000;  // and the first
  return {
      Builder("key-u8-raw", "one KEY part, no codec, no filter", kRaw, Dtype::u8n, kEighths)
          .frame(small()),
      Builder("key-u8-lz4", "one KEY part, an LZ4 block", kLz4, Dtype::u8n, kEighths)
          .frame(small()),
      Builder("key-u8-crc", "with a CRC32C of the payload", {.codec = Codec::lz4, .crc = true},
              Dtype::u8n, kEighths)
          .frame(small()),
      Builder("still-lod-z", "STILL, lod 3, layer 5", kRaw, Dtype::u8n, kEighths).frame(still),
      Builder("nan-u8", "NaN and infinities are 255; numbers out of range are clamped", kRaw,
              Dtype::u8n, kEighths)
          .frame(holes),
      Builder("nan-u16", "the same with 65535", kRaw, Dtype::u16n, kUnit16).frame(holes),
      Builder("rgb", "three planar channels", kLz4, Dtype::u8n, kEighths).frame(small(16, 12, 3)),
      Builder("multi-part", "four bands of rows, three channels planar in each",
              {.codec = Codec::raw, .part_limit = kHeaderSize + 16 * 3 * 3}, Dtype::u8n, kEighths)
          .frame(small(16, 12, 3)),
  };
}

std::vector<Case> wide_cases() {
  const Frame sixteen = at_step(frame_of(16, 12, 1, ramp16), 4);
  // Near what |psi|^2 is like: far below what half precision can say unscaled.
  const Frame tiny = at_step(
      frame_of(16, 12, 1, [](int x, int y, int) { return 4e-6 * std::exp2(-x) * (y - 5); }), 4);
  Frame odd = small();
  odd.picture.values[0] = static_cast<float>(kNan);
  odd.picture.values[1] = INFINITY;
  odd.picture.values[2] = -INFINITY;
  return {
      Builder("u16-shuffle", "a KEY part, byte-shuffled, LZ4", kLz4, Dtype::u16n, kUnit16)
          .frame(sixteen),
      Builder("f16", "half precision, scaled by a power of two; shuffled, LZ4", kLz4, Dtype::f16,
              {})
          .frame(tiny),
      Builder("f16-raw-nan", "NaN and infinities in half precision", kRaw, Dtype::f16, {})
          .frame(odd),
      Builder("f32-raw-nan", "exact values, NaN and infinities", kRaw, Dtype::f32, {}).frame(odd),
      Builder("f32-shuffle", "exact values, shuffled, LZ4", kLz4, Dtype::f32, {}).frame(small()),
  };
}

std::vector<Case> chain_cases() {
  constexpr EncodeOptions bands{.codec = Codec::lz4, .part_limit = kHeaderSize + 16 * 3};
  constexpr EncodeOptions bands16{.codec = Codec::lz4, .part_limit = kHeaderSize + 2 * 16 * 3};
  Frame first = small();
  Frame second = at_step(first, 5);
  for (int x = 0; x < 16; ++x) second.picture.values[16 * 4 + x] += 2 / 128.0f;
  second.picture.values[16 * 4] = static_cast<float>(kNan);
  const Frame third = at_step(second, 6);
  Frame fourth = at_step(third, 9);
  fourth.picture.values[16 * 4] = -1;
  fourth.picture.values[16 * 11] += 5 / 128.0f;
  const Frame six = at_step(frame_of(16, 12, 1, ramp16), 4);
  Frame seven = at_step(six, 5);
  for (int i = 40; i < 70; ++i) seven.picture.values[i] -= 300 / 65536.0f;
  Frame moved = at_step(small(), 8);
  moved.picture.values[100] = 0.5f;
  return {
      Builder(
          "delta-u8",
          "KEY of four bands; then one changed band; then nothing changed (h = 0); then, after a "
          "GAP, two changed bands",
          bands, Dtype::u8n, kEighths)
          .frame(first, 1)
          .frame(second, 2)
          .frame(third, 3)
          .frame(fourth, 6, true),
      Builder("delta-u16", "a difference modulo 65536, then byte-shuffled", bands16, Dtype::u16n,
              kUnit16)
          .frame(six, 1)
          .frame(seven, 2),
      Builder("delta-f32", "f32 is never a difference, but unchanged bands are left out",
              {.codec = Codec::lz4, .part_limit = kHeaderSize + 4 * 16 * 3}, Dtype::f32, {})
          .frame(small(), 1)
          .frame(moved, 2),
      Builder("rekey-new-size", "a second KEY frame with another size", kLz4, Dtype::u8n, kEighths)
          .frame(small(), 1)
          .frame(at_step(small(8, 20), 5), 2),
  };
}

Case series_case() {
  Case out{.name = "series", .about = "three samples of two measures", .messages = {}, .truth = {}};
  const std::vector<Sample> samples{
      {.step = 10, .time = 1.5, .made_us = 100, .values = {0.5, -2}},
      {.step = 11, .time = 1.75, .made_us = 200, .values = {kNan, 1e300}},
      {.step = 1ull << 40, .time = 2, .made_us = 300, .values = {0, 7}}};
  const Stamp stamp{.sub = 9, .seq = 3};
  out.messages.push_back(message_of(encode_series(samples).front(), stamp));
  json::array values;
  for (const Sample& sample : samples) {
    values.push_back(static_cast<double>(sample.step));
    values.push_back(sample.time);
    for (const double value : sample.values) values.push_back(number(value));
  }
  out.truth["series"] = {{"sub", 9},     {"seq", 3},     {"step", 1ull << 40}, {"time", 2.0},
                         {"clock", 300}, {"columns", 4}, {"rows", 3},          {"values", values}};
  return out;
}

Case ack_case() {
  const auto bytes = encode_ack({.sub = 7, .seq = 0xfedcba98});
  return {.name = "ack",
          .about = "what a client sends when a frame is on the screen",
          .messages = {{bytes.begin(), bytes.end()}},
          .truth = {{"ack", {{"sub", 7}, {"seq", 0xfedcba98u}}}}};
}

// A good chain whose last message is spoilt.
template <class Spoil>
Case spoilt(std::string name, std::string why, const Case& good, Spoil spoil) {
  Case out{.name = "bad-" + std::move(name), .about = why, .messages = good.messages, .truth = {}};
  out.uses_lz4 = good.uses_lz4;
  out.truth["error"] = why;
  spoil(out.messages.back());
  return out;
}

std::vector<Case> bad_cases(const Case& raw, const Case& lz4, const Case& crc, const Case& delta) {
  return {
      spoilt("short-header", "fewer than 80 bytes", raw, [](Bytes& m) { m.resize(79); }),
      spoilt("header-length", "the header length is over the message", raw,
             [](Bytes& m) { m[2] = 0xff, m[3] = 0xff; }),
      spoilt("raw-short", "a raw payload one byte short", raw, [](Bytes& m) { m.pop_back(); }),
      spoilt("decoded-length", "decoded length is not w * h * channels * size", raw,
             [](Bytes& m) { m[72] ^= 1; }),
      spoilt("decoded-huge", "a rectangle far over what a part may hold", raw,
             [](Bytes& m) {
               m[52] = m[53] = m[54] = m[55] = 0xff;
               m[72] = 0x01, m[73] = 0x00, m[74] = 0xfe, m[75] = 0xff;
             }),
      spoilt("kind", "an unknown kind", raw, [](Bytes& m) { m[0] = 99; }),
      spoilt("dtype", "an unknown dtype", raw, [](Bytes& m) { m[44] = 9; }),
      spoilt("codec", "an unknown codec", raw, [](Bytes& m) { m[45] = 2; }),
      spoilt("filter", "an unknown filter", raw, [](Bytes& m) { m[46] = 4; }),
      spoilt("key-delta", "KEY cannot be a difference", raw, [](Bytes& m) { m[46] = 1; }),
      spoilt("part-order", "part is not below parts", raw, [](Bytes& m) { m[40] = 1; }),
      spoilt("lz4-truncated", "an LZ4 block cut short", lz4,
             [](Bytes& m) { m.resize(m.size() - 3); }),
      spoilt("lz4-offset", "an LZ4 match from before the beginning", lz4,
             [](Bytes& m) {
               m.resize(kHeaderSize);
               m.insert(m.end(), {0x1f, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00});
             }),
      spoilt("lz4-overlong", "an LZ4 block of more than the decoded length", lz4,
             [](Bytes& m) {
               m.resize(kHeaderSize);
               m.insert(m.end(), {0x1f, 0x00, 0x01, 0x00});
               m.insert(m.end(), 40, 0xff);
               m.insert(m.end(), {0x00, 0x50, 0, 0, 0, 0, 0});
             }),
      spoilt("crc", "the CRC does not match", crc, [](Bytes& m) { m.back() ^= 1; }),
      spoilt("base", "a difference to a frame that is not the newest complete one", delta,
             [](Bytes& m) { m[36] ^= 1; }),
      spoilt("range-without-key", "a new scale without KEY", delta, [](Bytes& m) { m[67] ^= 1; }),
      spoilt("outside", "a part below the picture", delta, [](Bytes& m) { m[50] = 200; }),
  };
}

void append(std::vector<Case>& to, std::vector<Case> more) {
  for (Case& one : more) to.push_back(std::move(one));
}

// boost::json prints on one line; a reviewer wants to see what changed.
std::string indented(const json::object& object) {
  std::string out = "{\n";
  for (const auto& [key, value] : object) {
    if (out.size() > 2) out += ",\n";
    out += fmt::format("  {}: ", json::serialize(key));
    if (!value.is_array()) {
      out += json::serialize(value);
      continue;
    }
    out += "[";
    bool first = true;
    for (const json::value& item : value.get_array()) {
      out += fmt::format("{}\n    {}", first ? "" : ",", json::serialize(item));
      first = false;
    }
    out += "\n  ]";
  }
  return out + "\n}\n";
}

json::object header_json(const Bytes& message) {
  const PartHeader h = decode_header(message);
  return {{"kind", static_cast<int>(h.kind)},
          {"flags", h.flags},
          {"sub", h.sub},
          {"step", h.step},
          {"time", h.time},
          {"clock", h.clock_us},
          {"seq", h.seq},
          {"baseSeq", h.base_seq},
          {"part", h.part},
          {"parts", h.parts},
          {"dtype", static_cast<int>(h.dtype)},
          {"codec", static_cast<int>(h.codec)},
          {"filter", static_cast<int>(h.filter)},
          {"lod", h.lod},
          {"x", h.x},
          {"y", h.y},
          {"w", h.w},
          {"h", h.h},
          {"z", h.z},
          {"depth", h.depth},
          {"channels", h.channels},
          {"scale", h.scale},
          {"offset", h.offset},
          {"decoded", h.decoded},
          {"crc", h.crc}};
}

}  // namespace

std::vector<Case> wire_cases() {
  std::vector<Case> cases = plain_cases();
  append(cases, wide_cases());
  std::vector<Case> chains = chain_cases();
  std::vector<Case> bad = bad_cases(cases[0], cases[1], cases[2], chains[0]);
  append(cases, std::move(chains));
  cases.push_back(series_case());
  cases.push_back(ack_case());
  append(cases, std::move(bad));
  return cases;
}

std::string describe(const Case& which) {
  json::object out{{"name", which.name}, {"about", which.about}};
  json::array messages;
  std::size_t at = 0;
  for (const Bytes& message : which.messages) {
    json::object entry{{"at", at}, {"length", message.size()}};
    const bool whole = !which.truth.contains("ack") && !which.truth.contains("error");
    if (whole || (which.truth.contains("error") && &message != &which.messages.back()))
      entry["header"] = header_json(message);
    messages.push_back(entry);
    at += message.size();
  }
  out["messages"] = messages;
  for (const auto& [key, value] : which.truth) out[key] = value;
  return indented(out);
}

std::string describe_all(const std::vector<Case>& cases) {
  json::array names;
  for (const Case& one : cases) names.push_back(json::value(one.name));
  return indented({{"lz4", LZ4_versionString()}, {"cases", names}});
}

std::vector<std::uint8_t> joined(const Case& which) {
  Bytes out;
  for (const Bytes& message : which.messages) out.insert(out.end(), message.begin(), message.end());
  return out;
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace atheria::wire
