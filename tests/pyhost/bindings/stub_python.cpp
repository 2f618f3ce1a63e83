#include "tests/pyhost/bindings/stub_python.h"

#include <Python.h>

#include <cstdlib>

#include "pyhost/bindings/blocking.h"

namespace {

std::mutex the_lock;
thread_local bool held = false;

// The rules are checked in every build of these tests, and locks are held a little longer now and
// then, so that threads meet that would seldom.
const bool checked = [] {
  setenv("ATHERIA_GIL_CHECKS", "1", 0);
  setenv("ATHERIA_LOCK_JITTER_MS", "20", 0);
  return true;
}();

}  // namespace

extern "C" {

PyThreadState* PyEval_SaveThread() {
  held = false;
  the_lock.unlock();
  return nullptr;
}

void PyEval_RestoreThread(PyThreadState*) {
  the_lock.lock();
  held = true;
}

int PyGILState_Check() { return held ? 1 : 0; }
}

namespace atheria::pyhost {

void check_signals() {}

namespace stub {

Gil::Gil() { PyEval_RestoreThread(nullptr); }
Gil::~Gil() { PyEval_SaveThread(); }

}  // namespace stub
}  // namespace atheria::pyhost
