#pragma once

#include <string>
#include <vector>

namespace atheria::cli {

enum class Health { ok, warning, fault };

// One line of `ath doctor`.
struct Finding {
  std::string name;  // "torch"
  Health health = Health::ok;
  std::string found;  // "2.13.0, as built"
  std::string cure;   // what would do; empty when ok
};

std::vector<Finding> examine();

// The verdicts, apart from the looking, so that tests can bring their own machine.
Finding judge_tool(const std::string& name, const std::string& version_line, std::vector<int> least,
                   Health otherwise, const std::string& cure);
Finding judge_torch(const std::string& built, const std::string& found);
Finding judge_disk(double gib);

bool any_fault(const std::vector<Finding>& findings);
std::string as_text(const std::vector<Finding>& findings);
std::string as_json(const std::vector<Finding>& findings);

}  // namespace atheria::cli
