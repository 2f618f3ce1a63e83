#include "engine/field/read_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "engine/base/error.h"

namespace atheria {

std::string read_file(const std::string& path) {
  constexpr std::uintmax_t kLimit = std::uintmax_t{256} << 20;
  const auto fail = [&](ErrorKind kind, const std::string& why) {
    throw Error(kind, fmt::format("file '{}': {}", path, why), "init");
  };
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (!std::filesystem::exists(status)) fail(ErrorKind::not_found, "there is none");
  if (!std::filesystem::is_regular_file(status)) fail(ErrorKind::io, "it is a folder or a device");
  const auto size = std::filesystem::file_size(path, fault);
  if (fault) fail(ErrorKind::io, fault.message());
  if (size > kLimit) {
    fail(ErrorKind::too_large, fmt::format("{} bytes; the limit is {}", size, kLimit));
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file) fail(ErrorKind::io, "it cannot be read");
  return bytes;
}

}  // namespace atheria
