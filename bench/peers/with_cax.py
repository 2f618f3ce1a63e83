"""CAX: its own Life and its own NCA modules, as its examples use them. Its alive mask takes the last channel."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cax.core import ComplexSystem
from cax.core.perceive import ConvPerceive, grad_kernel, identity_kernel
from cax.core.update import NCAUpdate
from cax.cs.life import Life
from flax import nnx
from jax import Array
from numpy.typing import NDArray

from bench.peers.task import Task, read_safetensors

MANY = 8  # steps of one call
LAST = [*range(3), *range(4, 16), 3]  # alpha last


class Nca(ComplexSystem):
    def __init__(self, task: Task) -> None:
        rngs = nnx.Rngs(0)
        weights = read_safetensors(task.params["weights"])
        hidden = weights["l1.bias"].shape[0]
        self.perceive = ConvPerceive(16, 48, padding="CIRCULAR", feature_group_count=16, rngs=rngs)
        # grad_kernel gives y before x; ours are x before y. Outputs of a channel lie together.
        kernels = jnp.concatenate([identity_kernel(2), grad_kernel(2)[..., ::-1]], axis=-1)
        self.perceive.conv.kernel.value = jnp.tile(kernels[:, :, None, :], (1, 1, 1, 16))
        self.update = NCAUpdate(16, 48, (hidden,), rngs=rngs)
        seen = [3 * LAST.index(i % 16) + i // 16 for i in range(48)]
        first = np.zeros((48, hidden), np.float32)
        first[seen] = weights["l1.weight"].T
        one, two = self.update.layers
        one.kernel.value, one.bias.value = jnp.asarray(first)[None, None], jnp.asarray(weights["l1.bias"])
        two.kernel.value = jnp.asarray(weights["l2.weight"][LAST].T)[None, None]
        two.bias.value = jnp.asarray(weights["l2.bias"][LAST])

    def _step(self, state: Array, input: Any = None, *, sow: bool = False) -> Array:
        return self.update(state, self.perceive(state), input)


class Cax:
    form = "its own modules, nnx.scan over the steps"

    def __init__(self, task: Task) -> None:
        self.task = task
        self.version = f"cax {version('cax')}, jax {jax.__version__}"
        if task.law == "life":
            birth, survival = Life.birth_survival_from_string("B3/S23")
            self.system: Any = Life(birth=birth, survival=survival, rngs=nnx.Rngs(0))
            self.first = jnp.asarray(task.alive().astype(np.float32))[..., None]
        else:
            self.system = Nca(task)
            self.first = jnp.asarray(task.state()[LAST, 0].transpose(1, 2, 0))
        self.now = self.first
        self.advance(MANY)

    def reset(self) -> None:
        self.now = self.first

    def advance(self, steps: int) -> None:
        # Each number of steps is compiled anew, so there are two.
        while steps > 0:
            count = MANY if steps >= MANY else 1
            self.now = jax.block_until_ready(self.system(self.now, num_steps=count))
            steps -= count

    def state(self) -> NDArray[Any]:
        now = np.asarray(self.now)
        if self.task.law == "life":
            return now[..., 0]
        back = np.empty_like(now)
        back[..., LAST] = now
        return back.transpose(2, 0, 1)


def make(task: Task) -> Cax:
    return Cax(task)
