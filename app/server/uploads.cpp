#include "app/server/uploads.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/protocol/upload.h"
#include "engine/base/error.h"

namespace atheria::server {
namespace {

constexpr std::uint64_t kReserve = 4 << 20;  // bytes taken ahead of what came

}  // namespace

std::uint64_t Uploads::announced() const {
  std::uint64_t sum = 0;
  for (const auto& [number, open] : open_) sum += open.refused ? 0 : open.total;
  return sum;
}

// The first part of one; an unfinished one of the same number is forgotten.
Uploads::Open& Uploads::begin(std::uint32_t upload, std::uint64_t total) {
  open_.erase(upload);
  if (open_.size() >= limits_.uploads)
    throw Error(fmt::format("{} uploads wait already: no op has asked for them", open_.size()));
  const std::uint64_t others = announced();
  Open& open = open_[upload];
  open.total = total;
  open.refused = total > limits_.upload_bytes || others > limits_.upload_bytes - total;
  if (!open.refused) open.bytes.reserve(std::min(total, kReserve));
  return open;
}

void Uploads::add(std::span<const std::uint8_t> message) {
  const wire::UploadPart part = wire::decode_upload(message);
  const auto found = open_.find(part.upload);
  const bool first = part.offset == 0;
  if (!first && found == open_.end()) return;  // it was taken, or forgotten
  Open& open = first ? begin(part.upload, part.total) : found->second;
  if (part.total != open.total || part.offset != open.came)
    throw Error(fmt::format("upload {} is at byte {} of {}; this part is for byte {} of {}",
                            part.upload, open.came, open.total, part.offset, part.total));
  open.came += part.payload.size();
  if (!open.refused) open.bytes.insert(open.bytes.end(), part.payload.begin(), part.payload.end());
}

std::vector<std::uint8_t> Uploads::take(std::uint32_t upload) {
  const auto found = open_.find(upload);
  if (found == open_.end())
    throw Error(ErrorKind::bad_args, fmt::format("no upload {} has come", upload), "upload");
  Open open = std::move(found->second);
  open_.erase(found);
  if (open.refused)
    throw Error(
        ErrorKind::too_large,
        fmt::format("upload {} has {} bytes; those of a connection have at most {} together",
                    upload, open.total, limits_.upload_bytes),
        "upload");
  if (open.came != open.total)
    throw Error(
        ErrorKind::bad_args,
        fmt::format("{} of the {} bytes of upload {} have come", open.came, open.total, upload),
        "upload");
  return std::move(open.bytes);
}

std::size_t Uploads::bytes() const {
  std::size_t sum = 0;
  for (const auto& [number, open] : open_) sum += open.bytes.size();
  return sum;
}

}  // namespace atheria::server
