#include "engine/store/json_reader.h"

#include <fmt/format.h>

#include "engine/base/error.h"

namespace atheria::store {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

}  // namespace

void JsonReader::fail(const std::string& why) const {
  throw Error(ErrorKind::io, fmt::format("{}: not a safetensors header: {} (byte {} of {})",
                                         source_, why, at_, text_.size()));
}

void JsonReader::blanks() {
  while (at_ < text_.size() &&
         std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
    ++at_;
}

bool JsonReader::take(char c) {
  blanks();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonReader::expect(char c) {
  if (!take(c)) fail(fmt::format("expected '{}'", c));
}

void JsonReader::object(const std::function<void(const std::string&)>& member) {
  expect('{');
  if (take('}')) return;
  do {
    const std::string key = string();
    expect(':');
    member(key);
  } while (take(','));
  expect('}');
}

std::vector<std::int64_t> JsonReader::integers() {
  std::vector<std::int64_t> list;
  expect('[');
  if (take(']')) return list;
  do {
    list.push_back(integer());
  } while (take(','));
  expect(']');
  return list;
}

std::int64_t JsonReader::integer() {
  blanks();
  const auto start = at_;
  std::int64_t value = 0;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
    if (value > (std::int64_t{1} << 62) / 10 - 1) fail("a number is too large");
    value = value * 10 + (text_[at_++] - '0');
  }
  if (at_ == start) fail("expected a whole number, not negative");
  return value;
}

std::string JsonReader::string() {
  expect('"');
  std::string out;
  while (true) {
    if (at_ >= text_.size()) fail("a string has no end");
    const char c = text_[at_++];
    if (c == '"') return out;
    if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
    if (c == '\\') {
      escape(out);
    } else {
      out += c;
    }
  }
}

void JsonReader::escape(std::string& out) {
  if (at_ >= text_.size()) fail("a string has no end");
  const char c = text_[at_++];
  constexpr std::string_view kNames = "\"\\/bfnrt", kMeans = "\"\\/\b\f\n\r\t";
  if (const auto found = kNames.find(c); found != std::string_view::npos) {
    out += kMeans[found];
    return;
  }
  if (c != 'u') fail("an unknown escape in a string");
  std::uint32_t code = hex4();
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    const std::uint32_t low = hex4();
    if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair in a string");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xD800 && code <= 0xDFFF) {
    fail("half of a surrogate pair in a string");
  }
  append_utf8(out, code);
}

std::uint32_t JsonReader::hex4() {
  if (text_.size() - at_ < 4) fail("a string has no end");
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_++];
    const auto digit = std::string_view("0123456789abcdef")
                           .find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
    if (digit == std::string_view::npos) fail("\\u needs four hexadecimal digits");
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return value;
}

void JsonReader::end() {
  blanks();
  if (at_ != text_.size()) fail("something follows the header's end");
}

}  // namespace atheria::store
