#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Small questions about the machine, for doctor and bench.
namespace atheria::cli {

// The first line a program prints, or nothing when there is none of that name or it fails.
// `program` is looked up in PATH unless it has a slash.
std::optional<std::string> first_line_of(const std::vector<std::string>& command);

// Where a program is, or empty.
std::string find_program(const std::string& name);

// "3.25.1" anywhere in a text -> {3, 25, 1}; empty when there is none.
std::vector<int> version_in(const std::string& text);

// A program that was built with this one: in the same folder.
std::string program_beside(const std::string& name);

bool port_is_free(std::uint16_t port);

double free_gib(const std::string& folder);

std::string cpu_name();
int cores();

// CPU time of this thread, in seconds.
double thread_seconds();

double median(std::vector<double> values);

}  // namespace atheria::cli
