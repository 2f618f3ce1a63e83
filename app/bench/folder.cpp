#include "app/bench/folder.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/base/error.h"

namespace atheria::bench {

namespace fs = std::filesystem;

BenchFolder::BenchFolder() : path_((fs::temp_directory_path() / "atheria-bench-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr)
    throw Error(ErrorKind::io, fmt::format("cannot make '{}': {}", path_, std::strerror(errno)));
}

BenchFolder::~BenchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string BenchFolder::file(std::string_view name) const {
  return (fs::path(path_) / name).string();
}

std::vector<std::uint8_t> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<std::uint8_t> bytes(file ? static_cast<std::size_t>(file.tellg()) : 0);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw Error(ErrorKind::io, fmt::format("cannot read '{}'", path));
  return bytes;
}

void write_bytes(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw Error(ErrorKind::io, fmt::format("cannot write '{}'", path));
}

}  // namespace atheria::bench
