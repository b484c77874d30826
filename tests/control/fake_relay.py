"""A media side in memory that can be told to hang or to fail, and remembers what ran when."""

import asyncio

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.model import Grant, Quality, ViewId


class FakeRelay:
    """`running` holds the views whose packets leave now."""

    def __init__(self) -> None:
        self.running: dict[ViewId, Grant] = {}
        self.opened: list[ViewId] = []
        self.cuts: list[ViewId] = []
        self.selected: list[tuple[ViewId, Quality]] = []
        self.open_gate = asyncio.Event()
        self.open_gate.set()
        self.cut_gate = asyncio.Event()
        self.cut_gate.set()
        self.open_error: Exception | None = None
        self.cut_failures = 0
        self.cut_error: Exception = GatewayError(
            ErrorKind.UNREACHABLE, "RELAY_GONE", "The media side is gone."
        )

    async def open(self, view: ViewId, grant: Grant, offer_sdp: str, quality: Quality) -> str:
        await self.open_gate.wait()
        if self.open_error is not None:
            raise self.open_error
        assert view not in self.running, "a view opens once"
        self.running[view] = grant
        self.opened.append(view)
        return f"answer to {offer_sdp}"

    async def trickle(self, view: ViewId, fragment: str) -> str | None:
        return f"{view} heard {fragment}"

    async def cut(self, view: ViewId) -> None:
        await self.cut_gate.wait()
        if self.cut_failures:
            self.cut_failures -= 1
            raise self.cut_error
        self.cuts.append(view)
        self.running.pop(view, None)

    async def select(self, view: ViewId, quality: Quality) -> None:
        self.selected.append((view, quality))
