"""Binary messages of atheria.v1, read from PROTOCOL.md section 6 alone. Standard library only."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

KEY, LAST_PART, GAP, STILL, CRC = 1, 2, 4, 8, 16
FIELD, SERIES, ACK = 1, 2, 0x10
U8N, U16N, F16, F32, I8, F64 = range(6)
RAW, LZ4 = 0, 1
NONE, DELTA, SHUFFLE, DELTA_SHUFFLE = range(4)

SIZE = {U8N: 1, U16N: 2, F16: 2, F32: 4, I8: 1, F64: 8}
FORMAT = {U8N: "B", U16N: "H", F16: "e", F32: "f", I8: "b", F64: "d"}
PAYLOAD_LIMIT = 262_144 - 80

_HEADER = struct.Struct("<BBHIQdQIIHHBBBBHHHHHHB3xffII")


class WireError(Exception):
    """A message that is not as the protocol says."""


@dataclass(frozen=True)
class Header:
    kind: int
    flags: int
    length: int
    sub: int
    step: int
    time: float
    clock: int
    seq: int
    base_seq: int
    part: int
    parts: int
    dtype: int
    codec: int
    filter: int
    lod: int
    x: int
    y: int
    w: int
    h: int
    z: int
    depth: int
    channels: int
    scale: float
    offset: float
    decoded: int
    crc: int

    @property
    def key(self) -> bool:
        return bool(self.flags & KEY)

    @property
    def delta(self) -> bool:
        return self.filter in (DELTA, DELTA_SHUFFLE)


def parse_header(message: bytes) -> Header:
    if len(message) < 80:
        raise WireError(f"{len(message)} bytes are no header")
    header = Header(*_HEADER.unpack_from(message))
    if not 80 <= header.length <= len(message):
        raise WireError(f"header length {header.length} of a message of {len(message)}")
    if header.kind not in (FIELD, SERIES):
        raise WireError(f"kind {header.kind}")
    if header.dtype not in SIZE or header.codec > LZ4 or header.filter > DELTA_SHUFFLE:
        raise WireError("unknown dtype, codec or filter")
    if header.key != (header.base_seq == 0):
        raise WireError("base_seq is 0 with KEY, and only then")
    if header.delta and (header.key or header.dtype not in (U8N, U16N)):
        raise WireError("this cannot be a difference")
    if header.part >= header.parts or bool(header.flags & LAST_PART) != (header.part + 1 == header.parts):
        raise WireError(f"part {header.part} of {header.parts}")
    expected = header.w * header.h * header.channels * SIZE[header.dtype]
    if header.decoded != expected or expected > PAYLOAD_LIMIT:
        raise WireError(f"decoded length {header.decoded}")
    return header


def lz4_block(block: bytes, size: int) -> bytes:
    """Undoes LZ4's block format; the result must have exactly `size` bytes."""
    out = bytearray()
    at = 0

    def longer(length: int) -> int:
        nonlocal at
        if length < 15:
            return length
        while True:
            byte = block[at]
            at += 1
            length += byte
            if length > size:
                raise WireError("an LZ4 length over the decoded length")
            if byte != 255:
                return length

    try:
        while True:
            token = block[at]
            at += 1
            literals = longer(token >> 4)
            if at + literals > len(block):
                raise WireError("an LZ4 block cut short")
            out += block[at : at + literals]
            at += literals
            if at == len(block):
                break
            offset = block[at] | block[at + 1] << 8
            at += 2
            match = longer(token & 15) + 4
            if not 1 <= offset <= len(out) or len(out) + match > size:
                raise WireError("an LZ4 match outside of what is there")
            start = len(out) - offset
            while match > 0:  # a match may overlap what it writes
                piece = out[start : start + match]
                out += piece
                match -= len(piece)
    except IndexError:
        raise WireError("an LZ4 block cut short") from None
    if len(out) != size:
        raise WireError(f"an LZ4 block of {len(out)} bytes, not {size}")
    return bytes(out)


def unshuffle(planes: bytes, size: int) -> bytes:
    out = bytearray(len(planes))
    count = len(planes) // size
    for byte in range(size):
        out[byte::size] = planes[byte * count : (byte + 1) * count]
    return bytes(out)


