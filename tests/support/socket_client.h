#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace atheria::testing {

// A blocking TCP client that says exactly what a test wants said: HTTP, or WebSocket frames made by hand. Nothing
// waits longer than ten seconds.
class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port) : file_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~SocketClient() { close(file_); }
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  bool connected() const { return connected_; }

  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = ::send(file_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  // False at the end of the stream or of patience.
  bool receive_some() {
    pollfd waiting{file_, POLLIN, 0};
    if (poll(&waiting, 1, 10'000) <= 0) return false;
    char chunk[65536];
    const ssize_t n = recv(file_, chunk, sizeof chunk, 0);
    if (n <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }

  // Everything until the server closes.
  std::string receive_all() {
    while (receive_some()) {
    }
    return std::exchange(buffer_, {});
  }

  // One HTTP answer: header and body.
  std::string answer() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!receive_some()) return std::exchange(buffer_, {});
    const std::size_t at = buffer_.find("Content-Length: ");
    const std::size_t length = at < end ? std::stoul(buffer_.substr(at + 16)) : 0;
    while (buffer_.size() < end + 4 + length)
      if (!receive_some()) break;
    const std::string found = buffer_.substr(0, end + 4 + length);
    buffer_.erase(0, found.size());
    return found;
  }

  static int status_of(const std::string& answer) {
    return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0;
  }

  int get(const std::string& path, const std::string& fields = {}) {
    send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port()) + "\r\n" +
         fields + "\r\n");
    last = answer();
    return status_of(last);
  }

  // The upgrade with a bearer token; the answer's status.
  int upgrade(const std::string& token) {
    return get(
        "/ws",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: atheria.v1\r\n"
        "Authorization: Bearer " +
            token + "\r\n");
  }

  // A client's frame: masked with zeros, which leaves the payload readable.
  static std::string frame(int opcode, const std::string& payload, bool fin = true) {
    std::string out(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
    const std::size_t size = payload.size();
    if (size < 126) {
      out += static_cast<char>(0x80 | size);
    } else if (size < 65536) {
      out += static_cast<char>(0x80 | 126);
      for (int shift = 8; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    } else {
      out += static_cast<char>(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
    }
    return out + std::string(4, '\0') + payload;
  }

  struct Message {
    int opcode = -1;  // -1: the stream ended
    std::string payload;
    int close_code() const {
      return opcode == 8 && payload.size() >= 2 ? (static_cast<unsigned char>(payload[0]) << 8 |
                                                   static_cast<unsigned char>(payload[1]))
                                                : 0;
    }
  };
  Message message() {
    const auto need = [this](std::size_t size) {
      while (buffer_.size() < size)
        if (!receive_some()) return false;
      return true;
    };
    if (!need(2)) return {};
    std::size_t size = static_cast<unsigned char>(buffer_[1]) & 127, header = 2;
    if (size >= 126) {
      const std::size_t bytes = size == 126 ? 2 : 8;
      if (!need(2 + bytes)) return {};
      size = 0;
      for (std::size_t i = 0; i < bytes; ++i)
        size = size << 8 | static_cast<unsigned char>(buffer_[2 + i]);
      header += bytes;
    }
    if (!need(header + size)) return {};
    Message found{buffer_[0] & 15, buffer_.substr(header, size)};
    buffer_.erase(0, header + size);
    return found;
  }
  // The next close frame's code; what else comes is passed over. 0 when the stream just ends.
  int close_code() {
    while (true) {
      const Message next = message();
      if (next.opcode == 8) return next.close_code();
      if (next.opcode == -1) return 0;
    }
  }

  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getpeername(file_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  std::string last;  // the answer to get()

 private:
  const int file_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace atheria::testing
