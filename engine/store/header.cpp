#include "engine/store/header.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/base/error.h"
#include "engine/store/json_reader.h"

namespace atheria::store {
namespace {

Entry read_entry(JsonReader& json, std::string name) {
  Entry entry{.name = std::move(name), .dtype = {}, .shape = {}};
  std::vector<std::int64_t> offsets;
  json.object([&](const std::string& key) {
    if (key == "dtype") {
      entry.dtype = json.string();
    } else if (key == "shape") {
      entry.shape = json.integers();
    } else if (key == "data_offsets") {
      offsets = json.integers();
    } else {
      json.fail(fmt::format("tensor '{:.80}' has an unknown key '{:.40}'", entry.name, key));
    }
  });
  if (entry.dtype.empty() || offsets.size() != 2 || offsets[0] > offsets[1]) {
    json.fail(fmt::format("tensor '{:.80}' needs dtype, shape and data_offsets [begin, end]",
                          entry.name));
  }
  entry.begin = static_cast<std::uint64_t>(offsets[0]);
  entry.end = static_cast<std::uint64_t>(offsets[1]);
  return entry;
}

void read_metadata(JsonReader& json, Header& header) {
  json.object([&](const std::string& key) { header.metadata[key] = json.string(); });
}

// The format wants the data covered exactly once: no overlap, no hole, nothing left over.
void check_layout(const Header& header, std::uint64_t data_bytes, const std::string& source) {
  std::uint64_t covered = 0;
  for (const auto& entry : header.entries) {
    if (entry.begin != covered) {
      throw Error(ErrorKind::io,
                  fmt::format("{}: tensor '{:.80}' begins at byte {} of the data, {} {}", source,
                              entry.name, entry.begin,
                              entry.begin < covered ? "inside the one before, which ends at"
                                                    : "leaving a hole after",
                              covered));
    }
    covered = entry.end;
    if (covered > data_bytes) {
      throw Error(ErrorKind::io, fmt::format("{}: tensor '{:.80}' ends at byte {}; the file has {} "
                                             "bytes of data: is it cut off?",
                                             source, entry.name, covered, data_bytes));
    }
  }
  if (covered != data_bytes) {
    throw Error(ErrorKind::io, fmt::format("{}: {} bytes of data, but its tensors take {}", source,
                                           data_bytes, covered));
  }
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

Header parse_header(std::string_view text, std::uint64_t data_bytes, const std::string& source) {
  Header header;
  JsonReader json(text, source);
  std::set<std::string> names;
  json.object([&](const std::string& key) {
    if (!names.insert(key).second) json.fail(fmt::format("'{:.80}' is there twice", key));
    if (key == "__metadata__") {
      read_metadata(json, header);
    } else {
      header.entries.push_back(read_entry(json, key));
    }
  });
  json.end();
  std::sort(header.entries.begin(), header.entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  check_layout(header, data_bytes, source);
  return header;
}

std::string format_header(const Header& header) {
  std::string text = "{";
  const auto comma = [&] { return text.size() > 1 ? "," : ""; };
  if (!header.metadata.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : header.metadata) {
      pairs.push_back(json_text(key) + ":" + json_text(value));
    }
    text += fmt::format("\"__metadata__\":{{{}}}", fmt::join(pairs, ","));
  }
  for (const auto& entry : header.entries) {
    text += fmt::format("{}{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                        comma(), json_text(entry.name), entry.dtype, fmt::join(entry.shape, ","),
                        entry.begin, entry.end);
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace atheria::store
