#include "engine/store/safetensors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "engine/base/error.h"
#include "engine/store/atomic_file.h"
#include "engine/store/header.h"

namespace atheria {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

struct Type {
  const char* name;
  at::ScalarType type;
};
constexpr Type kTypes[] = {
    {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf},  {"BF16", at::kBFloat16},
    {"I64", at::kLong},   {"I32", at::kInt},   {"I16", at::kShort}, {"I8", at::kChar},
    {"U8", at::kByte},    {"BOOL", at::kBool},
};

// Copies `count` bytes from `offset` of the file to a place.
using Reader = std::function<void(std::uint64_t offset, void* to, std::uint64_t count)>;

[[noreturn]] void fail(const std::string& source, const std::string& why) {
  throw Error(ErrorKind::io, fmt::format("{}: {}", source, why));
}

at::ScalarType type_of(const store::Entry& entry, const std::string& source) {
  std::vector<std::string> names;
  for (const auto& [name, type] : kTypes) {
    if (entry.dtype == name) return type;
    names.emplace_back(name);
  }
  fail(source, fmt::format("tensor '{:.80}' has dtype '{:.20}'; this build reads {}", entry.name,
                           entry.dtype, fmt::join(names, ", ")));
}

std::string_view name_of(at::ScalarType type) {
  for (const auto& known : kTypes) {
    if (known.type == type) return known.name;
  }
  throw Error(ErrorKind::unsupported,
              fmt::format("safetensors has no dtype for {}", c10::toString(type)));
}

// Bytes of a shape, or nothing when it does not fit 64 bits.
std::optional<std::uint64_t> bytes_of(const std::vector<std::int64_t>& shape, std::uint64_t size) {
  std::uint64_t bytes = size;
  for (const auto side : shape) {
    if (side == 0) return 0;
    if (bytes > (std::uint64_t{1} << 62) / static_cast<std::uint64_t>(side)) return std::nullopt;
    bytes *= static_cast<std::uint64_t>(side);
  }
  return bytes;
}

at::Tensor read_tensor(const store::Entry& entry, std::uint64_t data, const Reader& read,
                       const std::string& source) {
  const auto type = type_of(entry, source);
  const auto span = entry.end - entry.begin;
  if (entry.shape.size() > 8)
    fail(source, fmt::format("'{:.80}' has over 8 dimensions", entry.name));
  if (bytes_of(entry.shape, c10::elementSize(type)) != span) {
    fail(source, fmt::format("tensor '{:.80}', {} [{}], does not take {} bytes", entry.name,
                             entry.dtype, fmt::join(entry.shape, ", "), span));
  }
  auto tensor = at::empty(entry.shape, type);
  if (span > 0) read(data + entry.begin, tensor.mutable_data_ptr(), span);
  return tensor;
}

Safetensors parse(std::uint64_t size, const Reader& read, const std::string& source) {
  std::uint64_t length = 0;
  if (size < 8) fail(source, fmt::format("{} bytes is too short for a safetensors file", size));
  read(0, &length, 8);
  if (length > store::kMaxHeader || length > size - 8) {
    fail(source,
         fmt::format("it says its header has {} bytes; the file has {} and the limit is {}: "
                     "not a safetensors file, or cut off",
                     length, size, store::kMaxHeader));
  }
  std::string json(length, '\0');
  read(8, json.data(), length);
  auto header = store::parse_header(json, size - 8 - length, source);
  Safetensors result;
  result.source = source;
  result.metadata = std::move(header.metadata);
  for (const auto& entry : header.entries) {
    result.tensors[entry.name] = read_tensor(entry, 8 + length, read, source);
  }
  return result;
}

// The bytes of a file, in order, piece by piece.
void serialise(const Safetensors& what, const std::function<void(const void*, std::size_t)>& put) {
  store::Header header;
  header.metadata = what.metadata;
  std::vector<at::Tensor> plain;
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : what.tensors) {
    plain.push_back(tensor.detach().cpu().contiguous());
    header.entries.push_back({name, std::string(name_of(tensor.scalar_type())),
                              tensor.sizes().vec(), at, at + tensor.nbytes()});
    at = header.entries.back().end;
  }
  const std::string json = format_header(header);
  const std::uint64_t length = json.size();
  put(&length, 8);
  put(json.data(), json.size());
  for (const auto& tensor : plain) put(tensor.const_data_ptr(), tensor.nbytes());
}

}  // namespace

const at::Tensor& Safetensors::at(const std::string& name) const {
  if (const auto found = tensors.find(name); found != tensors.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, tensor] : tensors) names.push_back(known);
  throw Error(ErrorKind::io, fmt::format("{}: no tensor '{}'; it has: {:.400}", source, name,
                                         fmt::format("{}", fmt::join(names, ", "))));
}

Safetensors read_safetensors(const std::string& path) {
  std::error_code fault;
  if (!std::filesystem::exists(path, fault)) {
    throw Error(ErrorKind::not_found, fmt::format("no file '{}'", path));
  }
  if (!std::filesystem::is_regular_file(path, fault)) fail(path, "not a file");
  const auto size = std::filesystem::file_size(path, fault);
  std::ifstream file(path, std::ios::binary);
  if (fault || !file) fail(path, "cannot be opened for reading");
  return parse(
      size,
      [&](std::uint64_t offset, void* to, std::uint64_t count) {
        file.seekg(static_cast<std::streamoff>(offset));
        file.read(static_cast<char*>(to), static_cast<std::streamsize>(count));
        if (!file) fail(path, fmt::format("reading {} bytes at {} failed", count, offset));
      },
      path);
}

Safetensors parse_safetensors(std::string_view bytes, const std::string& source) {
  return parse(
      bytes.size(),
      [&](std::uint64_t offset, void* to, std::uint64_t count) {
        std::memcpy(to, bytes.data() + offset, count);
      },
      source);
}

std::string dump_safetensors(const Safetensors& what) {
  std::string bytes;
  serialise(what, [&](const void* from, std::size_t count) {
    bytes.append(static_cast<const char*>(from), count);
  });
  return bytes;
}

void write_safetensors(const std::string& path, const Safetensors& what) {
  store::AtomicFile file(path);
  serialise(what, [&](const void* from, std::size_t count) { file.write(from, count); });
  file.commit();
}

}  // namespace atheria
