#include "app/server/http.h"

#include <gtest/gtest.h>

namespace atheria::server {
namespace {

int raw_status(const std::string& header) {
  const auto refusal = check_raw(header, {});
  return refusal ? refusal->status : 200;
}

int status(const std::string& header) {
  if (const int raw = raw_status(header); raw != 200) return raw;
  Request request;
  const auto refusal = parse_header(header, {}, request);
  return refusal ? refusal->status : 200;
}

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

TEST(HttpRequest, PassesWhenItIsPlain) {
  EXPECT_EQ(status(get("")), 200);
  EXPECT_EQ(status(get("Cookie: a=b\r\nCookie: c=d\r\n")), 200);
  EXPECT_EQ(status("POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 43\r\n\r\n"), 200);
}

TEST(HttpRequest, MustHaveCleanLines) {
  EXPECT_EQ(status(get("A: b\r\n folded\r\n")), 400);
  EXPECT_EQ(status(get("A: b\r\n\tfolded\r\n")), 400);
  EXPECT_EQ(status(get("A: b\n")), 400);
  EXPECT_EQ(status(get("A: b\rc\r\n")), 400);
  EXPECT_EQ(status(get(std::string("A: b\0c\r\n", 8))), 400);
  EXPECT_EQ(status(get("A : b\r\n")), 400);
  EXPECT_EQ(status(get("no colon\r\n")), 400);
}

TEST(HttpRequest, IsRefusedWhenItCouldBeReadTwoWays) {
  EXPECT_EQ(status(get("Host: b\r\n")), 400);
  EXPECT_EQ(status(get("Origin: http://a\r\nOrigin: http://b\r\n")), 400);
  EXPECT_EQ(status(get("Transfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(status(get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")), 400);
  EXPECT_EQ(status(get("Content-Length: 5\r\nContent-Length: 6\r\n")), 400);
  EXPECT_EQ(status(get("Content-Length: 5\r\n")), 400) << "only POST has a body";
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(status("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status("hello\r\n\r\n"), 400);
}

TEST(HttpRequest, HasBoundedFieldsAndBodies) {
  std::string fields;
  for (int i = 0; i < 63; ++i) fields += "F" + std::to_string(i) + ": x\r\n";
  EXPECT_EQ(status(get(fields)), 200);
  EXPECT_EQ(status(get(fields + "One: more\r\n")), 431);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  EXPECT_EQ(status(post + "4096\r\n\r\n"), 200);
  EXPECT_EQ(status(post + "4097\r\n\r\n"), 413);
  EXPECT_EQ(status(post + "99999999999999999999999\r\n\r\n"), 400) << "no number of 64 bits";
  EXPECT_EQ(status(post + "-1\r\n\r\n"), 400);
}

TEST(HttpRequest, GivesItsQueryDecoded) {
  Request request(http::verb::get, "/snapshot?world=a%2Bb&channel=*&empty", 11);
  EXPECT_EQ(path_of(request), "/snapshot");
  EXPECT_EQ(query_value(request, "world"), "a+b");
  EXPECT_EQ(query_value(request, "channel"), "*");
  EXPECT_EQ(query_value(request, "empty"), "");
  EXPECT_EQ(query_value(request, "orld"), std::nullopt);
}

TEST(HttpRequest, GivesEveryCookieOfAName) {
  Request request(http::verb::get, "/", 11);
  request.insert(http::field::cookie, "a=1; b=2;a=3");
  request.insert(http::field::cookie, "a=4");
  EXPECT_EQ(cookies(request, "a"), (std::vector<std::string_view>{"1", "3", "4"}));
  EXPECT_TRUE(cookies(request, "c").empty());
}

TEST(HttpResponse, CarriesTheSecurityFieldsAlways) {
  const std::string text = header_text(refused({404, "not_found", "nothing", 0}), false);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 404 Not Found\r\n")) << text;
  for (const char* field :
       {"Content-Security-Policy: default-src 'self'", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer", "frame-ancestors 'none'", "Connection: close"})
    EXPECT_NE(text.find(field), std::string::npos) << field;
  EXPECT_EQ(text.find("unsafe-inline"), std::string::npos);
}

TEST(HttpResponse, SaysWhenToTryAgain) {
  const std::string text = header_text(refused({503, "busy", "later", 5}), false);
  EXPECT_NE(text.find("Retry-After: 5\r\n"), std::string::npos);
}

}  // namespace
}  // namespace atheria::server
