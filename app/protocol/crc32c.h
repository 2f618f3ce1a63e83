#pragma once

#include <cstdint>
#include <span>

namespace atheria::wire {

// CRC-32C (Castagnoli), as iSCSI and ext4 use it: "123456789" gives 0xE3069283.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes);

}  // namespace atheria::wire
