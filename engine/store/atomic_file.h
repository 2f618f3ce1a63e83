#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace atheria::store {

// A file that appears whole or not at all: written beside its path, synced and renamed by commit().
// Without commit() nothing stays. Throws Error (io) that names the path and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* from, std::size_t count);
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string part_;  // where it is written
  std::FILE* file_ = nullptr;
};

}  // namespace atheria::store
