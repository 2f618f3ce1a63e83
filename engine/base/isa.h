#pragma once

#include <string>
#include <string_view>
#include <vector>

// The instruction sets our loops are compiled for. Which one runs is chosen when a stepper is made,
// never inside a loop.
namespace atheria {

// In order: a machine that has one has those before it, too. avx2 means AVX2 with FMA; avx512 means
// F, BW, DQ and VL.
enum class Isa { portable, avx2, avx512 };

// What steppers are made for: the best this processor and this build have, or less when
// ATHERIA_ISA=portable|avx2|avx512 asks for it. Throws Error when that names none, or one that is
// not here.
Isa best_isa();

// Every one this processor and this build have, portable first; ATHERIA_ISA does not change it.
std::vector<Isa> isas_here();

// Dot products of bfloat16 pairs (AVX512_BF16), which only the avx512 path uses.
bool has_bf16_dot();

std::string to_string(Isa isa);
Isa parse_isa(std::string_view name);  // throws Error (bad_args)

}  // namespace atheria
