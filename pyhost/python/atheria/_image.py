"""Pictures for notebooks: fields through a colormap, as PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from atheria._errors import Error
from atheria._values import tensor_of

if TYPE_CHECKING:
    import numpy
    from torch import Tensor

    from atheria._laws import Law

# Colours at equal distances, in between linear. Few of them: a notebook's picture, not the page.
COLORMAPS = {
    "gray": "000000 ffffff",
    "viridis": "440154 472d7b 3b528b 2c728e 21918c 28ae80 5ec962 addc30 fde725",
    "magma": "000004 1d1147 51127c 832681 b73779 e75263 fc8961 fec488 fcfdbf",
    "turbo": "30123b 4669e0 28bceb 32f298 a4fc3c eecf3a fb7e21 d02f05 7a0403",
    "coolwarm": "3b4cc0 6788ee 9abbff c9d7f0 dddddd edd1c2 f7a889 e26952 b40426",
    "phase": "e04040 d0a020 60c040 30b0a0 4070e0 a050d0 e04040",
}
SMALLEST, LARGEST = 256, 1024  # pixels of the longer side


class Image:
    """A picture that notebooks show. `png` are the bytes of a PNG file."""

    def __init__(self, png: bytes, size: tuple[int, int]) -> None:
        self.png = png
        self.size = size

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"<image {self.size[0]} x {self.size[1]}>"


def image(values: Any, range: Sequence[float] | None = None, colormap: str = "viridis") -> Image:
    """A picture of a tensor: [h,w], [d,h,w] (its middle layer), or [3,h,w] with a floating type as red, green, blue."""
    tensor = tensor_of(values).detach()
    if tensor.is_complex():
        return image(tensor.angle(), (-3.141592653589793, 3.141592653589793), "phase")
    tensor = tensor.float().cpu()
    if tensor.dim() == 3 and tensor.shape[0] == 3:
        return _encode(_levels(tensor, range or (0.0, 1.0)).permute(1, 2, 0).numpy())
    if tensor.dim() == 3:
        tensor = tensor[tensor.shape[0] // 2]
    if tensor.dim() != 2 or 0 in tensor.shape:
        raise Error(f"a picture is of [h,w], [d,h,w] or [3,h,w], got {list(tensor.shape)}", "bad_args", "values")
    return _encode(_coloured(_levels(tensor, range), colormap))


def of_view(field: Tensor, law: Law, views: Sequence[dict[str, Any]]) -> Image:
    """A law's default view of its field [c,...], as the page shows it at first."""
    name = law.info.get("view") or law.channels[0]
    about: dict[str, Any] = next((view for view in views if view["name"] == name), {})
    colormap = law.info.get("colormap", "viridis")
    if field.dim() == 4:
        field = field[:, field.shape[1] // 2]
    field = field.float()
    if about.get("channels") == 3:
        return image(field[:3], about.get("range"), colormap)
    if name in law.channels:
        plane = field[law.channels.index(name)]
    elif name == "density":
        plane = (field**2).sum(0)
    elif name == "phase":
        plane = field[1].atan2(field[0])
    else:
        plane, about = field[0], {}
    return image(plane, about.get("range"), colormap)


def _levels(tensor: Tensor, range: Sequence[float] | None) -> Tensor:
    """Values as 0..1 within the range, or within their own; what is no number as 0."""
    import torch

    if range is None:
        finite = tensor[torch.isfinite(tensor)]
        range = (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 1.0)
    low, high = float(range[0]), float(range[1])
    span = high - low if high > low else 1.0
    return ((tensor - low) / span).nan_to_num(0.0, 1.0, 0.0).clamp(0.0, 1.0)


def _coloured(levels: Tensor, colormap: str) -> numpy.ndarray[Any, Any]:
    import numpy

    if colormap not in COLORMAPS:
        colormap = "viridis"
    stops = numpy.array([list(bytes.fromhex(colour)) for colour in COLORMAPS[colormap].split()]) / 255.0
    at = numpy.linspace(0.0, 1.0, len(stops))
    return numpy.stack([numpy.interp(levels.numpy(), at, stops[:, i]) for i in (0, 1, 2)], axis=-1)


def _encode(rgb: numpy.ndarray[Any, Any]) -> Image:
    """[h,w,3] of 0..1 as PNG; whole-number scaled, so that cells stay squares."""
    import numpy

    longer = max(rgb.shape[:2])
    stride, repeat = max(1, -(-longer // LARGEST)), max(1, SMALLEST // longer)
    pixels = (rgb[::stride, ::stride] * 255.0 + 0.5).astype(numpy.uint8)
    pixels = numpy.repeat(numpy.repeat(pixels, repeat, axis=0), repeat, axis=1)
    height, width = pixels.shape[:2]
    rows = numpy.zeros((height, 1 + width * 3), numpy.uint8)  # a filter byte, none, before each row
    rows[:, 1:] = pixels.reshape(height, -1)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    )
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
    return Image(png, (width, height))
