// Decodes one frame part in the browser: LZ4 block, byte-shuffle, delta. See
// app/protocol/PROTOCOL.md, section 6. Freestanding: the caller owns the memory and lays the
// buffers out; nothing is allocated here. What comes from the network is the block only; its
// lengths and offsets are checked before every copy.
#include <wasm_simd128.h>

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;

namespace {

enum Result : int {
  ok = 0,
  truncated = -1,
  overlong = -2,
  bad_offset = -3,
  bad_length = -4,
  unknown = -5
};

void copy(u8* to, const u8* from, u32 n) { __builtin_memcpy(to, from, n); }

void copy16(u8* to, const u8* from) { wasm_v128_store(to, wasm_v128_load(from)); }

// Adds the bytes of an extended length to n. False: the block ends too early. Cannot overflow: a
// block is far shorter than 2^32 / 255 bytes (the caller refuses larger ones).
bool extend(const u8*& in, const u8* in_end, u32& n) {
  u8 more;
  do {
    if (in == in_end) return false;
    more = *in++;
    n += more;
  } while (more == 255);
  return true;
}

// A match may overlap what it writes: offset 1 repeats a byte.
void copy_match(u8* out, u32 offset, u32 n) {
  const u8* from = out - offset;
  if (offset >= n) return copy(out, from, n);
  for (u32 i = 0; i < n; ++i) out[i] = from[i];
}

Result lz4(const u8* in, u32 in_size, u8* out, u32 out_size) {
  const u8* const in_end = in + in_size;
  u8* const begin = out;
  u8* const end = out + out_size;
  while (in < in_end) {
    const u32 token = *in++;
    u32 literals = token >> 4;
    if (literals == 15 && !extend(in, in_end, literals)) return truncated;
    if (literals > u32(in_end - in)) return truncated;
    if (literals > u32(end - out)) return overlong;
    if (literals <= 16 && in_end - in >= 16 && end - out >= 16) {
      copy16(out, in);
    } else {
      copy(out, in, literals);
    }
    in += literals;
    out += literals;
    if (in == in_end) break;  // the last sequence has no match

    if (in_end - in < 2) return truncated;
    const u32 offset = u32(in[0]) | u32(in[1]) << 8;
    in += 2;
    if (offset == 0 || offset > u32(out - begin)) return bad_offset;
    u32 n = token & 15;
    if (n == 15 && !extend(in, in_end, n)) return truncated;
    n += 4;
    if (n > u32(end - out)) return overlong;
    if (offset >= 16 && n <= 32 && end - out >= 32) {
      copy16(out, out - offset);
      copy16(out + 16, out + 16 - offset);
    } else {
      copy_match(out, offset, n);
    }
    out += n;
  }
  return out == end ? ok : truncated;
}

// Plane b holds byte b of every element.
void unshuffle(const u8* in, u8* out, u32 size, u32 element) {
  const u32 count = size / element;
  for (u32 b = 0; b < element; ++b) {
    for (u32 i = 0; i < count; ++i) out[i * element + b] = in[b * count + i];
  }
}

void add_u8(u8* values, const u8* base, u32 size) {
  u32 i = 0;
  for (; i + 16 <= size; i += 16) {
    wasm_v128_store(values + i,
                    wasm_i8x16_add(wasm_v128_load(values + i), wasm_v128_load(base + i)));
  }
  for (; i < size; ++i) values[i] = u8(values[i] + base[i]);
}

void add_u16(u8* values, const u8* base, u32 size) {
  u32 i = 0;
  for (; i + 16 <= size; i += 16) {
    wasm_v128_store(values + i,
                    wasm_i16x8_add(wasm_v128_load(values + i), wasm_v128_load(base + i)));
  }
  for (; i + 2 <= size; i += 2) {
    const u32 sum = u32(values[i] | values[i + 1] << 8) + u32(base[i] | base[i + 1] << 8);
    values[i] = u8(sum);
    values[i + 1] = u8(sum >> 8);
  }
}

}  // namespace

// Decodes `in` into `size` bytes at `first` or `second` (both of `size` bytes); 0: at first, 1: at
// second, negative: a Result. `base` holds the base's same texels when filter has delta (1 or 3).
extern "C" int decode(const u8* in, u32 in_size, u32 codec, u32 filter, u32 element, u8* first,
                      u8* second, const u8* base, u32 size) {
  if (filter > 3 || codec > 1 || element == 0 || element > 8) return unknown;
  if (size % element != 0 || in_size > (1u << 24)) return bad_length;
  if (codec == 0) {
    if (in_size != size) return bad_length;
    copy(first, in, size);
  } else if (const Result result = lz4(in, in_size, first, size); result != ok) {
    return result;
  }
  u8* values = first;
  if (filter & 2) {
    unshuffle(first, second, size, element);
    values = second;
  }
  if (filter & 1) {
    if (element == 1) {
      add_u8(values, base, size);
    } else if (element == 2) {
      add_u16(values, base, size);
    } else {
      return unknown;
    }
  }
  return values == first ? 0 : 1;
}
