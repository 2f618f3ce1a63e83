#pragma once

namespace atheria::jobs {
class Board;
}

namespace atheria::pyhost {

class KernelDoor;

// Where the functions of `_atheria.host` reach. Before Python starts.
void set_host(jobs::Board* board, KernelDoor* kernels);

}  // namespace atheria::pyhost
