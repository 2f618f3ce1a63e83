"""Numbers on the wire: tensors from bytes and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atheria._errors import Error

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._wire import Connection

# NumPy's names, as the wire has them, and torch's.
TYPES = {
    "<f4": "float32",
    "<f8": "float64",
    "<f2": "float16",
    "|u1": "uint8",
    "|i1": "int8",
    "<i2": "int16",
    "<i4": "int32",
    "<i8": "int64",
    "|b1": "bool",
}


def tensor_from(data: bytearray, told: Mapping[str, Any]) -> Tensor:
    """A tensor over these bytes, which are its own."""
    import torch

    numbers = torch.frombuffer(data, dtype=getattr(torch, TYPES[told["dtype"]]))
    return numbers.reshape(told["shape"])


def upload(connection: Connection, values: Tensor) -> dict[str, Any]:
    """Sends them; the arguments by which an op finds them."""
    import torch

    if values.is_complex():
        raise Error(
            "the values are complex; a complex field has two channels: give torch.view_as_real's parts",
            "bad_args",
            "values",
        )
    plain = values.detach().to("cpu")
    if plain.dtype == torch.bfloat16:
        plain = plain.float()
    names = {getattr(torch, name): descr for descr, name in TYPES.items()}
    if plain.dtype not in names:
        raise Error(f"values of type {values.dtype} are not known here", "bad_args", "values")
    number = connection.upload(bytes_of(plain))
    return {"upload": number, "shape": list(values.shape) or [1], "dtype": names[plain.dtype]}


def bytes_of(numbers: Tensor) -> memoryview:
    return numbers.contiguous().numpy().reshape(-1).view("u1").data


def same_bits(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors of one type hold the same bits; a NaN equals itself."""
    import torch

    bits = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[a.element_size()]
    return torch.equal(a.view(bits), b.view(bits))
