#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// The JSON header of a safetensors file. No torch here.
namespace atheria::store {

struct Entry {
  std::string name;
  std::string dtype;  // "F32"
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // bytes from the end of the header
  std::uint64_t end = 0;
};

struct Header {
  std::vector<Entry> entries;  // by offset, then name
  std::map<std::string, std::string> metadata;
};

// Headers above this are refused, as the format's other readers do.
constexpr std::uint64_t kMaxHeader = 100'000'000;

// Reads the header of a file with `data_bytes` behind it. Throws Error (io): bad JSON, a name
// twice, tensors that overlap, leave holes or reach past the data. Sizes against dtypes are the
// caller's.
Header parse_header(std::string_view json, std::uint64_t data_bytes, const std::string& source);

// The inverse, padded with blanks to a multiple of 8.
std::string format_header(const Header& header);

}  // namespace atheria::store
