#pragma once

#include <memory>

#include "engine/law/law.h"

// A growing neural cellular automaton: 16 channels r, g, b, a, h0..h11 (rgb premultiplied) and a
// small network that every cell runs on what it perceives.
//
//   p    = [psi, sobel_x * psi / 8, sobel_y * psi / 8]
//   dx   = W2 relu(W1 p + b1) + b2
//   new  = psi + dx where the cell fires, by chance fire_rate;  psi elsewhere
//   psi' = new where max3x3(a of psi) > 0.1 and max3x3(a of new) > 0.1;  0 elsewhere
//
// In three dimensions (nca-3d) p has sobel_z too, each slope is divided by 32, and a cell's
// neighbourhood is 3x3x3; a flat lattice of it is one layer that is its own neighbour.
//
// Mordvintsev, Randazzo, Niklasson, Levin, "Growing neural cellular automata", Distill 2020.
// Parameters: weights (shipped: a name; otherwise a safetensors file with l1.weight [H,48], in
// three dimensions [H,64], l1.bias [H], l2.weight [16,H], l2.bias [16]), fire_rate, and compute:
// f32, or bf16 for a network whose inputs, weights and hidden numbers are bfloat16 and whose sums
// are float32.
namespace atheria {

std::unique_ptr<Law> make_nca();
std::unique_ptr<Law> make_nca3();

}  // namespace atheria
