#include "app/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "app/server/call.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "tests/support/fake_scripts.h"
#include "tests/support/fake_worlds.h"
#include "tests/support/socket_client.h"

// The whole server on loopback, with fake worlds, asked by hand.
namespace atheria::server {
namespace {

using testing::FakeWorlds;
using ::testing::HasSubstr;
using testing::SocketClient;

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { log::set_level(log::Level::error); }
  void TearDown() override { stop(); }

  void start(const Limits& limits = {}) {
    ServerOptions options;
    options.limits = limits;
    options.grants = {{token_, Role::admin}, {viewer_, Role::viewer}};
    server_ = std::make_unique<Server>(options);
    worlds_ = std::make_unique<FakeWorlds>(server_->sink());
    server_->attach(*worlds_);
    thread_ = std::thread([this] { server_->run(); });
  }
  void stop() {
    if (!thread_.joinable()) return;
    server_->stop();
    thread_.join();
  }
  std::uint16_t port() const { return server_->port(); }
  std::string bearer() const { return "Authorization: Bearer " + token_ + "\r\n"; }

  const std::string token_ = std::string(43, 't');
  const std::string viewer_ = std::string(43, 'v');
  std::unique_ptr<Server> server_;
  std::unique_ptr<FakeWorlds> worlds_;
  std::thread thread_;
};

using namespace std::chrono_literals;

TEST_F(ServerTest, ServesThePageWithAnEtag) {
  start();
  SocketClient client(port());
  ASSERT_EQ(client.get("/"), 200);
  EXPECT_THAT(client.last, HasSubstr("text/html"));
  EXPECT_THAT(client.last, HasSubstr("Content-Security-Policy"));
  const std::size_t at = client.last.find("ETag: ") + 6;
  const std::string etag = client.last.substr(at, client.last.find("\r\n", at) - at);
  EXPECT_EQ(client.get("/", "If-None-Match: " + etag + "\r\n"), 304) << "on the same connection";
  EXPECT_EQ(client.get("/", "Accept-Encoding: br, gzip\r\n"), 200);
  EXPECT_EQ(client.get("/no-such-file"), 404);
}

TEST_F(ServerTest, AnswersHeadLikeGetWithoutABody) {
  start();
  SocketClient client(port());
  client.send("HEAD /healthz HTTP/1.1\r\nHost: localhost:" + std::to_string(port()) +
              "\r\nConnection: close\r\n\r\n");
  const std::string all = client.receive_all();
  EXPECT_THAT(all, HasSubstr("Content-Length: 3"));
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, TurnsALinkIntoASessionOnce) {
  start();
  SocketClient client(port());
  client.send("POST /api/v1/link HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port()) + "\r\n" +
              bearer() + "Content-Length: 0\r\n\r\n");
  const std::string answer = client.answer();
  const std::size_t at = answer.find("/login?t=");
  ASSERT_NE(at, std::string::npos) << answer;
  const std::string link = answer.substr(at, answer.find('"', at) - at);
  SocketClient browser(port());
  ASSERT_EQ(browser.get(link), 303);
  EXPECT_THAT(browser.last, HasSubstr("HttpOnly; SameSite=Strict; Path=/"));
  EXPECT_THAT(browser.last, HasSubstr("Location: /\r\n"));
  const std::size_t start_of = browser.last.find("atheria_");
  const std::string cookie =
      browser.last.substr(start_of, browser.last.find(';', start_of) - start_of);
  EXPECT_EQ(browser.get("/api/v1/worlds", "Cookie: " + cookie + "\r\n"), 200);
  EXPECT_EQ(browser.get(link), 401);
}

TEST_F(ServerTest, ServesExactFieldsWholeAndInRanges) {
  start();
  SocketClient client(port());
  ASSERT_EQ(client.get("/api/v1/worlds/one/field.npy", bearer()), 200);
  EXPECT_THAT(client.last, HasSubstr("X-Atheria-Step: 0"));
  EXPECT_THAT(client.last, HasSubstr("\x93NUMPY"));
  ASSERT_EQ(client.get("/api/v1/snapshot?world=one", bearer() + "Range: bytes=1-5\r\n"), 206);
  EXPECT_TRUE(client.last.ends_with("\r\n\r\nNUMPY"));
  EXPECT_THAT(client.last, HasSubstr("Content-Range: bytes 1-5/"));
  EXPECT_EQ(client.get("/api/v1/snapshot?world=one", bearer() + "Range: bytes=99999999-\r\n"), 416);
  SocketClient other(port());
  EXPECT_EQ(other.get("/api/v1/snapshot?world=one", bearer() + "Range: rows=1-2\r\n"), 200)
      << "not understood: ignored";
  EXPECT_EQ(other.get("/api/v1/snapshot", bearer()), 400);
}

TEST_F(ServerTest, TellsItsNumbers) {
  start();
  SocketClient client(port());
  ASSERT_EQ(client.get("/metrics"), 200);
  for (const char* name :
       {"atheria_build_info", "atheria_worlds 1", "atheria_frames_sent_total 0",
        "atheria_ws_dropped_frames_total{reason=\"newer\"} 0", "process_open_fds"})
    EXPECT_THAT(client.last, HasSubstr(name));
}

TEST_F(ServerTest, SaysHelloAndAnswersRequests) {
  start();
  SocketClient client(port());
  ASSERT_EQ(client.upgrade(token_), 101);
  EXPECT_THAT(client.last, HasSubstr("Sec-WebSocket-Protocol: atheria.v1\r\n"));
  const auto hello = client.message();
  EXPECT_THAT(hello.payload, HasSubstr("\"op\":\"hello\""));
  EXPECT_THAT(hello.payload, HasSubstr("\"proto\":\"atheria.v1\""));
  EXPECT_THAT(hello.payload, HasSubstr("\"topic\":\"one/u\""));
  client.send(SocketClient::frame(1, R"({"id":5,"op":"ping","args":{"echo":"hi"}})"));
  EXPECT_THAT(client.message().payload, HasSubstr("\"id\":5,\"ok\":true"));
}

TEST_F(ServerTest, AnswersPingsAndClosesCleanly) {
  start();
  SocketClient client(port());
  client.upgrade(token_);
  client.message();
  client.send(SocketClient::frame(9, "are you there"));
  const auto pong = client.message();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  client.send(SocketClient::frame(8, std::string("\x03\xe8", 2)));
  EXPECT_EQ(client.close_code(), 1000);
}

struct Fault {
  const char* what;
  std::string bytes;
  int code;
};

TEST_F(ServerTest, ClosesWhoBreaksTheRules) {
  start();
  std::string huge(14, '\0');
  huge[0] = '\x81', huge[1] = '\xff', huge[6] = '\x40';  // 1 GB, says the header
  std::string unmasked = SocketClient::frame(1, "{}");
  unmasked[1] = static_cast<char>(unmasked[1] & 0x7f);
  std::string pieces = SocketClient::frame(1, "a", false);
  for (int i = 0; i < 100; ++i) pieces += SocketClient::frame(0, "a", false);
  std::string pings;
  for (int i = 0; i < 100; ++i) pings += SocketClient::frame(9, "");
  const Fault faults[] = {
      {"a length of 1 GB", huge, 1009},
      {"text over 1.25 MiB", SocketClient::frame(1, std::string(1280 * 1024 + 1, ' ')), 1009},
      {"binary over 1 KiB", SocketClient::frame(2, std::string(1025, ' ')), 1009},
      {"text that is not UTF-8", SocketClient::frame(1, "\xff\xfe"), 1007},
      {"no mask", unmasked, 1002},
      {"an unknown opcode", SocketClient::frame(3, ""), 1002},
      {"a continuation of nothing", SocketClient::frame(0, "a"), 1002},
      {"an unknown binary kind", SocketClient::frame(2, "garbage"), 1008},
      {"a message in a hundred pieces", pieces, 1008},
      {"a flood of pings", pings, 1008},
  };
  for (const Fault& fault : faults) {
    SocketClient client(port());
    ASSERT_EQ(client.upgrade(token_), 101);
    client.send(fault.bytes);
    EXPECT_EQ(client.close_code(), fault.code) << fault.what;
  }
  SocketClient after(port());
  EXPECT_EQ(after.get("/healthz"), 200);
}

TEST_F(ServerTest, TakesLargeTextOnlyFromThoseWhoMayRunScripts) {
  start();
  SocketClient viewer(port()), script(port());
  ASSERT_EQ(viewer.upgrade(viewer_), 101);
  viewer.send(SocketClient::frame(1, std::string(65537, ' ')));
  EXPECT_EQ(viewer.close_code(), 1009);
  testing::FakeScripts scripts;
  boost::asio::post(server_->io(), [&] { server_->hub().attach_scripts(&scripts); });
  ASSERT_EQ(script.upgrade(token_), 101);
  script.message();
  const std::string source(kLargestSource, '#');
  script.send(
      SocketClient::frame(1, R"({"id":1,"op":"script.run","args":{"source":")" + source + "\"}}"));
  EXPECT_THAT(script.message().payload, HasSubstr("\"job\":\"j1\""));
  EXPECT_EQ(scripts.spec("j1").source, source);
  stop();
}

