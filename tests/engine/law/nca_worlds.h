#pragma once

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "engine/base/philox.h"
#include "engine/law/nca.h"
#include "engine/store/safetensors.h"
#include "tests/engine/law/law_world.h"

// Neural automata for tests: with weights nobody trained.
namespace atheria::testing {

inline const Law& nca() {
  static const auto law = make_nca();
  return *law;
}

inline const Law& nca3() {
  static const auto law = make_nca3();
  return *law;
}

// Numbers that are the same everywhere, uniform about 0.
inline at::Tensor drawn(std::vector<std::int64_t> shape, std::uint64_t seed, double scale) {
  auto tensor = at::empty(shape, at::kFloat);
  auto* to = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const float unit = unit_float(random_block(seed, 0, static_cast<std::uint64_t>(i))[0]);
    to[i] = static_cast<float>(scale) * (2 * unit - 1);
  }
  return tensor;
}

inline Safetensors some_weights(std::int64_t hidden = 21, std::int64_t seen = 48) {
  Safetensors file;
  file.tensors["l1.weight"] = drawn({hidden, seen}, 1, 0.3);
  file.tensors["l1.bias"] = drawn({hidden}, 2, 0.1);
  file.tensors["l2.weight"] = drawn({16, hidden}, 3, 0.1);
  file.tensors["l2.bias"] = drawn({16}, 4, 0.02);
  return file;
}

// A weights file that is gone at the end of the test.
class WeightsFile {
 public:
  explicit WeightsFile(const Safetensors& what = some_weights())
      : path_((std::filesystem::temp_directory_path() /
               fmt::format("atheria-nca-{}.safetensors",
                           std::hash<std::string>{}(
                               ::testing::UnitTest::GetInstance()->current_test_info()->name())))
                  .string()) {
    write_safetensors(path_, what);
  }
  ~WeightsFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace atheria::testing
