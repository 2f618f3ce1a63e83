#pragma once

#include <pthread.h>

#include <atomic>
#include <string>

// How running Python code is stopped: a real-time signal to the thread that initialised Python, the
// only thing that ends a sleep, a loop, a wait for a lock and a system call alike. Nothing is raised
// unless the gate is open, which it is only while a job's or a cell's own code runs: a late stop
// never hits an idle loop or the next job.
namespace atheria::pyhost {

struct Signals {
  int stop;  // stage 1: Cancelled, once
  int kill;  // stage 2: ScriptKilled at a random half of the interpreter's checks, until the job is gone
  int dump;  // the stacks of all threads, whoever holds the GIL
};
Signals signals();  // SIGRTMIN + 4, 5, 6: the C library keeps the first two for itself

class Interrupt {
 public:
  // On pymain, with the GIL, once: installs Python-level handlers for the signals. Throws
  // pybind11's error_already_set.
  static void install();

  // pymain, with the GIL. `what` names the job or cell whose code runs from now on.
  static void open(const std::string& what);
  // Takes in signals that are still on their way. True: a stop was raised since it was opened.
  static bool close();
  static bool is_open();
  // Whether stage 1 was raised in it: a job has several parts, and only one of them is interrupted.
  static bool was_raised(const std::string& what);

  // Any thread, without the GIL. All do nothing unless `what` is what runs: a stop can be late.
  static void stop(const std::string& what, const std::string& reason);  // stage 1
  static void remind(const std::string& what);  // stage 1 again, if it was not raised yet
  static void kill(const std::string& what);    // stage 2; again and again, for sleeps begin anew
  static std::string what();                    // runs now; empty: nothing

  // A notebook's cell that runs must end, since now_us() was that: stage 1 each time, stage 2 after
  // 3 s. Again and again until it has.
  static void end_cell(const std::string& reason, std::uint64_t since_us);
};

}  // namespace atheria::pyhost
