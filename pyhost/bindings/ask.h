#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/run/command.h"

// Asking a world and waiting for its answer, from a Python thread that holds the GIL.
namespace atheria::pyhost {

constexpr double kForever = -1;
constexpr double kAnswerSeconds = 30;  // as on the wire

// Posts and waits. Throws Error with what the world answered, Python's Error (timeout), or what an
// interrupt raises; before the two last `given_up` runs, without the GIL.
Outcome ask(const std::string& world, CommandBody body, double seconds = kAnswerSeconds,
            const std::function<void()>& given_up = {});

// Posts and does not wait; what goes wrong does not matter. Without the GIL or with it: it is done
// on a thread of its own.
void tell(const std::string& world, CommandBody body);

}  // namespace atheria::pyhost
