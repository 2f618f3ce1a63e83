"""A world for oneself: it stands at a step boundary, and its fields are tensors over its own memory."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from atheria import _context
from atheria._control import StepNumber
from atheria._errors import Error, LeaseExpired
from atheria._values import planes, tensor_of

if TYPE_CHECKING:
    from torch import Tensor

    from atheria._backend import NativeLease


class Lease:
    """`with w.lease() as s`: s.u, s["u"] and s.field are live, s.u = values writes, s.step(n) steps.

    Writes are seen by the next step. The lease ends with the block, or when its deadline is over: the world goes on,
    and asking for a tensor is a LeaseExpired. Tensors kept beyond the lease are snapshots of its last moment.
    """

    _own = frozenset({"_native", "_world", "_channels", "_psi", "_seen"})

    def __init__(self, native: NativeLease, world: str, channels: list[str], is_complex: bool) -> None:
        self._native = native
        self._world = world
        self._channels = [*channels, "psi"] if is_complex and "psi" not in channels else channels
        # psi of a complex law is a copy, as the engine keeps two planes; what was written into it is put back.
        self._psi: Tensor | None = None
        self._seen = 0
        _context.at_end(self.release)

    @property
    def fields(self) -> list[str]:
        return list(self._channels)

    @property
    def expired(self) -> bool:
        return not self._native.valid

    @property
    def time(self) -> float:
        return self._native.time

    @property
    def step(self) -> StepNumber:
        """The step it stands at; called, `s.step(n)`, it makes n steps and stays leased."""
        return StepNumber(self._native.step, self._advance)

    @property
    def field(self) -> Tensor:
        """All channels, [c,h,w] or [c,d,h,w]."""
        return self._tensor(None)

    def _advance(self, n: int = 1) -> int:
        self._check()
        self._put_back()
        reached = self._native.advance(n)
        if self._psi is not None:
            self._psi.copy_(self._complex())
            self._seen = self._psi._version
        return int(reached)

    def __getitem__(self, name: str) -> Tensor:
        if name == "psi" and name in self._channels and self._is_complex():
            if self._psi is None:
                self._psi = self._complex()
                self._seen = self._psi._version
            return self._psi
        if name not in self._channels:
            raise Error(
                f"'{self._world}' has no field '{name}'; it has {', '.join(self._channels)}", "not_found", "channel"
            )
        return self._tensor(name)

    def __setitem__(self, name: str, value: Any) -> None:
        target = self.field if name == "field" else self[name]
        values = tensor_of(value)
        if values is not target:  # `s.u *= 2` has already written
            target.copy_(values)

    def __getattr__(self, name: str) -> Tensor:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except Error as error:
            raise (error if error.code != "not_found" else AttributeError(str(error))) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._own:
            object.__setattr__(self, name, value)
        else:
            self[name] = value

    def release(self) -> None:
        """Lets the world go on. Once more does nothing."""
        if self._native.valid:
            self._put_back()
        self._psi = None
        self._native.release()

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if self._native.valid:
                self._put_back()
        finally:
            self._native.release()

    def _is_complex(self) -> bool:
        return self._channels[-1] == "psi"

    def _complex(self) -> Tensor:
        import torch

        both = self._tensor(None)
        return torch.complex(both[0], both[1])

    def _put_back(self) -> None:
        if self._psi is not None and self._psi._version != self._seen:
            self._tensor(None)[:2].copy_(planes(self._psi))
            self._seen = self._psi._version

    def _check(self) -> None:
        if not self._native.valid:
            raise LeaseExpired(
                f"the lease of '{self._world}' has ended ({self._native.why}); "
                "take another, with a longer deadline= if it was too short"
            )

    def _tensor(self, channel: str | None) -> Tensor:
        self._check()
        try:
            return self._native.field(channel)
        except LeaseExpired:
            self._check()
            raise

    def __repr__(self) -> str:
        if self.expired:
            return f"<lease of '{self._world}', ended: {self._native.why}>"
        return f"<lease of '{self._world}' at step {self._native.step}: {', '.join(self._channels)}>"
