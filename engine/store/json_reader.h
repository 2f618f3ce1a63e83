#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace atheria::store {

// Walks JSON text made of objects, strings and lists of whole numbers: all that a safetensors
// header has. Anything else is an Error (io) that names the source and the byte.
class JsonReader {
 public:
  JsonReader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  // Calls member(key) for each member; it must read the value.
  void object(const std::function<void(const std::string& key)>& member);

  std::string string();

  // A list of whole numbers from 0 to 2^62.
  std::vector<std::int64_t> integers();

  // Only blanks may follow.
  void end();

  [[noreturn]] void fail(const std::string& why) const;

 private:
  void blanks();
  bool take(char c);  // after blanks
  void expect(char c);
  std::int64_t integer();
  void escape(std::string& out);
  std::uint32_t hex4();

  std::string_view text_;
  std::string source_;
  std::size_t at_ = 0;
};

}  // namespace atheria::store
