#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What is said about scripts: plain values between the wire, the server and whatever runs Python.
// All texts are UTF-8.
namespace atheria {

constexpr std::size_t kLargestSource = 1 << 20;  // bytes

// What a client asks to be run.
struct ScriptSpec {
  std::string name;    // for people: "train.py"
  std::string source;  // the text itself, at most kLargestSource bytes
  std::string path;    // what __file__ is; it is not read. Empty: none
  std::string owner;   // "c17 (admin)": the connection and its role
  std::string cwd;     // where it runs, on the server's machine; empty: the host's choice
  std::string world;   // what atheria.current() is; empty: the only one
  std::vector<std::string> argv;  // after the script's own name
  bool process_mode = false;      // in a process of its own
  bool keep_torch_state = false;
  bool pause_engine = false;
  bool has_stdin = false;                 // somebody answers input(); otherwise it raises EOFError
  std::chrono::milliseconds deadline{0};  // 0: none
  std::chrono::milliseconds grace{10000};
};

// Why a script failed, as its traceback says.
struct ScriptFailure {
  struct Frame {
    std::string file;
    int line = 0;
    std::string function;
  };
  std::string type, message;  // "ValueError", "no such thing"
  std::string text;           // the whole traceback, at most 64 KiB
  std::vector<Frame> frames;  // outermost first
};

// Where a job stands. Chunks of output are numbered from 0; [out_from, out_to) can be read.
struct ScriptStatus {
  std::string job, name, owner;
  std::string state;    // queued running cancelling done
  std::string outcome;  // when done: ok error exit cancelled timed_out killed stuck lost
  int stage = 0;        // of cancelling: 0 none, 1 asked, 2 forced, 3 stuck
  int exit_code = 0;
  std::uint64_t out_from = 0;
  std::uint64_t out_to = 0;
  std::uint64_t gap = 0;  // bytes of output that were lost for want of room
  double cpu_s = 0;
  double wall_s = 0;
  double progress = -1;  // 0..1; -1: it told none
  std::string progress_text;
  std::optional<ScriptFailure> failure;
  std::vector<std::string> left_behind;  // "thread 'loader'", "child 4711"
  std::uint64_t created_us = 0;          // microseconds since 1970
  bool wants_input = false;              // it waits in input()
  std::string prompt;
  bool password = false;
  int position = 0;  // in the queue: 0 is next, or runs
};

struct ScriptChunk {
  std::uint64_t seq = 0;
  std::string stream;  // stdout stderr info
  double t = 0;        // seconds since the job started
  std::string text;
};

// Python's own health, apart from the engine's.
struct PythonHealth {
  std::string plane;   // off starting idle busy cancelling stuck failed
  std::string reason;  // of off, stuck and failed: what is so, and what would do
  std::string python, torch, executable;
  std::string job;     // that runs
  std::string stacks;  // when stuck: where
};

}  // namespace atheria
