#pragma once

#include <functional>

namespace atheria::pyhost {

// Does it soon, in order, on a thread that never holds the GIL: for destructors, which Python runs
// with the GIL held and wherever it likes. What it throws is dropped. Any thread.
void later(std::function<void()> work);

}  // namespace atheria::pyhost
