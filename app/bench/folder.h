#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atheria::bench {

// A new folder for files of one run, which goes with this object and all that is in it.
class BenchFolder {
 public:
  BenchFolder();  // throws Error (io)
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const;

 private:
  std::string path_;
};

// Throws Error (io), naming the file.
std::vector<std::uint8_t> read_bytes(const std::string& path);
void write_bytes(const std::string& path, const std::vector<std::uint8_t>& bytes);

}  // namespace atheria::bench
