#include "engine/law/lenia_kernel.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "engine/base/error.h"
#include "engine/base/numbers.h"
#include "engine/law/spectral.h"

namespace atheria {

KernelCore parse_core(std::string_view name) {
  if (name == "exponential") return KernelCore::exponential;
  return name == "gaussian" ? KernelCore::gaussian : KernelCore::polynomial;
}

Growth parse_growth(std::string_view name) {
  return name == "gaussian" ? Growth::gaussian : Growth::polynomial;
}

namespace {

constexpr std::size_t kMostRings = 8;
constexpr std::size_t kMostKernels = 32;

[[noreturn]] void refuse(const std::string& param, const std::string& message) {
  throw Error(ErrorKind::bad_args, fmt::format("parameter {}: {}", param, message),
              "params." + param);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// "0.5" or "1/2", blanks around it allowed.
double parse_ratio(const std::string& text, const std::string& param) {
  const auto slash = text.find('/');
  if (slash != std::string::npos)
    return parse_ratio(text.substr(0, slash), param) / parse_ratio(text.substr(slash + 1), param);
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  const auto length = text.find_last_not_of(' ') + 1 - begin;
  if (const auto value = parse_number<double>(text.substr(begin, length))) return *value;
  refuse(param, fmt::format("'{}' is no number", text));
}

double within(double value, double lo, double hi, const char* name) {
  if (!(value >= lo && value <= hi))
    refuse("kernels", fmt::format("{} is {}..{}, got {}", name, lo, hi, value));
  return value;
}

void set_field(LeniaKernel& kernel, const std::string& word) {
  if (word.size() < 3 || word[1] != '=')
    refuse("kernels", fmt::format("expected r=, b=, m=, s= or h=, got '{}'", word));
  const auto value = word.substr(2);
  const auto number = [&] { return parse_ratio(value, "kernels"); };
  switch (word[0]) {
    case 'r':
      kernel.reach = within(number(), 0.01, 1, "r");
      return;
    case 'b':
      kernel.beta = parse_beta(value, "kernels");
      return;
    case 'm':
      kernel.mu = within(number(), 0, 1, "m");
      return;
    case 's':
      kernel.sigma = within(number(), 0.0001, 1, "s");
      return;
    case 'h':
      kernel.weight = within(number(), 0, 10, "h");
      return;
    default:
      refuse("kernels", fmt::format("expected r=, b=, m=, s= or h=, got '{}'", word));
  }
}

LeniaKernel parse_kernel(const std::string& text, int channels) {
  std::istringstream words(text);
  std::string word;
  words >> word;
  LeniaKernel kernel;
  const auto channel = [&](char digit) {
    if (digit < '0' || digit >= '0' + channels)
      refuse("kernels", fmt::format("'{}': channels are 0..{}", word, channels - 1));
    return digit - '0';
  };
  if (word.size() != 3 || word[1] != '>')
    refuse("kernels", fmt::format("a kernel begins with FROM>TO, as in '0>1'; got '{}'", word));
  kernel.from = channel(word[0]);
  kernel.to = channel(word[2]);
  while (words >> word) set_field(kernel, word);
  return kernel;
}

}  // namespace

std::vector<double> parse_beta(const std::string& text, const std::string& param) {
  std::vector<double> beta;
  double sum = 0;
  for (const auto& part : split(text, ',')) {
    const double height = parse_ratio(part, param);
    if (!(height >= 0 && height <= 1))
      refuse(param, fmt::format("the height of a ring is 0..1, got {}", height));
    beta.push_back(height);
    sum += height;
  }
  if (beta.empty() || beta.size() > kMostRings || sum == 0)
    refuse(param, fmt::format("needs one to {} heights, not all 0; got '{}'", kMostRings, text));
  return beta;
}

std::vector<LeniaKernel> parse_kernels(const std::string& text, int channels) {
  std::vector<LeniaKernel> kernels;
  for (const auto& part : split(text, ';')) kernels.push_back(parse_kernel(part, channels));
  if (kernels.empty() || kernels.size() > kMostKernels)
    refuse("kernels", fmt::format("needs one to {} kernels, got {}", kMostKernels, kernels.size()));
  return kernels;
}

namespace {

// Height of a ring's cross-section, 1 at its middle; r runs over 0..1.
double core_height(double r, KernelCore core) {
  if (core == KernelCore::gaussian) return std::exp(-0.5 * std::pow((r - 0.5) / 0.15, 2));
  if (r <= 0 || r >= 1) return 0;
  if (core == KernelCore::exponential) return std::exp(4 - 1 / (r * (1 - r)));
  return std::pow(4 * r * (1 - r), 4);
}

double shell_height(double distance, const std::vector<double>& beta, KernelCore core) {
  const double rings = distance * static_cast<double>(beta.size());
  const auto ring = static_cast<std::size_t>(rings);
  return ring < beta.size() ? beta[ring] * core_height(rings - static_cast<double>(ring), core) : 0;
}

std::int64_t wrapped(std::int64_t i, std::int64_t n) { return (i % n + n) % n; }

}  // namespace

at::Tensor kernel_transform(const GridSpec& grid, double radius, const std::vector<double>& beta,
                            KernelCore core) {
  auto kernel = at::zeros({grid.depth, grid.height, grid.width}, at::kDouble);
  auto* const cells = kernel.mutable_data_ptr<double>();
  const auto side = static_cast<std::int64_t>(std::ceil(radius));
  const auto layers = grid.is_3d() ? side : 0;
  for (auto z = -layers; z <= layers; ++z)
    for (auto y = -side; y <= side; ++y)
      for (auto x = -side; x <= side; ++x) {
        const double distance = std::sqrt(static_cast<double>(x * x + y * y + z * z)) / radius;
        const auto row = wrapped(z, grid.depth) * grid.height + wrapped(y, grid.height);
        cells[row * grid.width + wrapped(x, grid.width)] += shell_height(distance, beta, core);
      }
  const double total = kernel.sum().item<double>();
  if (total <= 0)
    throw Error(
        ErrorKind::bad_args,
        fmt::format(
            "parameter R: no cell lies in a ring of a kernel of radius {:.3g}; a larger R would do",
            radius),
        "params.R");
  return forward_real(kernel / total, grid);
}

at::Tensor growth(const at::Tensor& u, double mu, double sigma, Growth shape) {
  const auto off = (u - mu).square();
  if (shape == Growth::gaussian) return 2 * at::exp(off * (-0.5 / (sigma * sigma))) - 1;
  const auto bump = at::clamp_min(1 - off * (1 / (9 * sigma * sigma)), 0);
  return 2 * bump.square().square() - 1;
}

}  // namespace atheria
