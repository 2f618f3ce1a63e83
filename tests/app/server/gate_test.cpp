#include "app/server/gate.h"

#include <gtest/gtest.h>

#include <set>

#include "app/server/clock.h"
#include "app/server/routes.h"
#include "app/server/site.h"
#include "engine/base/error.h"
#include "tests/support/fake_worlds.h"

namespace atheria::server {
namespace {

TEST(Address, ReadsHostsAndPorts) {
  EXPECT_EQ(parse_host("LocalHost:80"), (HostPort{"localhost", 80}));
  EXPECT_EQ(parse_host("[::1]:8765"), (HostPort{"[::1]", 8765}));
  EXPECT_EQ(parse_host("example.org"), (HostPort{"example.org", std::nullopt}));
  for (const char* wrong : {"", ":80", "a b", "a:b", "a:0", "a:65536", "a:80:80", "[::1", "[::1]x",
                            "a/b", "u@a", "a\t", "[g]", "a:-1", "a:+1"})
    EXPECT_FALSE(parse_host(wrong)) << wrong;
}

TEST(Address, ReadsOriginsWhole) {
  EXPECT_EQ(parse_origin("HTTPS://Example.org"), (Origin{"https", "example.org", 443}));
  EXPECT_EQ(parse_origin("http://a:8080"), (Origin{"http", "a", 8080}));
  for (const char* wrong : {"null", "", "example.org", "ftp://a", "http://", "http://a/",
                            "http://a/x", "http://u@a", "http://a b", "http://a:b", "https:a"})
    EXPECT_FALSE(parse_origin(wrong)) << wrong;
}

class GateTest : public ::testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions options;
    options.allow_hosts = {"lab.example.org", "proxy.example.org:443"};
    options.allow_origins = {"https://trusted.com"};
    options.grants = {{std::string(43, 'A'), Role::admin}, {std::string(43, 'v'), Role::viewer}};
    return options;
  }

  static Request request(std::initializer_list<std::pair<const char*, std::string>> fields,
                         http::verb verb = http::verb::get) {
    Request made(verb, "/", 11);
    made.set(http::field::host, "127.0.0.1:8765");
    for (const auto& [name, value] : fields) made.set(name, value);
    return made;
  }

  int status(const Request& what, Policy::Access access, Role role = Role::viewer,
             const Peer& peer = {"10.0.0.1", false}) {
    const Verdict verdict = gate_.check(what, Policy(access, role), peer);
    const auto* refusal = std::get_if<Refusal>(&verdict);
    return refusal != nullptr ? refusal->status : 200;
  }

  using Access = Policy::Access;
  std::uint64_t now_ = 1_s;
  Auth auth_{options().grants, [this] { return now_; }};
  Gate gate_{options(), 8765, auth_};
  const std::string admin_ = "Bearer " + std::string(43, 'A');
  const std::string viewer_ = "Bearer " + std::string(43, 'v');
};

TEST_F(GateTest, KnowsItsOwnNamesOnly) {
  for (const char* host : {"127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765",
                           "lab.example.org:8765", "proxy.example.org", "proxy.example.org:443"})
    EXPECT_EQ(status(request({{"Host", host}}), Access::open), 200) << host;
  for (const char* host : {"evil.com", "127.0.0.1", "127.0.0.1:80", "localhost.evil.com:8765",
                           "lab.example.org", "127.0.0.1:8765.evil.com", "", "localhost:8765:8765",
                           "proxy.example.org:8765", "0.0.0.0:8765", "127.0.0.2:8765"})
    EXPECT_EQ(status(request({{"Host", host}}), Access::open), 421) << host;
}

TEST_F(GateTest, ComparesOriginsWhole) {
  for (const char* origin : {"http://127.0.0.1:8765", "http://localhost:8765", "http://[::1]:8765",
                             "https://trusted.com", "HTTPS://TRUSTED.COM:443"})
    EXPECT_EQ(status(request({{"Origin", origin}}), Access::open), 200) << origin;
  for (const char* origin :
       {"null", "https://trusted.com.evil.com", "http://trusted.com", "https://trusted.com:8765",
        "https://eviltrusted.com", "http://127.0.0.1", "http://127.0.0.1:9000",
        "https://127.0.0.1:8765", "https://trusted.com/", ""})
    EXPECT_EQ(status(request({{"Origin", origin}}), Access::open), 403) << origin;
}

TEST_F(GateTest, AsksEveryMemberForACredential) {
  EXPECT_EQ(status(request({}), Access::member), 401);
  EXPECT_EQ(status(request({{"Authorization", admin_}}), Access::member), 200);
  EXPECT_EQ(status(request({{"Authorization", "Bearer wrong"}}), Access::member), 401);
  EXPECT_EQ(status(request({{"Authorization", "Basic YTpi"}}), Access::member), 401);
  EXPECT_EQ(status(request({{"Cookie", "atheria_8765=" + std::string(43, 'A')}}), Access::member),
            401)
      << "a token is no session";
}

