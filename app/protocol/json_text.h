#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

// JSON as the wire has it: text in, text out.
namespace atheria::wire {

namespace json = boost::json;

constexpr std::size_t kTextLimit = 64 * 1024;  // bytes of a text message from a client
constexpr int kDepthLimit = 16;                // arrays and objects within each other

// Reads a whole document. Of equal keys the last wins. Throws Error saying what is wrong: not JSON,
// deeper than kDepthLimit, a number that is not finite. Unlike boost::json::parse, a number is the
// double nearest to its text: a parameter means the same on the wire as on the command line.
json::value parse_json(std::string_view text);

// A number; NaN and infinities, which JSON lacks, as "NaN", "Infinity" and "-Infinity".
json::value number_json(double value);

// A whole number; a decimal string above 2^53, where a double would lose digits.
json::value integer_json(std::uint64_t value);

}  // namespace atheria::wire
