#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/field/grid.h"

namespace atheria {

// What one kernel of Lenia sees, and what it makes of it.
struct LeniaKernel {
  int from = 0;                    // channel it looks at
  int to = 0;                      // channel it feeds
  double reach = 1;                // its radius as a part of R
  std::vector<double> beta = {1};  // height of each ring, from the inside
  double mu = 0.15;                // what makes a cell grow most
  double sigma = 0.015;            // how far from it growth goes on
  double weight = 1;               // of its growth in the sum
};

enum class KernelCore { polynomial, exponential, gaussian };
enum class Growth { polynomial, gaussian };

KernelCore parse_core(std::string_view name);
Growth parse_growth(std::string_view name);

// "1/2,1,2/3": heights in 0..1, eight at most. Throws Error that names `param`.
std::vector<double> parse_beta(const std::string& text, const std::string& param);

// Kernels joined by ';', each "FROM>TO r=0.91 b=1,1/4 m=0.272 s=0.0595 h=0.138", channels counted
// from 0. Throws Error.
std::vector<LeniaKernel> parse_kernels(const std::string& text, int channels);

// The real transform (see spectral.h) of the kernel with sum 1 that has its rings within `radius`
// cells of the origin, complex128. On a grid smaller than the kernel it goes round the torus as
// often as it must.
at::Tensor kernel_transform(const GridSpec& grid, double radius, const std::vector<double>& beta,
                            KernelCore core);

// G(U), -1 to 1: 1 at mu, and -1 far from it.
at::Tensor growth(const at::Tensor& u, double mu, double sigma, Growth shape);

}  // namespace atheria
