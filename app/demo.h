#pragma once

#include <string>
#include <vector>

namespace atheria {

// What --demo starts: worlds to look at first. Their speed limits leave two cores mostly free.
std::vector<std::string> demo_worlds();

}  // namespace atheria
