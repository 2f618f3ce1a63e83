"""PROTOCOL.md section 1: who may open a WebSocket, and what the others are told before any upgrade."""

import socket
from typing import Any

import pytest

from tests.e2e.support import Server, Start, dial, handshake, http, read_response, request_bytes, upgrade_headers


def test_a_good_handshake_is_accepted_and_echoes_the_protocol_alone(server: Server) -> None:
    answer = handshake(server, Sec_WebSocket_Protocol="chat, atheria.v1", Sec_WebSocket_Extensions="permessage-deflate")
    assert answer.status == 101
    assert answer.headers["sec-websocket-protocol"] == "atheria.v1"
    assert "sec-websocket-extensions" not in answer.headers


def test_a_token_may_come_as_a_subprotocol(server: Server) -> None:
    offered = f"atheria.v1, atheria.bearer.{server.token}"
    answer = handshake(server, Authorization=None, Sec_WebSocket_Protocol=offered)
    assert answer.status == 101
    assert answer.headers["sec-websocket-protocol"] == "atheria.v1"


REFUSED: list[tuple[str, dict[str, str | list[str] | None], int]] = [
    ("no protocol", {"Sec_WebSocket_Protocol": None}, 400),
    ("another protocol", {"Sec_WebSocket_Protocol": "atheria.v9"}, 400),
    ("another version", {"Sec_WebSocket_Version": "8"}, 426),
    ("no version", {"Sec_WebSocket_Version": None}, 426),
    ("no upgrade", {"Upgrade": None}, 426),
    ("upgrade to another thing", {"Upgrade": "h2c"}, 426),
    ("no key", {"Sec_WebSocket_Key": None}, 400),
    ("a short key", {"Sec_WebSocket_Key": "AAAA"}, 400),
    ("a key that is not base64", {"Sec_WebSocket_Key": "!" * 24}, 400),
    ("a foreign host", {"Host": "evil.example"}, 421),
    ("a foreign host with our port", {"Host": "evil.example:{port}"}, 421),
    ("a host that begins like ours", {"Host": "127.0.0.1.evil.com:{port}"}, 421),
    ("another port", {"Host": "127.0.0.1:1"}, 421),
    ("two hosts", {"Host": ["127.0.0.1:{port}", "127.0.0.1:{port}"]}, 400),
    ("no host", {"Host": None}, 400),
    ("a foreign origin", {"Origin": "http://evil.example"}, 403),
    ("an origin that ends like ours", {"Origin": "http://127.0.0.1:{port}.evil.com"}, 403),
    ("an origin that begins like ours", {"Origin": "http://trusted.com.evil.com:{port}"}, 403),
    ("origin null", {"Origin": "null"}, 403),
    ("an empty origin", {"Origin": ""}, 403),
    ("another scheme", {"Origin": "https://127.0.0.1:{port}"}, 403),
    ("another port of ours", {"Origin": "http://127.0.0.1:1"}, 403),
    ("no port", {"Origin": "http://127.0.0.1"}, 403),
    ("a user in the origin", {"Origin": "http://127.0.0.1:{port}@evil.com"}, 403),
    ("a path in the origin", {"Origin": "http://127.0.0.1:{port}/x"}, 403),
    ("another loopback name's IPv6 look-alike", {"Origin": "http://[::2]:{port}"}, 403),
    ("two origins", {"Origin": ["http://127.0.0.1:{port}", "http://127.0.0.1:{port}"]}, 400),
    ("no origin and no bearer", {"Authorization": None}, 403),
    ("our origin and no credential", {"Origin": "http://127.0.0.1:{port}", "Authorization": None}, 401),
    ("transfer encoding", {"Transfer-Encoding": "chunked"}, 400),
    ("a header over 16 KiB", {"X-Long": "x" * 17000}, 431),
    ("over 64 fields", {"X-Many": ["1"] * 70}, 431),
]


