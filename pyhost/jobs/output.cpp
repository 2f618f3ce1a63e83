#include "pyhost/jobs/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "app/protocol/json_text.h"
#include "engine/base/log.h"

namespace atheria::jobs {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMarkEvery = 64;

std::string line_of(const ScriptChunk& chunk) {
  return json::serialize(json::object{
             {"seq", chunk.seq}, {"stream", chunk.stream}, {"t", chunk.t}, {"text", chunk.text}}) +
         "\n";
}

ScriptChunk chunk_of(const json::object& line) {
  return {line.at("seq").to_number<std::uint64_t>(), std::string(line.at("stream").as_string()),
          line.at("t").to_number<double>(), std::string(line.at("text").as_string())};
}

// Reads lines until it has enough; a torn last line (the machine went down) ends it.
std::vector<ScriptChunk> read_lines(std::ifstream& file, std::uint64_t from, std::uint64_t until,
                                    std::size_t bytes) {
  std::vector<ScriptChunk> found;
  std::size_t size = 0;
  for (std::string line; std::getline(file, line);) {
    try {
      ScriptChunk chunk = chunk_of(json::parse(line).as_object());
      if (chunk.seq >= until) break;
      if (chunk.seq < from) continue;
      size += chunk.text.size();
      if (!found.empty() && size > bytes) break;
      found.push_back(std::move(chunk));
    } catch (const std::exception&) {
      break;
    }
  }
  return found;
}

// Bytes of the sequence that begins at text[i], or 0 when it is none.
std::size_t sequence(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = at(i);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((at(i + k) & 0xC0) != 0x80) return 0;
  const unsigned char second = at(i + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || beyond ? 0 : length;
}

// The largest prefix of at most `limit` bytes that ends between two characters.
std::size_t cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

}  // namespace

std::string clean_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence(text, i);
    if (length == 0) {
      clean += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    if (text[i] == '\0')
      clean += "\xE2\x90\x80";
    else
      clean.append(text, i, length);
    i += length;
  }
  return clean;
}

Output::Output(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  file_ = std::fopen(path_.c_str(), "we");
  if (file_ == nullptr)
    log::warning(fmt::format("'{}' cannot be written: output is not kept", path_));
}

Output::~Output() { close(); }

void Output::write(std::string_view stream, std::string_view text, double t) {
  const std::string clean = clean_utf8(text);
  for (std::string_view rest = clean; !rest.empty();) {
    if (growing_ && (recent_.back().stream != stream || recent_.back().text.size() >= kChunk))
      seal();
    if (!growing_) {
      recent_.push_back({next_++, std::string(stream), t, {}});
      growing_ = true;
    }
    std::string& into = recent_.back().text;
    const std::size_t take = cut(rest, kChunk - into.size());
    if (take == 0) {  // the next character does not fit any more
      seal();
      continue;
    }
    into.append(rest, 0, take);
    recent_bytes_ += take;
    rest.remove_prefix(take);
  }
  trim();
}

void Output::seal() {
  growing_ = false;
  store(recent_.back());
}

void Output::store(const ScriptChunk& chunk) {
  if (file_ == nullptr || file_bytes_ > kHead || filed_ != chunk.seq) return;
  if (chunk.seq % kMarkEvery == 0) marks_.push_back({chunk.seq, std::ftell(file_)});
  const std::string line = line_of(chunk);
  if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) {
    log::warning(fmt::format("'{}' cannot be written any more: is the disk full?", path_));
    std::fclose(std::exchange(file_, nullptr));
    return;
  }
  file_bytes_ += line.size();
  filed_ = chunk.seq + 1;
}

void Output::trim() {
  while (recent_bytes_ > kMemory && recent_.size() > 1) {
    if (recent_.front().seq >= filed_) lost_ += recent_.front().text.size();
    recent_bytes_ -= recent_.front().text.size();
    recent_.pop_front();
  }
}

std::vector<ScriptChunk> Output::read(std::uint64_t from, std::size_t bytes) {
  if (growing_) seal();
  std::vector<ScriptChunk> found;
  std::size_t size = 0;
  if (!recent_.empty() && from < std::min(recent_.front().seq, filed_)) {
    found = read_file(from, recent_.front().seq, bytes);
    if (!found.empty()) return found;
  }
  for (const ScriptChunk& chunk : recent_) {
    if (chunk.seq < from) continue;
    size += chunk.text.size();
    if (!found.empty() && size > bytes) break;
    found.push_back(chunk);
  }
  return found;
}

std::vector<ScriptChunk> Output::read_file(std::uint64_t from, std::uint64_t until,
                                           std::size_t bytes) const {
  if (file_ != nullptr) std::fflush(file_);
  std::ifstream file(path_);
  const auto after =
      std::upper_bound(marks_.begin(), marks_.end(), from,
                       [](std::uint64_t seq, const Mark& mark) { return seq < mark.seq; });
  if (after != marks_.begin()) file.seekg(std::prev(after)->offset);
  return read_lines(file, from, until, bytes);
}

void Output::close() {
  if (growing_) seal();
  if (file_ == nullptr) return;
  for (const ScriptChunk& chunk : recent_) {
    if (chunk.seq < filed_) continue;
    const std::string line = line_of(chunk);
    if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) break;
  }
  std::fclose(std::exchange(file_, nullptr));
}

std::vector<ScriptChunk> read_output_file(const std::string& path, std::uint64_t from,
                                          std::size_t bytes) {
  std::ifstream file(path);
  return read_lines(file, from, ~std::uint64_t{0}, bytes);
}

}  // namespace atheria::jobs