TEST_F(GateTest, LetsASessionsCookieInUntilLogout) {
  const std::string cookie = auth_.open_session(Role::viewer);
  const Request with = request({{"Cookie", "other=1; atheria_8765=" + cookie}});
  EXPECT_EQ(status(with, Access::member), 200);
  EXPECT_EQ(status(with, Access::bearer), 403);
  auth_.close_session(auth_.session(cookie)->session);
  EXPECT_EQ(status(with, Access::member), 401);
}

TEST_F(GateTest, WantsAHeaderBesideTheCookieOfAPost) {
  const std::string cookie = "atheria_8765=" + auth_.open_session(Role::admin);
  EXPECT_EQ(status(request({{"Cookie", cookie}}, http::verb::post), Access::member), 403);
  EXPECT_EQ(
      status(request({{"Cookie", cookie}, {"X-Atheria", "1"}}, http::verb::post), Access::member),
      200);
  EXPECT_EQ(status(request({{"Authorization", admin_}}, http::verb::post), Access::member), 200);
}

TEST_F(GateTest, LetsASocketWithoutOriginInByTokenOnly) {
  const std::string cookie = "atheria_8765=" + auth_.open_session(Role::admin);
  EXPECT_EQ(status(request({{"Cookie", cookie}}), Access::socket), 403);
  EXPECT_EQ(
      status(request({{"Cookie", cookie}, {"Origin", "http://localhost:8765"}}), Access::socket),
      200);
  EXPECT_EQ(status(request({{"Authorization", viewer_}}), Access::socket), 200);
  const std::string protocols = "atheria.v1, atheria.bearer." + std::string(43, 'v');
  EXPECT_EQ(status(request({{"Sec-WebSocket-Protocol", protocols}}), Access::socket), 200);
}

TEST_F(GateTest, ComparesRoles) {
  EXPECT_EQ(status(request({{"Authorization", viewer_}}), Access::member, Role::operate), 403);
  EXPECT_EQ(status(request({{"Authorization", admin_}}), Access::member, Role::operate), 200);
}

TEST_F(GateTest, ShowsMetricsToThisMachineWithoutACredential) {
  EXPECT_EQ(status(request({}), Access::local, Role::viewer, {"127.0.0.1", true}), 200);
  EXPECT_EQ(status(request({}), Access::local), 401);
  EXPECT_EQ(status(request({{"Authorization", viewer_}}), Access::local), 200);
}

