"""Arrays of all kinds as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atheria._errors import Error

if TYPE_CHECKING:
    from torch import Tensor


def tensor_of(values: Any) -> Tensor:
    """Of a tensor, a NumPy array, anything with `__dlpack__`, lists or a number; shares memory where it can."""
    import torch

    if isinstance(values, torch.Tensor):
        return values
    try:
        if hasattr(values, "__array_interface__"):  # NumPy: read-only arrays are no DLPack, and bool came late
            import numpy

            array = numpy.ascontiguousarray(values)
            return torch.from_numpy(array if array.flags.writeable else array.copy())
        if hasattr(values, "__dlpack__"):
            return torch.from_dlpack(values)
        return torch.tensor(values)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise Error(
            f"cannot make a tensor of {type(values).__name__}: {error}; give a tensor, an array or lists of numbers",
            "bad_args",
            "values",
        ) from None


def planes(psi: Tensor) -> Tensor:
    """A complex field [h,w] as the two planes the engine keeps, [2,h,w]."""
    import torch

    return torch.stack((psi.real, psi.imag)) if psi.is_complex() else torch.stack((psi, torch.zeros_like(psi)))
