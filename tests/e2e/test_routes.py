"""PROTOCOL.md section 8: the HTTP routes, with and without credentials."""

import json
import struct
from contextlib import suppress

import pytest

from tests.e2e.support import Server, dial, http, npy, read_response

CLOSED = [
    ("GET", "/api/v1/laws"),
    ("GET", "/api/v1/worlds"),
    ("GET", "/api/v1/worlds/gs"),
    ("GET", "/api/v1/worlds/gs/field.npy"),
    ("GET", "/api/v1/worlds/none"),
    ("GET", "/api/v1/snapshot?world=gs"),
    ("HEAD", "/api/v1/worlds"),
    ("POST", "/api/v1/link"),
]
OPEN = [("GET", "/"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_without_credentials_nothing_is_told(server: Server, method: str, path: str) -> None:
    answer = http(server, path, method)
    assert answer.status == 401
    assert b"gs" not in answer.body


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_with_the_token_it_is(server: Server, method: str, path: str) -> None:
    answer = http(server, path, method, token=server.token)
    assert answer.status == (404 if path.endswith("none") else 200)


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_open_to_all(server: Server, method: str, path: str) -> None:
    assert http(server, path, method).status == 200


@pytest.mark.parametrize(("method", "path"), CLOSED + OPEN)
def test_every_route_checks_host_and_origin(server: Server, method: str, path: str) -> None:
    assert http(server, path, method, token=server.token, host="evil.example").status == 421
    foreign = [("Origin", "http://evil.example")]
    assert http(server, path, method, token=server.token, headers=foreign).status == 403


def test_health_and_readiness_are_words(server: Server) -> None:
    assert http(server, "/healthz").body.strip() == b"ok"
    ready, python = http(server, "/readyz").body.decode().splitlines()
    assert ready == "ready"
    assert python.startswith("python: ")


def test_metrics_are_prometheus_text(server: Server) -> None:
    answer = http(server, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    names = [line.split("{")[0].split()[0] for line in answer.body.decode().splitlines() if line[:1] not in ("#", "")]
    assert names
    assert all(name.startswith(("atheria_", "process_")) for name in names)


def test_the_page_has_a_policy_without_inline_scripts(server: Server) -> None:
    answer = http(server, "/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert answer.headers["x-content-type-options"] == "nosniff"
    etag = answer.headers["etag"]
    assert http(server, "/", headers=[("If-None-Match", etag)]).status == 304


def test_worlds_are_listed_as_objects_of_the_protocol(server: Server) -> None:
    worlds = json.loads(http(server, "/api/v1/worlds", token=server.token).body)["worlds"]
    gs = next(world for world in worlds if world["name"] == "gs")
    assert gs["law"] == "gray-scott"
    assert gs["size"] == [64, 64, 1]
    assert gs["state"] == "paused"
    assert json.loads(http(server, "/api/v1/worlds/gs", token=server.token).body)["seed"] == 1


def test_a_field_comes_as_numpy_writes_it(server: Server) -> None:
    answer = http(server, "/api/v1/worlds/big/field.npy", token=server.token)
    shape, descr, data = npy(answer.body)
    assert (shape, descr) == ((128, 256), "<f4")
    assert len(data) == 4 * 128 * 256
    assert answer.headers["x-atheria-step"] == "0"
    same = http(server, "/api/v1/snapshot?world=big", token=server.token)
    assert same.body == answer.body


def test_a_field_has_channels(server: Server) -> None:
    every = npy(http(server, "/api/v1/worlds/gs/field.npy?channel=*", token=server.token).body)
    assert every[0] == (2, 64, 64)
    second = npy(http(server, "/api/v1/worlds/gs/field.npy?channel=v", token=server.token).body)
    assert every[2][4 * 64 * 64 :] == second[2]
    assert http(server, "/api/v1/worlds/gs/field.npy?channel=nope", token=server.token).status == 404


def test_bits_come_as_bytes_of_zero_and_one(server: Server) -> None:
    shape, descr, data = npy(http(server, "/api/v1/worlds/life/field.npy", token=server.token).body)
    assert (shape, descr) == ((64, 64), "|u1")
    assert set(data) <= {0, 1}


def test_a_range_of_a_field_is_served(server: Server) -> None:
    path = "/api/v1/worlds/gs/field.npy"
    whole = http(server, path, token=server.token).body
    part = http(server, path, token=server.token, headers=[("Range", "bytes=100-199")])
    assert part.status == 206
    assert part.body == whole[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"


def test_a_word_that_no_field_knows_is_refused(server: Server) -> None:
    for query in ("chanel=v", "channel=v&layer=3", "channel=none"):
        answer = http(server, f"/api/v1/worlds/gs/field.npy?{query}", token=server.token)
        assert answer.status in (400, 404), query


def test_head_tells_the_length_without_the_body(server: Server) -> None:
    answer = http(server, "/api/v1/worlds/gs/field.npy", "HEAD", token=server.token)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) > 4 * 64 * 64
    assert answer.body == b""


ODD_PATHS = [
    "/../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%5c..%5cetc",
    "//etc/passwd",
    "/index.html%00.js",
    "/%c0%ae%c0%ae/etc/passwd",
    "/api/v1/worlds/..%2f..%2fetc",
    "/api/v2/worlds",
    "/nothing",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_paths_that_lead_nowhere_are_not_found(server: Server, path: str) -> None:
    answer = http(server, path, token=server.token)
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body


def test_other_methods_are_refused(server: Server) -> None:
    assert http(server, "/api/v1/worlds", "POST", token=server.token).status == 405
    assert http(server, "/api/v1/worlds", "DELETE", token=server.token).status == 405


GOOD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
ODD_REQUESTS = [
    GOOD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    GOOD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    GOOD + b"X: a\r\n b\r\n\r\n",
    GOOD + b"X: a\0b\r\n\r\n",
    b"GET  /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
    b"GET /healthz HTTP/9.9\r\nHost: 127.0.0.1:{port}\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + struct.pack("<Q", 7) * 8,
    b"GET /healthz\r\n\r\n",
]


@pytest.mark.parametrize("request_text", ODD_REQUESTS, ids=range(len(ODD_REQUESTS)))
def test_odd_requests_get_400_or_a_closed_door(server: Server, request_text: bytes) -> None:
    with dial(server, 10) as connection:
        connection.sendall(request_text.replace(b"{port}", str(server.port).encode()))
        with suppress(ConnectionError):
            assert read_response(connection).status in (400, 408, 505)  # 408: it could still become a request
    assert http(server, "/healthz").status == 200


def test_a_cookie_needs_the_header_to_post(server: Server) -> None:
    login = http(server, "/login", "POST", body=server.token.encode())
    cookie = ("Cookie", login.headers["set-cookie"].split(";")[0])
    origin = ("Origin", f"http://127.0.0.1:{server.port}")
    assert http(server, "/api/v1/worlds", headers=[cookie]).status == 200
    assert http(server, "/logout", "POST", headers=[cookie, origin]).status == 403
    assert http(server, "/logout", "POST", headers=[cookie, origin, ("X-Atheria", "1")]).status in (200, 204)
    assert http(server, "/api/v1/worlds", headers=[cookie]).status == 401
