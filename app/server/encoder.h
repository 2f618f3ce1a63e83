#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <utility>

#include "app/server/metrics.h"

namespace atheria::server {

// The thread that turns pictures into bytes, and the way back to the I/O thread. Jobs run one after
// the other.
class Encoder {
 public:
  explicit Encoder(boost::asio::io_context& io, Metrics& metrics) : io_(io), metrics_(metrics) {}
  ~Encoder() { stop(); }

  // Any thread.
  template <class Job>
  void run(Job job) {
    boost::asio::post(pool_, std::move(job));
  }
  template <class Job>
  void answer(Job job) {
    boost::asio::post(io_, std::move(job));
  }

  Metrics& metrics() { return metrics_; }  // I/O thread only

  // Jobs not begun are forgotten.
  void stop() {
    pool_.stop();
    pool_.join();
  }

 private:
  boost::asio::io_context& io_;
  Metrics& metrics_;
  boost::asio::thread_pool pool_{1};
};

}  // namespace atheria::server
