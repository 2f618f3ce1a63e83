#pragma once

#include <torch/types.h>

#include <map>
#include <string>
#include <string_view>

// The safetensors format: named tensors and a few words about them, no code. u64 length of a JSON
// header, the header, raw little-endian numbers. Others read and write it: pip install safetensors.
namespace atheria {

struct Safetensors {
  std::map<std::string, at::Tensor> tensors;    // on the CPU, contiguous, owned
  std::map<std::string, std::string> metadata;  // the header's __metadata__

  // Throws Error (io) listing the names that exist; `source` is named in it.
  const at::Tensor& at(const std::string& name) const;

  std::string source;  // the file's name, for messages
};

// Throws Error (io, not_found) when the file is not there, is cut off, or is not what its header
// says: every offset and size is checked against the file before anything is allocated for it.
Safetensors read_safetensors(const std::string& path);

// The same from memory; `source` is named in messages.
Safetensors parse_safetensors(std::string_view bytes, const std::string& source);

// Writes beside the path, syncs and renames: a reader finds the old file or the new one, whole.
// Throws Error (io).
void write_safetensors(const std::string& path, const Safetensors& what);

// The bytes such a file has.
std::string dump_safetensors(const Safetensors& what);

}  // namespace atheria
