#pragma once

#include <Python.h>

#include <chrono>

#include "engine/law/law.h"

namespace atheria::pyhost {

// A law whose step is a Python function, called on Python's own thread: slow, and for trying things
// out. Over its budget, or when the function raises, the world pauses at its last good step. While
// it waits its world takes commands, but not on the reference path, which waits up to the budget.
class PythonLaw final : public Law {
 public:
  // `step` must live for ever.
  PythonLaw(LawInfo info, PyObject* step, std::chrono::milliseconds budget)
      : info_(std::move(info)), step_(step), budget_(budget) {}

  const LawInfo& info() const override { return info_; }
  std::unique_ptr<Stepper> native(const Setup& setup) const override;
  StepFunction reference(const Setup& setup) const override;
  // The mean of each channel.
  std::vector<double> measure(const at::Tensor& dense, const Setup& setup) const override;

 private:
  const LawInfo info_;
  PyObject* const step_;
  const std::chrono::milliseconds budget_;
};

}  // namespace atheria::pyhost
