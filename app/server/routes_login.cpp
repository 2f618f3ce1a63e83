#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "app/server/call.h"
#include "app/server/routes.h"

// Credentials over HTTP: one-time links and tokens become a browser's session.
namespace atheria::server {

namespace json = wire::json;

namespace {

void set_cookie(Response& response, const Site& site, const std::string& value,
                bool forget = false) {
  response.fields.emplace_back(
      "Set-Cookie", fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/{}",
                                site.gate.cookie_name(), value, forget ? "; Max-Age=0" : ""));
  response.fields.emplace_back("Cache-Control", "no-store");
}

}  // namespace

asio::awaitable<Response> get_login(Visit& visit) {
  const auto secret = query_value(visit.request, "t");
  const auto role = secret ? visit.site.auth.use_link(*secret) : std::nullopt;
  if (!role) {
    Refusal refusal = visit.site.gate.wrong_credential(visit.peer);
    if (refusal.status == 401)
      refusal.message = "this link is used up or was never one; 'ath link' makes another";
    co_return refused(refusal);
  }
  Response response;
  response.status = 303;
  response.type.clear();
  response.fields.emplace_back("Location", "/");
  set_cookie(response, visit.site, visit.site.auth.open_session(*role));
  co_return response;
}

asio::awaitable<Response> post_login(Visit& visit) {
  std::string_view token = visit.request.body();
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.remove_suffix(1);
  const auto role = visit.site.auth.role_of(token);
  if (!role) co_return refused(visit.site.gate.wrong_credential(visit.peer));
  Response response;
  response.status = 204;
  set_cookie(response, visit.site, visit.site.auth.open_session(*role));
  co_return response;
}

// Ends the session of the cookie, and its connections. The gate let it through without looking at
// the cookie, so that one that ended already can be forgotten too.
asio::awaitable<Response> post_logout(Visit& visit) {
  if (visit.request["X-Atheria"] != "1")
    co_return refused({403, "not_allowed", "a POST with a cookie needs the field X-Atheria: 1", 0});
  for (const auto cookie : cookies(visit.request, visit.site.gate.cookie_name())) {
    const auto identity = visit.site.auth.session(cookie);
    if (!identity) continue;
    visit.site.auth.close_session(identity->session);
    for (const auto& connection : visit.site.hub.connection_list())
      if (connection->identity().session == identity->session)
        connection->close(close_code::credential, "logged out");
  }
  Response response;
  response.status = 204;
  set_cookie(response, visit.site, "", true);
  co_return response;
}

asio::awaitable<Response> post_link(Visit& visit) {
  const std::string secret = visit.site.auth.make_link(visit.identity.role);
  co_return json_response(
      json::serialize(json::object{{"url", fmt::format("{}/login?t={}", visit.site.url, secret)}}));
}

}  // namespace atheria::server
