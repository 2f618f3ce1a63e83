#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace atheria::jobs {
class Board;
}

namespace atheria::pyhost {

// Where notebooks knock: a Unix socket, 0600, for this user alone. A connector (`ath kernel attach`)
// sends one line of JSON naming Jupyter's connection file and stays connected as long as its kernel
// lives; it is told in lines of JSON how that stands. What is asked becomes a task of the board, so
// that Python's own thread opens and closes the kernel.
class KernelDoor {
 public:
  // Listens at `path` and starts a thread; throws Error (io). A stale socket is replaced, a living
  // server's is not. Empty: nobody can knock.
  KernelDoor(std::string path, jobs::Board& board);
  ~KernelDoor();  // tells all connectors that the server ends

  // A kernel for a connection file without a connector; `ended` is called when it has gone.
  void open(const std::string& file, const std::string& owner, std::function<void()> ended);

  // Any thread: what became of the kernel of that connection file. `error` empty: it is open.
  void opened(const std::string& file, const std::string& error);
  void closed(const std::string& file, bool restarting);

 private:
  struct Client {
    std::string line;  // what has come so far
    std::string file;  // empty: it has not asked yet
    bool open = false;
    bool shared = false;  // joined another's kernel
  };
  void end_cells();  // of kernels whose connector has gone
  bool leaving();
  void run();
  void accept_one();
  bool read_some(int socket);  // false: it has gone
  void take_line(int socket, const std::string& line);
  void drop(int socket);
  void tell(const std::string& file, const std::string& state, const std::string& text);

  const std::string path_;
  jobs::Board& board_;
  const int listener_;
  const int wake_;
  std::mutex mutex_;
  bool closing_ = false;                          // Guarded by mutex_, like all below.
  std::map<int, Client> clients_;                 // by socket
  std::map<std::string, std::uint64_t> leaving_;  // kernels to be closed, and since when (now_us())
  std::string own_file_;                          // of open()
  std::function<void()> ended_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace atheria::pyhost
