#include "engine/field/init_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace atheria {
namespace {

struct Kind {
  std::string name;
  std::vector<std::string> settings;
  std::string bare = {};  // the setting that a first word without '=' means
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"noise", {"density", "lo", "hi"}},
      {"blobs", {"count", "radius"}},
      {"cell", {"x", "y", "z", "spacing"}},
      {"packet", {"x", "y", "z", "width", "kx", "ky", "kz", "amplitude"}},
      {"wave", {"kx", "ky", "kz", "amplitude"}},
      {"empty", {}},
      {"pattern", {"name", "file", "rle", "x", "y"}, "name"},
      {"image", {"file", "channel"}, "file"},
  };
  return all;
}

const Kind* find_kind(const std::string& name) {
  for (const auto& kind : kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// As Golly and others begin it; no kind of start does.
bool looks_like_rle(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return false;
  if (text[first] == '#') return true;
  const auto next = text.find_first_not_of(" \t", first + 1);
  return text[first] == 'x' && next != std::string::npos && text[next] == '=';
}

}  // namespace

InitSpec::InitSpec(const std::string& text) : text_(text) {
  const auto colon = text.find(':');
  kind_ = text.substr(0, colon);
  const Kind* const kind = find_kind(kind_);
  if (kind) {
    if (colon != std::string::npos) read_settings(text.substr(colon + 1), kind->settings);
  } else if (looks_like_rle(text)) {
    kind_ = "pattern";
    settings_["rle"] = text;
  } else if (ends_with(text, ".rle") || ends_with(text, ".png")) {
    kind_ = ends_with(text, ".rle") ? "pattern" : "image";
    settings_["file"] = text;
  } else {
    std::vector<std::string> names;
    for (const auto& known : kinds()) names.push_back(known.name);
    throw Error(ErrorKind::bad_args,
                fmt::format("init '{:.80}': no such kind; there are: {}, or a path to .rle or .png",
                            text, fmt::join(names, ", ")),
                "init");
  }
}

void InitSpec::read_settings(const std::string& list, const std::vector<std::string>& known) {
  std::size_t at = 0;
  while (at < list.size()) {
    auto end = std::min(list.find(',', at), list.size());
    auto part = list.substr(at, end - at);
    const auto equals = part.find('=');
    auto key = equals == std::string::npos ? find_kind(kind_)->bare : part.substr(0, equals);
    auto value = equals == std::string::npos ? part : part.substr(equals + 1);
    if (equals == std::string::npos && (key.empty() || at > 0)) {
      fail(fmt::format("'{:.40}' has no '='", part));
    }
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      fail(fmt::format("no setting '{:.40}'; {} has: {}", key, kind_,
                       known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
    }
    if (key == "rle") {  // has commas of its own
      value = list.substr(at + equals + 1);
      end = list.size();
    }
    if (key == "name" && ends_with(value, ".rle")) key = "file";
    if (!settings_.emplace(key, value).second) fail(fmt::format("'{}' is said twice", key));
    at = end + 1;
  }
}

void InitSpec::fail(const std::string& why) const {
  throw Error(ErrorKind::bad_args, fmt::format("init '{:.80}': {}", text_, why), "init");
}

std::string InitSpec::text(const std::string& key) const {
  const auto found = settings_.find(key);
  return found == settings_.end() ? std::string() : found->second;
}

std::optional<double> InitSpec::number_if_said(const std::string& key, double lo, double hi) const {
  const auto found = settings_.find(key);
  if (found == settings_.end()) return std::nullopt;
  const auto value = parse_number<double>(found->second);
  if (!value) fail(fmt::format("{} is a number, not '{:.40}'", key, found->second));
  if (!(*value >= lo && *value <= hi)) {
    fail(fmt::format("{} is {}..{}, not {}", key, lo, hi, *value));
  }
  return value;
}

double InitSpec::number(const std::string& key, double otherwise, double lo, double hi) const {
  return number_if_said(key, lo, hi).value_or(otherwise);
}

std::optional<std::int64_t> InitSpec::integer_if_said(const std::string& key, std::int64_t lo,
                                                      std::int64_t hi) const {
  const auto value = number_if_said(key, static_cast<double>(lo), static_cast<double>(hi));
  if (!value) return std::nullopt;
  if (*value != std::floor(*value)) fail(fmt::format("{} is a whole number, not {}", key, *value));
  return static_cast<std::int64_t>(*value);
}

std::int64_t InitSpec::integer(const std::string& key, std::int64_t otherwise, std::int64_t lo,
                               std::int64_t hi) const {
  return integer_if_said(key, lo, hi).value_or(otherwise);
}

}  // namespace atheria