TEST_F(ServerTest, IsReadyWhateverPythonIs) {
  start();
  testing::FakeScripts scripts;
  SocketClient client(port());
  ASSERT_EQ(client.get("/readyz"), 200);
  EXPECT_TRUE(client.last.ends_with("ready\npython: off: this server was built without Python\n"));
  scripts.set_health({"idle", "", "3.11.2", "2.13.0", "/usr/bin/python3", "", ""});
  boost::asio::post(server_->io(), [&] { server_->hub().attach_scripts(&scripts); });
  ASSERT_EQ(client.get("/readyz"), 200);
  EXPECT_TRUE(client.last.ends_with("ready\npython: idle 3.11.2 torch 2.13.0\n")) << client.last;
  scripts.set_health({"failed", "no torch\nat all", "", "", "", "", ""});
  ASSERT_EQ(client.get("/readyz"), 200);
  EXPECT_TRUE(client.last.ends_with("ready\npython: failed: no torch at all\n")) << client.last;
  ASSERT_EQ(client.get("/metrics"), 200);
  EXPECT_THAT(client.last, HasSubstr("atheria_python_plane{plane=\"failed\"} 1\n"));
  stop();
}

TEST_F(ServerTest, SurvivesGarbageOnEveryPort) {
  start();
  for (const std::string& garbage :
       {std::string("\x16\x03\x01\x02\x00\x01\x00", 7), std::string(100, '\0'),
        std::string("GET\r\n\r\n"), std::string("GET / HTTP/1.1\nHost: a\n\n"),
        std::string(20000, 'A')}) {
    SocketClient client(port());
    client.send(garbage);
    const std::string answer = client.receive_all();
    const int status = SocketClient::status_of(answer);
    EXPECT_TRUE(status == 400 || status == 431) << status << " for " << garbage.substr(0, 20);
  }
  SocketClient after(port());
  EXPECT_EQ(after.get("/healthz"), 200);
}

