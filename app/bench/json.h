#pragma once

#include <string>

#include "app/bench/result.h"
#include "app/protocol/json_text.h"

// A run as JSON, and back.
namespace atheria::bench {

wire::json::object to_json(const BenchResult& result);

// Throws Error (bad_args) when it is none of ours.
BenchResult result_of(const wire::json::value& json);

// Throws Error (io, bad_args), naming the file.
BenchResult read_result(const std::string& path);
void write_text(const std::string& path, const std::string& text);

// Two blanks a level; lists of numbers on one line: a stored run can be read in review.
std::string pretty(const wire::json::value& value);

}  // namespace atheria::bench
