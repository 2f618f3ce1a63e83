#include "engine/store/atomic_file.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/base/error.h"

#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

namespace atheria::store {
namespace {

int process_id() {
#ifdef _WIN32
  return _getpid();
#else
  return getpid();
#endif
}

// To the disk, not only to the system's cache.
int sync(std::FILE* file) {
#ifdef _WIN32
  return _commit(_fileno(file));
#else
  return fsync(fileno(file));
#endif
}

// The rename itself must survive a power cut too; best effort, some file systems refuse.
void sync_folder(const std::string& path) {
#ifndef _WIN32
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int handle = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  fsync(handle);
  close(handle);
#else
  (void)path;
#endif
}

std::string part_name(const std::string& path) {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}.{}-{}.part", path, process_id(), count++);
}

}  // namespace

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), part_(part_name(path_)), file_(std::fopen(part_.c_str(), "wb")) {
  if (!file_) fail("cannot be written");
}

AtomicFile::~AtomicFile() {
  if (!file_) return;
  std::fclose(file_);
  std::remove(part_.c_str());
}

void AtomicFile::fail(const char* what) const {
  throw Error(ErrorKind::io, fmt::format("{}: {}: {}", path_, what, std::strerror(errno)));
}

void AtomicFile::write(const void* from, std::size_t count) {
  if (count > 0 && std::fwrite(from, 1, count, file_) != count) fail("writing failed");
}

void AtomicFile::commit() {
  if (std::fflush(file_) != 0 || sync(file_) != 0) fail("writing failed");
  std::FILE* const file = file_;
  file_ = nullptr;
  const bool closed = std::fclose(file) == 0;
  std::error_code fault;
  if (closed) std::filesystem::rename(part_, path_, fault);
  if (!closed || fault) {
    if (fault) errno = fault.value();
    const int why = errno;
    std::remove(part_.c_str());
    errno = why;
    fail("could not be put in place");
  }
  sync_folder(path_);
}

}  // namespace atheria::store
