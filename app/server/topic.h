#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "app/protocol/encode.h"
#include "app/protocol/quantise.h"
#include "app/server/encoder.h"

namespace atheria::server {

// A picture in codes, numbered along its topic from 1.
struct Picked {
  std::uint64_t number = 0;
  std::shared_ptr<const wire::Quantised> picture;
};

// Who receives a topic's pictures. I/O thread.
class PictureSink {
 public:
  virtual ~PictureSink() = default;
  virtual void on_picture(const Picked& picked) = 0;
  virtual void on_lost(
      std::uint64_t count) = 0;  // frames the encoder had no time for, before the next
  virtual void on_end(const std::string& reason) = 0;  // nothing more will come
};

// A watch seen in one type and range. Those who share it share pictures, and encodings of equal
// base: a frame is encoded once however many clients wait for it. I/O thread only.
class Topic : public std::enable_shared_from_this<Topic> {
 public:
  Topic(Encoder& encoder, wire::Dtype dtype, wire::RangeWish range)
      : encoder_(encoder), dtype_(dtype), range_(range) {}

  wire::Dtype dtype() const { return dtype_; }
  const wire::RangeWish& range() const { return range_; }

  void join(PictureSink& sink, double fps);  // again: its rate changes
  void leave(PictureSink& sink);
  bool empty() const { return members_.empty(); }
  double max_fps() const;

  void deliver(std::shared_ptr<const wire::Quantised> picture);
  void lost(std::uint64_t count);
  void end(const std::string& reason);

  using Encoded = std::shared_ptr<const wire::EncodedFrame>;
  using Done = std::function<void(Encoded)>;  // null when it could not be encoded

  // `base` null for a KEY. Answers later, on the I/O thread.
  void encode(const Picked& frame, const Picked* base, const wire::EncodeOptions& options,
              Done done);

 private:
  struct Member {
    PictureSink* sink;
    double fps;
  };
  using Key =
      std::tuple<std::uint64_t, std::uint64_t, wire::Codec, bool>;  // frame, base, codec, CRC
  struct Made {
    Encoded encoded;  // null while it is being made
    std::vector<Done> waiting;
  };
  void start(const Key& key, const Picked& frame, const Picked* base,
             const wire::EncodeOptions& options);
  void finish(const Key& key, Encoded encoded);
  void forget_old();
  template <class Call>
  void each(Call call);

  Encoder& encoder_;
  const wire::Dtype dtype_;
  const wire::RangeWish range_;
  std::vector<Member> members_;
  std::map<Key, Made> made_;
  std::uint64_t newest_ = 0;
};

}  // namespace atheria::server