TEST_F(ServerTest, GivesAHeaderOnlySoMuchTime) {
  Limits limits;
  limits.header_time = 50ms;
  start(limits);
  SocketClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: ");
  EXPECT_EQ(SocketClient::status_of(client.receive_all()), 408);
}

TEST_F(ServerTest, TakesOnlySoManyWebSockets) {
  Limits limits;
  limits.per_address = 2;
  start(limits);
  SocketClient one(port()), two(port());
  EXPECT_EQ(one.upgrade(token_), 101);
  EXPECT_EQ(two.upgrade(token_), 101);
  SocketClient three(port());
  EXPECT_EQ(three.upgrade(token_), 503);
  EXPECT_THAT(three.last, HasSubstr("Retry-After: 5"));
}

TEST_F(ServerTest, TurnsAwayAFloodOfConnections) {
  Limits limits;
  limits.per_address = 1;
  start(limits);
  std::vector<std::unique_ptr<SocketClient>> flood;
  for (std::size_t i = 0; i < 1 + Site::kSparePerAddress; ++i)
    flood.push_back(std::make_unique<SocketClient>(port()));
  // All of them are in: they are accepted in order, and the last one answers.
  ASSERT_EQ(flood.back()->get("/healthz"), 200);
  SocketClient more(port());
  EXPECT_EQ(SocketClient::status_of(more.receive_all()), 503);
  flood.clear();
  server_->io().post([] {});
  for (int tries = 0; tries < 1000; ++tries) {
    SocketClient again(port());
    if (again.get("/healthz") == 200) return;
  }
  ADD_FAILURE() << "the slots never came back";
}

TEST_F(ServerTest, ClosesWhoIsSilent) {
  Limits limits;
  limits.silence = 50ms;
  limits.housekeeping = 10ms;
  start(limits);
  SocketClient client(port());
  client.upgrade(token_);
  EXPECT_EQ(client.close_code(), 4408);
}

