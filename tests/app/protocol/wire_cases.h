#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

// The cases of tests/golden/wire: binary messages and what a decoder must make of them. The truth
// comes from the pictures that went in, never from a decoder.
namespace atheria::wire {

struct Case {
  std::string name;
  std::string about;
  std::vector<std::vector<std::uint8_t>> messages = {};
  boost::json::object truth = {};  // "frames", "ack" or "error"; see tests/golden/README.md
  bool uses_lz4 = false;           // bytes as the lz4 library of index.json writes them
};

std::vector<Case> wire_cases();

// The .json beside a case's .bin, indented.
std::string describe(const Case& which);

// index.json: names and the version of the lz4 library.
std::string describe_all(const std::vector<Case>& cases);

std::vector<std::uint8_t> joined(const Case& which);

std::string hex(const std::vector<std::uint8_t>& bytes);

}  // namespace atheria::wire
