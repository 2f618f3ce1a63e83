#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "app/protocol/script_types.h"

namespace atheria::jobs {

// What a job printed: the newest in memory, the beginning in a file, and how much of the middle was
// lost when it printed more than anybody should read. Not thread-safe.
//
// Writes to one stream run together until somebody has read them or 16 KiB are full, so a loop of
// tiny prints costs no more than one large one.
class Output {
 public:
  static constexpr std::size_t kChunk = 16 * 1024;
  static constexpr std::size_t kMemory = std::size_t{4} << 20;
  static constexpr std::size_t kHead = std::size_t{60}
                                       << 20;  // of the file; the end comes after it

  explicit Output(std::string path = {});  // empty: no file
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view stream, std::string_view text, double t);

  // Chunks from `from` on, at most `bytes` of text but never none where there are some; what is not
  // in memory any more is read from the file.
  std::vector<ScriptChunk> read(std::uint64_t from, std::size_t bytes);

  std::uint64_t end() const { return next_; }   // one past the newest chunk
  std::uint64_t lost() const { return lost_; }  // bytes neither in memory nor in the file

  // The file gets its end. Reading goes on to work.
  void close();

 private:
  void seal();
  void store(const ScriptChunk& chunk);
  void trim();
  std::vector<ScriptChunk> read_file(std::uint64_t from, std::uint64_t until,
                                     std::size_t bytes) const;

  struct Mark {
    std::uint64_t seq;
    long offset;
  };

  const std::string path_;
  std::FILE* file_ = nullptr;
  std::vector<Mark> marks_;  // every so many chunks, where they stand in the file
  std::uint64_t filed_ = 0;  // chunks [0, filed_) are in the file
  std::size_t file_bytes_ = 0;
  std::deque<ScriptChunk> recent_;  // the last one may still grow
  std::size_t recent_bytes_ = 0;
  bool growing_ = false;
  std::uint64_t next_ = 0;
  std::uint64_t lost_ = 0;
};

// Reads what a job of an earlier run of the server left: chunks from `from` on, at most `bytes`.
std::vector<ScriptChunk> read_output_file(const std::string& path, std::uint64_t from,
                                          std::size_t bytes);

// `text` with whatever is not UTF-8 replaced by U+FFFD, and NUL by U+2400.
std::string clean_utf8(std::string_view text);

}  // namespace atheria::jobs