@pytest.mark.parametrize(("name", "changes", "status"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(server: Server, name: str, changes: dict[str, str | list[str] | None], status: int) -> None:
    def filled(value: str | list[str] | None) -> str | list[str] | None:
        if isinstance(value, list):
            return [one.format(port=server.port) for one in value]
        return value.format(port=server.port) if value is not None else None

    filled_in: dict[str, Any] = {key: filled(value) for key, value in changes.items()}
    answer = handshake(server, **filled_in)
    assert answer.status == status, answer.body
    if status not in (400, 431):  # the parser of HTTP may be the one that speaks
        assert answer.error["code"]
        assert answer.error["message"]


def test_a_refusal_of_the_protocol_says_which_ones_there_are(server: Server) -> None:
    assert "atheria.v1" in handshake(server, Sec_WebSocket_Protocol="chat").error["message"]


ACCEPTED_ORIGINS = ["http://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}"]


@pytest.mark.parametrize("origin", ACCEPTED_ORIGINS)
def test_our_own_origin_is_accepted_in_any_case(server: Server, origin: str) -> None:
    assert handshake(server, Origin=origin.format(port=server.port)).status == 101


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "[::1]:{port}"])
def test_loopback_has_several_names(server: Server, host: str) -> None:
    assert handshake(server, Host=host.format(port=server.port)).status == 101


def test_configured_hosts_and_origins_are_taken_exactly(start: Start) -> None:
    server = start("--allow-host", "lab.example", "--allow-origin", "https://trusted.com")
    assert handshake(server, Host=f"lab.example:{server.port}").status == 101
    assert handshake(server, Origin="https://trusted.com").status == 101
    assert handshake(server, Origin="HTTPS://Trusted.COM").status == 101
    assert handshake(server, Origin="https://trusted.com:443").status == 101
    for origin in (
        "https://trusted.com.evil.com",
        "https://eviltrusted.com",
        "http://trusted.com",
        "https://trusted.com:444",
        "https://trusted.com@evil.com",
        "https://sub.trusted.com",
    ):
        assert handshake(server, Origin=origin).status == 403, origin
    assert handshake(server, Host=f"lab.example.evil.com:{server.port}").status == 421


def test_wrong_tokens_are_refused_and_then_made_to_wait(start: Start) -> None:
    server = start()
    wrong = "A" * 43
    assert [handshake(server, Authorization=f"Bearer {wrong}").status for _ in range(5)] == [401] * 5
    waiting = handshake(server, Authorization=f"Bearer {wrong}")
    assert waiting.status == 429
    assert int(waiting.headers["retry-after"]) >= 1


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t + "A", lambda t: "", lambda t: t.swapcase()])
def test_a_token_that_is_nearly_right_is_wrong(start: Start, spoil) -> None:  # type: ignore[no-untyped-def]
    server = start()
    assert handshake(server, Authorization=f"Bearer {spoil(server.token)}").status in (401, 403)


def test_a_token_in_the_query_is_no_credential(server: Server) -> None:
    assert handshake(server, path=f"/ws?token={server.token}", Authorization=None).status == 403


def test_only_get_upgrades(server: Server) -> None:
    assert handshake(server, method="POST").status == 405
    assert handshake(server, method="PUT").status == 405


def test_a_link_works_once(server: Server) -> None:
    made = http(server, "/api/v1/link", "POST", token=server.token)
    assert made.status == 200
    path = made.body.decode().split(f":{server.port}")[1].rstrip('"} \n')
    first = http(server, path)
    assert first.status == 303
    assert first.headers["location"] == "/"
    cookie = first.headers["set-cookie"]
    for needed in (f"atheria_{server.port}=", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert needed in cookie
    assert http(server, path).status == 401

    pair = cookie.split(";")[0]
    ours = f"http://127.0.0.1:{server.port}"
    assert handshake(server, Authorization=None, Cookie=pair, Origin=ours).status == 101
    assert handshake(server, Authorization=None, Cookie=pair, Origin="http://evil.example").status == 403
    assert handshake(server, Authorization=None, Cookie=pair).status == 403  # no Origin: a bearer is needed


def test_a_login_with_the_token_gives_the_cookie(server: Server) -> None:
    answer = http(server, "/login", "POST", body=server.token.encode())
    assert answer.status == 204
    assert f"atheria_{server.port}=" in answer.headers["set-cookie"]


def test_at_most_64_connections_come_from_one_address(start: Start) -> None:
    server = start("--max-per-address", "5")
    held: list[socket.socket] = []
    try:
        for _ in range(5):
            connection = dial(server)
            connection.sendall(request_bytes("GET", "/ws", upgrade_headers(server)))
            assert read_response(connection).status == 101
            held.append(connection)
        answer = handshake(server)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"
    finally:
        for connection in held:
            connection.close()


@pytest.mark.slow
def test_a_header_that_takes_over_five_seconds_gets_408(server: Server) -> None:
    with dial(server, 15) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert read_response(connection).status == 408
