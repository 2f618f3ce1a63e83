"""Streams are the server's; plain Python is told where they work, and what is no picture."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch


def test_there_is_nobody_to_watch_in_plain_python(core: ModuleType) -> None:
    for call in (lambda: core.put("loss", torch.ones(2, 2)), lambda: core.drop("loss"), core.topics):
        with pytest.raises(core.Error, match="ath run") as caught:
            call()
        assert caught.value.code == "unsupported"


@pytest.mark.parametrize(
    ("name", "values", "limits", "path", "message"),
    [
        ("a/b", torch.ones(2, 2), None, "topic", r"A-Z a-z 0-9 _ \. -; got 'a/b'"),
        ("x" * 65, torch.ones(2, 2), None, "topic", "1..64"),
        ("a", torch.ones(5), None, "values", r"\[h,w\] or \[3,h,w\], got shape \[5\]"),
        ("a", torch.ones(4, 2, 2), None, "values", r"shape \[4,2,2\]: choose a layer"),
        ("a", torch.ones(0, 2), None, "values", "sides 1..65536"),
        ("a", torch.ones(2, 2, dtype=torch.complex64), None, "values", "complex numbers: show abs"),
        ("a", torch.ones(2, 2).to_sparse(), None, "values", "sparse"),
        ("a", torch.ones(1).expand(9000, 9000), None, "values", "at most 64 Mi numbers; got 1 x 9000 x 9000, 77 Mi"),
        ("a", torch.ones(2, 2), (1.0, 1.0), "range", "lo < hi"),
        ("a", torch.ones(2, 2), (0.0, float("nan")), "range", "lo < hi"),
        ("a", [[1.0]], None, "values", "torch.Tensor, got list"),
    ],
)
def test_what_is_no_picture_is_refused_before_it_is_copied(
    core: ModuleType, name: str, values: object, limits: tuple[float, float] | None, path: str, message: str
) -> None:
    with pytest.raises(core.Error, match=message) as caught:
        core.put(name, values, limits)
    assert caught.value.path == path
    assert caught.value.code == ("too_large" if "Mi" in message else "bad_args")
