#include "engine/field/rle.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/error.h"

namespace atheria {
namespace {

// Coordinates stay below this: far more than any world, far less than would overflow.
constexpr std::int64_t kFarthest = std::int64_t{1} << 40;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class RleParser {
 public:
  explicit RleParser(std::string_view text) : rest_(text) {}

  RlePattern parse() {
    if (rest_.substr(0, 3) == "\xef\xbb\xbf")
      rest_.remove_prefix(3);  // what some editors put first
    while (!ended_ && !rest_.empty()) {
      ++line_number_;
      const auto line = trimmed(next_line());
      if (line.empty()) continue;
      if (line[0] == '#') {
        comment(line);
      } else if ((line[0] == 'x' || line[0] == 'X') && !in_body_) {
        header(line);
        has_header_ = true;
      } else {
        if (line[0] == '!' && !in_body_ && !has_header_)
          fail("it is Golly's plain text; save it as RLE");
        body(line);
      }
    }
    if (count_ >= 0) fail("it ends after a number");
    if (!in_body_ && !has_header_) fail("there is no pattern in it");
    return std::move(pattern_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error(
        fmt::format("RLE line {}: {}; it is written x = 3, y = 3, rule = B3/S23 and then "
                    "bo$2bo$3o!",
                    line_number_, why));
  }

  std::string_view next_line() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

  // "#CXRLE Pos=-3,4 Gen=10", "#r 23/3" as older files have it; all else is for people.
  void comment(std::string_view line) {
    if (line.substr(0, 5) == "#Life") fail("it is in a Life 1.0x format; save it as RLE");
    if (line.substr(0, 6) == "#CXRLE") {
      if (const auto at = line.find("Pos="); at != std::string_view::npos) {
        auto text = line.substr(at + 4);
        const auto x = coordinate(text);
        if (text.empty() || text[0] != ',') fail("Pos needs x,y");
        text.remove_prefix(1);
        pattern_.position = RlePattern::Place{x, coordinate(text)};
      }
    } else if (line.substr(0, 3) == "#r " && pattern_.rule.empty()) {
      rule(line.substr(3));
    }
  }

  // Takes a whole number off the front.
  std::int64_t coordinate(std::string_view& text) const {
    while (!text.empty() && (text[0] == ' ' || text[0] == '+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || value > kFarthest || value < -kFarthest) {
      fail(fmt::format("cannot read a number in '{:.40}'", text));
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
  }

  // "x = 3, y = 3, rule = B3/S23:T30,20": the rule has commas of its own, so it is what is left.
  void header(std::string_view line) {
    while (!line.empty()) {
      const auto equals = line.find('=');
      if (equals == std::string_view::npos) fail(fmt::format("cannot read '{:.40}'", line));
      const auto key = trimmed(line.substr(0, equals));
      line = trimmed(line.substr(equals + 1));
      if (key == "rule" || key == "RULE") return rule(line);
      const bool x = key == "x" || key == "X", y = key == "y" || key == "Y";
      if (!x && !y) fail(fmt::format("unknown '{:.20}' in the header", key));
      const auto value = coordinate(line);
      if (value < 0) fail("a size is below 0");
      (x ? pattern_.width : pattern_.height) = value;
      line = trimmed(line);
      if (!line.empty() && line[0] != ',') fail(fmt::format("cannot read '{:.40}'", line));
      if (!line.empty()) line = trimmed(line.substr(1));
    }
  }

  void rule(std::string_view text) {
    text = trimmed(text);
    const auto colon = std::min(text.find(':'), text.size());
    pattern_.rule = trimmed(text.substr(0, colon));
    pattern_.topology = colon < text.size() ? trimmed(text.substr(colon + 1)) : std::string_view();
  }

  void body(std::string_view line) {
    in_body_ = true;
    for (const char c : line) {
      if (ended_) return;
      if (is_digit(c)) {
        count_ = std::max<std::int64_t>(count_, 0) * 10 + (c - '0');
        if (count_ > kFarthest) fail("a count is too large");
      } else if (c != ' ' && c != '\t') {
        token(c);
      }
    }
  }

  void token(char c) {
    const std::int64_t count = count_ < 0 ? 1 : count_;
    count_ = -1;
    if (c == '!') {
      ended_ = true;
    } else if (c == '$') {
      y_ += count;
      x_ = 0;
    } else if (c == 'b' || c == '.') {
      x_ += count;
    } else if (c == 'o' || c == 'A') {
      live(count);
    } else if ((c >= 'B' && c <= 'X') || (c >= 'p' && c <= 'y')) {
      fail(fmt::format("state '{}': patterns with more than two states are of other laws", c));
    } else {
      fail(c > ' ' && c < 127 ? fmt::format("unexpected '{}'", c) : "not text");
    }
    if (x_ > kFarthest || y_ > kFarthest) fail("the pattern is too large");
  }

  void live(std::int64_t count) {
    if (count == 0) return;
    auto& runs = pattern_.runs;
    if (!runs.empty() && runs.back().y == y_ && runs.back().x + runs.back().length == x_) {
      runs.back().length += count;
    } else {
      runs.push_back({x_, y_, count});
    }
    x_ += count;
    pattern_.width = std::max(pattern_.width, x_);
    pattern_.height = std::max(pattern_.height, y_ + 1);
  }

  std::string_view rest_;
  RlePattern pattern_;
  int line_number_ = 0;
  bool has_header_ = false;
  bool in_body_ = false;
  bool ended_ = false;
  std::int64_t count_ = -1;  // digits so far; -1: none
  std::int64_t x_ = 0, y_ = 0;
};

// Body tokens in lines of at most 70 characters.
class RleWriter {
 public:
  void put(std::int64_t count, char what) {
    if (count == 0) return;
    const auto token = count == 1 ? std::string(1, what) : fmt::format("{}{}", count, what);
    if (line_ + token.size() > 70) {
      text_ += '\n';
      line_ = 0;
    }
    text_ += token;
    line_ += token.size();
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t line_ = 0;
};

}  // namespace

std::int64_t RlePattern::population() const {
  std::int64_t sum = 0;
  for (const auto& run : runs) sum += run.length;
  return sum;
}

RlePattern parse_rle(std::string_view text) { return RleParser(text).parse(); }

std::string write_rle(const RlePattern& pattern) {
  std::string head;
  if (pattern.position) {
    head = fmt::format("#CXRLE Pos={},{}\n", pattern.position->x, pattern.position->y);
  }
  head += fmt::format("x = {}, y = {}", pattern.width, pattern.height);
  if (!pattern.rule.empty()) head += ", rule = " + pattern.rule;
  if (!pattern.topology.empty()) head += ":" + pattern.topology;
  RleWriter body;
  std::int64_t x = 0, y = 0;
  for (const auto& run : pattern.runs) {
    body.put(run.y - y, '$');
    if (run.y != y) x = 0;
    body.put(run.x - x, 'b');
    body.put(run.length, 'o');
    x = run.x + run.length;
    y = run.y;
  }
  body.put(1, '!');
  return head + '\n' + body.text() + '\n';
}

}  // namespace atheria
