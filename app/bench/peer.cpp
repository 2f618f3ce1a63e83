#include "app/bench/peer.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "pyhost/jobs/spawn.h"

namespace atheria::bench {
namespace {

namespace json = wire::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLastWords = 1500;
constexpr std::size_t kLongestLine = 1 << 20;
constexpr int kQuitTries = 40;  // of 25 ms

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

void take_interrupts() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no restart: a poll ends
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void check_interrupt() {
  if (interrupted != 0) throw Interrupted();
}

struct PeerProcess::Pipes {
  jobs::Pipe in, out;
};

PeerProcess::PeerProcess(const std::string& name, const std::vector<std::string>& command,
                         const std::string& folder)
    : pipes_(std::make_unique<Pipes>()), name_(name), errors_(folder + "/" + name + ".stderr") {
  signal(SIGPIPE, SIG_IGN);  // a peer that ended is an error of write()
  std::FILE* const errors = std::fopen(errors_.c_str(), "we");
  const int file = errors != nullptr ? fileno(errors) : -1;
  try {
    pid_ = jobs::spawn(command, {.in = pipes_->in.read, .out = pipes_->out.write, .err = file}, {},
                       true);
  } catch (...) {
    if (errors != nullptr) std::fclose(errors);
    throw;
  }
  if (errors != nullptr) std::fclose(errors);
  pipes_->in.close_read();
  pipes_->out.close_write();
}

PeerProcess::~PeerProcess() {
  constexpr std::string_view kQuit = "{\"op\":\"quit\"}\n";
  const bool asked =
      write(pipes_->in.write, kQuit.data(), kQuit.size()) == static_cast<ssize_t>(kQuit.size());
  pipes_->in.close_write();
  for (int i = 0; asked && interrupted == 0 && i < kQuitTries && !has_ended(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  kill(-pid_, SIGKILL);  // what it started may live on without it
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

// It still has its number: nobody else's group can have it.
bool PeerProcess::has_ended() const {
  siginfo_t about{};
  const int options = WEXITED | WNOWAIT | WNOHANG;
  return waitid(P_PID, static_cast<id_t>(pid_), &about, options) != 0 || about.si_pid != 0;
}

wire::json::object PeerProcess::ask(const json::object& request, double limit_seconds) {
  const std::string text = json::serialize(request) + "\n";
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(pipes_->in.write, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) fail("ended");
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  const std::string answer = line(limit_seconds);
  try {
    return wire::parse_json(answer).as_object();
  } catch (const std::exception&) {
    fail(fmt::format("answered with no JSON: {}", answer.substr(0, 200)));
  }
}

std::string PeerProcess::line(double limit_seconds) {
  const auto until = Clock::now() + std::chrono::duration<double>(limit_seconds);
  while (true) {
    const std::size_t end = read_.find('\n');
    if (end != std::string::npos) {
      std::string found = read_.substr(0, end);
      read_.erase(0, end + 1);
      return found;
    }
    check_interrupt();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) fail(fmt::format("did not answer within {:g} s", limit_seconds));
    pollfd readable{pipes_->out.read, POLLIN, 0};
    const int slice = static_cast<int>(std::min<std::int64_t>(left.count() + 1, 1000));
    if (poll(&readable, 1, slice) <= 0) continue;
    char chunk[4096];
    const ssize_t got = read(pipes_->out.read, chunk, sizeof chunk);
    if (got == 0 || (got < 0 && errno != EINTR)) fail("ended");
    if (got > 0) read_.append(chunk, static_cast<std::size_t>(got));
    if (read_.size() > kLongestLine) fail("answered with no end");
  }
}

void PeerProcess::fail(const std::string& why) {
  kill(-pid_, SIGKILL);
  throw PeerFailed(fmt::format("{} {}{}", name_, why, last_words()));
}

std::string PeerProcess::last_words() const {
  std::ifstream file(errors_, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.pop_back();
  if (text.empty()) return "";
  if (text.size() > kLastWords) text.erase(0, text.size() - kLastWords);
  return fmt::format("; it said:\n{}", text);
}

}  // namespace atheria::bench
