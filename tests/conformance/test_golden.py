"""The Python decoder reads the golden bytes as the C++ and TypeScript ones do."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import atheria_wire as wire

FOLDER = Path(__file__).parents[1] / "golden" / "wire"
CASES: list[str] = json.loads((FOLDER / "index.json").read_text())["cases"]


def load(name: str) -> tuple[dict[str, Any], list[bytes]]:
    about = json.loads((FOLDER / f"{name}.json").read_text())
    data = (FOLDER / f"{name}.bin").read_bytes()
    return about, [data[m["at"] : m["at"] + m["length"]] for m in about["messages"]]


def same(found: list[float] | tuple[float, ...], wanted: list[float | str]) -> bool:
    numbers = [float(value) for value in wanted]  # float("NaN"), float("-Infinity")
    return len(found) == len(numbers) and all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, numbers, strict=True)
    )


def cases_with(key: str) -> list[str]:
    return [name for name in CASES if key in load(name)[0]]


@pytest.mark.parametrize("name", cases_with("frames"))
def test_frames_decode_to_their_truth(name: str) -> None:
    about, messages = load(name)
    decoder = wire.FrameDecoder()
    frames = {}
    for count, message in enumerate(messages, 1):
        frame = decoder.add(message)
        if frame is not None:
            frames[count] = frame
    assert list(frames) == [truth["after"] for truth in about["frames"]]
    for truth in about["frames"]:
        frame = frames[truth["after"]]
        head = frame.header
        assert (frame.width, frame.height, frame.channels) == (truth["width"], truth["height"], truth["channels"])
        assert (head.seq, head.step, head.time, head.clock) == (
            truth["seq"],
            truth["step"],
            truth["time"],
            truth["clock"],
        )
        assert (head.lod, head.z, head.sub) == (truth["lod"], truth["z"], truth["sub"])
        assert bool(head.flags & wire.GAP) == truth["gap"]
        assert bool(head.flags & wire.STILL) == truth["still"]
        assert head.key == truth["key"]
        assert frame.codes.hex() == truth["bytes"]
        # An infinite number has the NaN code too; as float32 it stays what it is.
        assert same(frame.values(), truth["values"])


@pytest.mark.parametrize("name", cases_with("frames") + cases_with("series"))
def test_headers_read_as_described(name: str) -> None:
    about, messages = load(name)
    names = {"baseSeq": "base_seq"}
    for described, message in zip(about["messages"], messages, strict=True):
        header = wire.parse_header(message)
        for field, value in described["header"].items():
            assert getattr(header, names.get(field, field)) == value, field


def test_a_series_decodes_to_its_truth() -> None:
    about, messages = load("series")
    frame = wire.FrameDecoder().add(messages[0])
    assert frame is not None
    assert (frame.width, frame.height) == (about["series"]["columns"], about["series"]["rows"])
    assert same(frame.numbers(), about["series"]["values"])
    assert len(frame.rows()[0]) == about["series"]["columns"]


def test_an_ack_is_written_as_described() -> None:
    about, messages = load("ack")
    assert wire.ack(about["ack"]["sub"], about["ack"]["seq"]) == messages[0]


@pytest.mark.parametrize("name", cases_with("error"))
def test_a_spoilt_last_message_is_refused(name: str) -> None:
    _, messages = load(name)
    decoder = wire.FrameDecoder()
    for message in messages[:-1]:
        decoder.add(message)
    with pytest.raises(wire.WireError):
        decoder.add(messages[-1])