TEST_F(GateTest, MakesThoseWaitWhoGuess) {
  const Request wrong = request({{"Authorization", "Bearer wrong"}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(wrong, Access::member), 401);
  EXPECT_EQ(status(wrong, Access::member), 429);
  EXPECT_EQ(status(wrong, Access::member, Role::viewer, {"10.0.0.2", false}), 401)
      << "another address";
  EXPECT_EQ(status(request({{"Authorization", admin_}}), Access::member), 200)
      << "a guesser beside you does not lock you out";
  now_ += 61_s;
  EXPECT_EQ(status(wrong, Access::member), 401);
}

TEST_F(GateTest, RefusesOptionsThatAreNoHostsOrOrigins) {
  ServerOptions wrong;
  wrong.allow_origins = {"trusted.com"};
  EXPECT_THROW(Gate(wrong, 1, auth_), Error);
  wrong.allow_origins = {};
  wrong.allow_hosts = {"a b"};
  EXPECT_THROW(Gate(wrong, 1, auth_), Error);
}

TEST(Auth, MakesTokensOf256Bits) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i) all.insert(random_token());
  EXPECT_EQ(all.size(), 100u);
  EXPECT_EQ(all.begin()->size(), 43u);
  EXPECT_EQ(all.begin()->find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(Auth, UsesALinkOnceAndForTenMinutes) {
  std::uint64_t now = 1_s;
  Auth auth({}, [&] { return now; });
  const std::string link = auth.make_link(Role::viewer);
  EXPECT_FALSE(auth.use_link("wrong"));
  EXPECT_EQ(auth.use_link(link), Role::viewer);
  EXPECT_FALSE(auth.use_link(link));
  const std::string late = auth.make_link(Role::viewer);
  now += 601_s;
  EXPECT_FALSE(auth.use_link(late));
}

TEST(Auth, BoundsSessionsAndForgetsTheLeastUsed) {
  std::uint64_t now = 1_s;
  Auth auth({}, [&] { return now; });
  const std::string first = auth.open_session(Role::viewer);
  now += 1_s;
  const std::string second = auth.open_session(Role::viewer);
  now += 1_s;
  auth.session(first);
  for (int i = 0; i < 255; ++i) auth.open_session(Role::viewer);
  EXPECT_TRUE(auth.session(first));
  EXPECT_FALSE(auth.session(second));
}

// Every route, asked by a stranger: what is not meant to be open is not.
TEST(Routes, LetNoStrangerThroughButWhereMeant) {
  boost::asio::io_context io;
  Hub hub(io, {});
  testing::FakeWorlds worlds(hub);
  hub.attach(worlds);
  Auth auth({}, [] { return std::uint64_t{1}; });
  const Site site(hub, auth, Gate({}, 8765, auth), "http://127.0.0.1:8765");
  const std::set<std::string_view> open = {"/login", "/logout", "/healthz", "/readyz", "*"};
  for (const Route& route : routes()) {
    std::string path(route.path == "*" ? "/index.html" : route.path);
    if (const auto star = path.find('*'); star != std::string::npos) path.replace(star, 1, "name");
    const http::verb verb = (route.methods & method::get) != 0 ? http::verb::get : http::verb::post;
    Request request(verb, path, 11);
    request.set(http::field::host, "127.0.0.1:8765");
    if (path == "/ws") {
      request.set(http::field::connection, "Upgrade");
      request.set(http::field::upgrade, "websocket");
      request.set(http::field::sec_websocket_version, "13");
      request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
      request.set(http::field::sec_websocket_protocol, "atheria.v1");
    }
    const auto stranger = admit(site, request, {"10.0.0.1", false});
    EXPECT_EQ(std::holds_alternative<Admission>(stranger), open.contains(route.path)) << path;
    request.set(http::field::host, "evil.example");
    const auto rebound = admit(site, request, {"10.0.0.1", false});
    ASSERT_TRUE(std::holds_alternative<Refusal>(rebound)) << path;
    EXPECT_EQ(std::get<Refusal>(rebound).status, 421) << path;
  }
}

int upgrade_status(http::verb verb,
                   std::initializer_list<std::pair<const char*, const char*>> changes) {
  Request request(verb, "/ws", 11);
  request.set(http::field::connection, "keep-alive, Upgrade");
  request.set(http::field::upgrade, "WebSocket");
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  request.set(http::field::sec_websocket_protocol, "atheria.v1");
  for (const auto& [name, value] : changes) request.set(name, value);
  const auto found = find_route(request);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refusal->status;
  const auto refusal = check_upgrade(request);
  return refusal ? refusal->status : 101;
}

TEST(Routes, CheckAHandshakeFieldByField) {
  EXPECT_EQ(upgrade_status(http::verb::get, {}), 101);
  EXPECT_EQ(upgrade_status(http::verb::post, {}), 405);
  EXPECT_EQ(upgrade_status(http::verb::get, {{"Connection", "keep-alive"}}), 426);
  EXPECT_EQ(upgrade_status(http::verb::get, {{"Upgrade", "h2c"}}), 426);
  EXPECT_EQ(upgrade_status(http::verb::get, {{"Sec-WebSocket-Version", "8"}}), 426);
  EXPECT_EQ(upgrade_status(http::verb::get, {{"Sec-WebSocket-Key", "short"}}), 400);
  EXPECT_EQ(upgrade_status(http::verb::get, {{"Sec-WebSocket-Key", "not base64 of 16 bytes!!"}}),
            400);
  EXPECT_EQ(upgrade_status(http::verb::get, {{"Sec-WebSocket-Protocol", "atheria.v9"}}), 400);
}

TEST(Routes, FindNothingOutsideTheTable) {
  for (const char* path :
       {"/..", "/../etc/passwd", "/%2e%2e/etc/passwd", "//index.html", "/index.html%00",
        "/api/v1/worlds/", "/api/v1/worlds/a/b", "/api/v1/worlds/a/field.npy/x", "/api"}) {
    Request request(http::verb::get, path, 11);
    const auto found = find_route(request);
    ASSERT_TRUE(std::holds_alternative<Refusal>(found)) << path;
    EXPECT_EQ(std::get<Refusal>(found).status, 404) << path;
  }
}

TEST(Routes, TellWhichMethodsAPathTakes) {
  Request request(http::verb::put, "/api/v1/worlds", 11);
  const auto found = find_route(request);
  ASSERT_TRUE(std::holds_alternative<Refusal>(found));
  EXPECT_EQ(std::get<Refusal>(found).status, 405);
  EXPECT_EQ(allowed_methods(request), "GET, HEAD");
}

}  // namespace
}  // namespace atheria::server