TEST_F(ServerTest, PingsAndLivesOnAnAnswer) {
  Limits limits;
  limits.ping_every = 20ms;
  limits.housekeeping = 10ms;
  start(limits);
  SocketClient client(port());
  client.upgrade(token_);
  client.message();
  EXPECT_EQ(client.message().opcode, 9);
}

TEST_F(ServerTest, EndsWhoTakesNoByteThatWaits) {
  Limits limits;
  limits.no_progress = 100ms;
  limits.housekeeping = 10ms;
  limits.replies = 100000;
  limits.texts = 100000;
  limits.command_burst = 1e9;
  start(limits);
  SocketClient client(port());
  client.upgrade(token_);
  const std::string text = SocketClient::frame(
      1, R"({"id":1,"op":"ping","args":{"echo":")" + std::string(60000, 'x') + "\"}}");
  for (int i = 0; i < 400; ++i) client.send(text);  // 24 MB of answers nobody reads
  const auto ended = [&] {
    SocketClient other(port());
    return other.get("/metrics") == 200 &&
           other.last.find("atheria_ws_slow_disconnects_total 1\n") != std::string::npos;
  };
  const auto limit = std::chrono::steady_clock::now() + 20s;
  while (!ended()) ASSERT_LT(std::chrono::steady_clock::now(), limit);
}

TEST_F(ServerTest, EndsASessionsSocketsWithLogout) {
  start();
  SocketClient login(port());
  login.send("POST /login HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port()) +
             "\r\nContent-Length: 43\r\n\r\n" + token_);
  const std::string answer = login.answer();
  ASSERT_EQ(SocketClient::status_of(answer), 204);
  const std::size_t at = answer.find("atheria_");
  const std::string cookie = "Cookie: " + answer.substr(at, answer.find(';', at) - at) + "\r\n";
  SocketClient page(port());
  const std::string own = "Origin: http://127.0.0.1:" + std::to_string(port()) + "\r\n";
  ASSERT_EQ(
      page.get("/ws",
               cookie + own +
                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Protocol: atheria.v1\r\n"),
      101);
  login.send("POST /logout HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port()) + "\r\n" +
             cookie + "X-Atheria: 1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(SocketClient::status_of(login.answer()), 204);
  EXPECT_EQ(page.close_code(), 4401);
}

TEST_F(ServerTest, SaysGoodbyeWhenItStops) {
  start();
  SocketClient client(port()), idle(port());
  client.upgrade(token_);
  client.message();
  idle.get("/healthz");
  server_->stop();
  const auto shutdown = client.message();
  EXPECT_THAT(shutdown.payload, HasSubstr("\"ev\":\"shutdown\""));
  const auto close = client.message();
  EXPECT_EQ(close.close_code(), 1001);
  client.send(SocketClient::frame(8, close.payload));
  thread_.join();
  EXPECT_EQ(idle.receive_all(), "") << "idle connections just end";
}

TEST_F(ServerTest, StopsInTimeThoughAClientDoesNotAnswer) {
  Limits limits;
  limits.stop_time = 100ms;
  start(limits);
  SocketClient client(port());
  client.upgrade(token_);
  client.message();
  stop();
}

TEST_F(ServerTest, SendsPicturesThroughTheSocket) {
  start();
  SocketClient client(port());
  client.upgrade(token_);
  client.message();
  client.send(SocketClient::frame(
      1, R"({"id":1,"op":"sub","args":{"sub":1,"topic":"one/u","range":[0,1]}})"));
  EXPECT_THAT(client.message().payload, HasSubstr("\"ok\":true"));
  boost::asio::post(server_->io(), [this] { worlds_->show(7, 0.5F); });
  const auto part = client.message();
  EXPECT_EQ(part.opcode, 2);
  ASSERT_GE(part.payload.size(), 80u);
  EXPECT_EQ(part.payload[0], 1);
  EXPECT_EQ(part.payload[8], 7) << "the step";
}

TEST(ServerStart, NamesThePortInUse) {
  ServerOptions options;
  const Server first(options);
  options.port = first.port();
  try {
    const Server second(options);
    FAIL() << "two on one port";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(first.port())));
    EXPECT_THAT(error.what(), HasSubstr("in use"));
  }
}

TEST(ServerStart, RefusesWhatIsNoAddress) {
  ServerOptions options;
  options.host = "nowhere";
  EXPECT_THROW(Server{options}, Error);
  options.host = "192.0.2.1";  // nobody's, by RFC 5737
  EXPECT_THROW(Server{options}, Error);
}

}  // namespace
}  // namespace atheria::server
