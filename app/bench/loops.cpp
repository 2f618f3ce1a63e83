#include "app/bench/loops.h"

#if defined(ATHERIA_ISA_avx2) || defined(ATHERIA_ISA_avx512)
#include <immintrin.h>
#endif

namespace atheria::cpu::ATHERIA_ISA {
namespace {

// Enough chains to hide the time of one operation (4 cycles, two a cycle), and few enough for the
// registers.
#if defined(ATHERIA_ISA_avx512)
constexpr int kChains = 16;
#else
constexpr int kChains = 12;
#endif

#if defined(ATHERIA_ISA_avx512)

struct Floats {
  static constexpr int kLanes = 16;
  __m512 v;
  static Floats all(float x) { return {_mm512_set1_ps(x)}; }
  void step(Floats a, Floats b) { v = _mm512_fmadd_ps(v, a.v, b.v); }
  void add_to(float* sink) const { *sink += _mm512_reduce_add_ps(v); }
};

struct Bits {
  static constexpr int kBits = 512;
  __m512i v;
  static Bits all(std::uint64_t x) { return {_mm512_set1_epi64(static_cast<long long>(x))}; }
  void step(Bits a, Bits b) { v = _mm512_ternarylogic_epi64(v, a.v, b.v, 0x6A); }
  void add_to(std::uint64_t* sink) const {
    *sink += static_cast<std::uint64_t>(_mm512_reduce_or_epi64(v));
  }
};

using Block = __m512i;
Block load(const std::uint8_t* p) { return _mm512_load_si512(p); }
void store(std::uint8_t* p, Block v) { _mm512_store_si512(p, v); }
void store_past(std::uint8_t* p, Block v) { _mm512_stream_si512(reinterpret_cast<Block*>(p), v); }
void fence() { _mm_sfence(); }

#elif defined(ATHERIA_ISA_avx2)

struct Floats {
  static constexpr int kLanes = 8;
  __m256 v;
  static Floats all(float x) { return {_mm256_set1_ps(x)}; }
  void step(Floats a, Floats b) { v = _mm256_fmadd_ps(v, a.v, b.v); }
  void add_to(float* sink) const {
    float lanes[kLanes];
    _mm256_storeu_ps(lanes, v);
    for (const float lane : lanes) *sink += lane;
  }
};

// There is no operation on three inputs: it takes two.
struct Bits {
  static constexpr int kBits = 256;
  __m256i v;
  static Bits all(std::uint64_t x) { return {_mm256_set1_epi64x(static_cast<long long>(x))}; }
  void step(Bits a, Bits b) { v = _mm256_xor_si256(_mm256_and_si256(v, a.v), b.v); }
  void add_to(std::uint64_t* sink) const {
    std::uint64_t lanes[4];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), v);
    for (const std::uint64_t lane : lanes) *sink += lane;
  }
};

using Block = __m256i;
Block load(const std::uint8_t* p) { return _mm256_load_si256(reinterpret_cast<const Block*>(p)); }
void store(std::uint8_t* p, Block v) { _mm256_store_si256(reinterpret_cast<Block*>(p), v); }
void store_past(std::uint8_t* p, Block v) { _mm256_stream_si256(reinterpret_cast<Block*>(p), v); }
void fence() { _mm_sfence(); }

#else

struct Floats {
  static constexpr int kLanes = 4;
  float v[kLanes];
  static Floats all(float x) { return {{x, x, x, x}}; }
  void step(const Floats& a, const Floats& b) {
    for (int i = 0; i < kLanes; ++i) v[i] = v[i] * a.v[i] + b.v[i];
  }
  void add_to(float* sink) const {
    for (const float lane : v) *sink += lane;
  }
};

struct Bits {
  static constexpr int kBits = 128;
  std::uint64_t v[2];
  static Bits all(std::uint64_t x) { return {{x, x}}; }
  void step(const Bits& a, const Bits& b) {
    for (int i = 0; i < 2; ++i) v[i] = (v[i] & a.v[i]) ^ b.v[i];
  }
  void add_to(std::uint64_t* sink) const { *sink += v[0] + v[1]; }
};

using Block = std::uint64_t;
Block load(const std::uint8_t* p) { return *reinterpret_cast<const Block*>(p); }
void store(std::uint8_t* p, Block v) { *reinterpret_cast<Block*>(p) = v; }
void store_past(std::uint8_t* p, Block v) { store(p, v); }
void fence() {}

#endif

// Values that neither grow nor vanish, and that no compiler knows: from `sink`.
template <class Value, class Number>
void run_chains(std::int64_t rounds, Number* sink, Number a_is, Number b_is) {
  Value chains[kChains];
  for (int i = 0; i < kChains; ++i) chains[i] = Value::all(*sink + static_cast<Number>(i));
  const Value a = Value::all(a_is), b = Value::all(b_is);
  for (std::int64_t round = 0; round < rounds; ++round)
    for (int i = 0; i < kChains; ++i) chains[i].step(a, b);
  for (int i = 0; i < kChains; ++i) chains[i].add_to(sink);
}

double fma(std::int64_t rounds, float* sink) {
  run_chains<Floats, float>(rounds, sink, 0.999F, 0.001F);
  return 2.0 * Floats::kLanes * kChains * static_cast<double>(rounds);
}

double logic(std::int64_t rounds, std::uint64_t* sink) {
  run_chains<Bits, std::uint64_t>(rounds, sink, 0x123456789ABCDEF0, 0x0FEDCBA987654321);
  return static_cast<double>(Bits::kBits) * kChains * static_cast<double>(rounds);
}

double copy(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof(Block)) store(to + i, load(from + i));
  return 2.0 * static_cast<double>(bytes);
}

double stream(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += sizeof(Block)) store_past(to + i, load(from + i));
  fence();
  return 2.0 * static_cast<double>(bytes);
}

}  // namespace

BenchLoops bench_loops() { return {fma, logic, copy, stream}; }

}  // namespace atheria::cpu::ATHERIA_ISA