def add(dtype: int, difference: bytes, base: bytes) -> bytes:
    if dtype == U8N:
        return bytes((a + b) & 255 for a, b in zip(difference, base, strict=True))
    words = struct.Struct(f"<{len(base) // 2}H")
    pairs = zip(words.unpack(difference), words.unpack(base), strict=True)
    return words.pack(*((a + b) & 65535 for a, b in pairs))


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC_TABLE = _crc_table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


@dataclass
class Frame:
    """A whole picture (or the rows of a series), as codes."""

    header: Header  # of the last part
    width: int
    height: int
    codes: bytearray  # planar, little-endian

    @property
    def channels(self) -> int:
        return self.header.channels

    def numbers(self) -> tuple[float, ...]:
        dtype = self.header.dtype
        return struct.unpack(f"<{len(self.codes) // SIZE[dtype]}{FORMAT[dtype]}", self.codes)

    def values(self) -> list[float]:
        nothing = {U8N: 255, U16N: 65535}.get(self.header.dtype)
        scale, offset = self.header.scale, self.header.offset
        return [math.nan if code == nothing else offset + scale * code for code in self.numbers()]

    def rows(self) -> list[tuple[float, ...]]:
        """Of a series."""
        flat = self.numbers()
        return [flat[at : at + self.width] for at in range(0, len(flat), self.width)]


class FrameDecoder:
    """The parts of one subscription, put together. After an error only a KEY frame helps."""

    def __init__(self) -> None:
        self._parts: list[tuple[Header, bytes]] = []
        self._base: Frame | None = None

    def add(self, message: bytes) -> Frame | None:
        try:
            header = parse_header(message)
            if header.part != len(self._parts):
                raise WireError("parts out of order")
            if self._parts and self._parts[0][0].seq != header.seq:
                raise WireError("parts of two frames mixed")
            self._parts.append((header, self._texels(header, message[header.length :])))
            if not header.flags & LAST_PART:
                return None
            frame = self._assemble()
        except WireError:
            self._parts = []
            raise
        self._parts = []
        if header.kind == FIELD:
            self._base = frame
        return frame

    @staticmethod
    def _texels(header: Header, payload: bytes) -> bytes:
        if header.flags & CRC and crc32c(payload) != header.crc:
            raise WireError("the CRC differs")
        data = lz4_block(payload, header.decoded) if header.codec == LZ4 else payload
        if len(data) != header.decoded:
            raise WireError(f"{len(data)} bytes, not {header.decoded}")
        return unshuffle(data, SIZE[header.dtype]) if header.filter >= SHUFFLE else data

    def _assemble(self) -> Frame:
        header = self._parts[-1][0]
        if header.key:
            width = max(part.x + part.w for part, _ in self._parts)
            height = max(part.y + part.h for part, _ in self._parts)
            size = width * height * header.channels * SIZE[header.dtype]
            if sum(part.decoded for part, _ in self._parts) != size:
                raise WireError("a KEY frame with a hole")
            frame = Frame(header, width, height, bytearray(size))
        else:
            base = self._base
            if base is None or base.header.seq != header.base_seq:
                raise WireError("a difference to a frame that is not the newest")
            was = base.header
            same = (was.lod, was.dtype, was.channels, was.scale, was.offset)
            if same != (header.lod, header.dtype, header.channels, header.scale, header.offset):
                raise WireError("lod, dtype or range changed without KEY")
            frame = Frame(header, base.width, base.height, bytearray(base.codes))
        for part, texels in self._parts:
            self._paste(frame, part, texels)
        return frame

    @staticmethod
    def _paste(frame: Frame, part: Header, texels: bytes) -> None:
        if part.x + part.w > frame.width or part.y + part.h > frame.height:
            raise WireError("a part outside of the picture")
        size = SIZE[part.dtype]
        row = part.w * size
        for index in range(part.channels * part.h):
            channel, y = divmod(index, part.h)
            to = ((channel * frame.height + part.y + y) * frame.width + part.x) * size
            piece = texels[index * row : (index + 1) * row]
            frame.codes[to : to + row] = (
                add(part.dtype, piece, bytes(frame.codes[to : to + row])) if part.delta else piece
            )


def ack(sub: int, seq: int) -> bytes:
    return struct.pack("<BBHII", ACK, 0, 12, sub, seq)
