"""SHARED mode: a few recorded loops of sub-stream, played to the readers of all cameras.

Every reader of a loop gets the very same bytes, so a frame is numbered once, not per camera.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import cv2

from cctv_gateway.base.clock import Clock
from cctv_gateway.model import Profile
from cctv_gateway.simulator.encoder import Encoder, is_keyframe
from cctv_gateway.simulator.lens import View
from cctv_gateway.simulator.packets import BlockTemplate, FrameBlock, SenderState
from cctv_gateway.simulator.scene import Scene, jpeg
from cctv_gateway.simulator.spec import (
    FORMATS,
    FRAMES_PER_GOP,
    FRAMES_PER_S,
    RTP_TICKS_PER_FRAME,
    CameraSpec,
)
from cctv_gateway.simulator.streams import Reader

# Cameras take turns within a frame's 66 ms, so that the wire and the loop see no bursts.
SLOTS = 16
# A loop of the event loop that was held up longer than this slows the film instead of rushing it.
MAX_LAG_S = 0.5
FRAMES_PER_REPORT = 5 * FRAMES_PER_S
RECORDERS = 2


@dataclass(frozen=True, slots=True)
class Recording:
    """One loop: the frames of a scene with open numbers, and a still of it."""

    number: int
    ssrc: int
    frames: tuple[tuple[BlockTemplate, bool], ...]
    still: bytes


def record(camera: CameraSpec, loop_s: int, now: datetime) -> Recording:
    """Draw and encode `loop_s` seconds of a camera's sub-stream; takes about a second."""
    picture = FORMATS[Profile.SUB]
    count = loop_s * FRAMES_PER_S
    assert count % FRAMES_PER_GOP == 0, "a loop ends where a group of pictures ends"
    scene = Scene(camera.number, camera.label, picture.width, picture.height, loop_s)
    encoder = Encoder(picture)
    ssrc = 0x5D000000 | camera.number
    frames = []
    for frame in range(count):
        at_s = frame / FRAMES_PER_S
        drawn = scene.draw(frame, at_s, now + timedelta(seconds=at_s), View())
        nals = encoder.encode(drawn, frame)
        frames.append((BlockTemplate(nals, ssrc), is_keyframe(nals)))
    shot = scene.bgr(0, 0.0, now, View())
    return Recording(camera.number, ssrc, tuple(frames), jpeg(shot))


async def record_all(
    cameras: Sequence[CameraSpec], loop_s: int, now: datetime
) -> tuple[Recording, ...]:
    """Record several scenes side by side, off the event loop."""
    cv2.setNumThreads(1)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(RECORDERS, thread_name_prefix="recorder") as pool:
        work = [loop.run_in_executor(pool, record, camera, loop_s, now) for camera in cameras]
        return tuple(await asyncio.gather(*work))


@dataclass(slots=True)
class _Track:
    """One loop while it plays."""

    recording: Recording
    sender: SenderState
    slots: list[dict[Reader, None]] = field(default_factory=lambda: [{} for _ in range(SLOTS)])

    def block(self, frame: int, now: datetime) -> FrameBlock:
        template, keyframe = self.recording.frames[frame % len(self.recording.frames)]
        timestamp = frame * RTP_TICKS_PER_FRAME
        data = self.sender.send(template, timestamp)
        if frame % FRAMES_PER_REPORT == 0:
            data += self.sender.report(now, timestamp)
        return FrameBlock(data, keyframe, frame)


class LoopStream:
    """One camera's place in a loop."""

    def __init__(self, slot: dict[Reader, None]) -> None:
        self._slot = slot

    def add(self, reader: Reader) -> None:
        self._slot[reader] = None

    def remove(self, reader: Reader) -> None:
        self._slot.pop(reader, None)


class LoopPlayer:
    """Plays all loops in step. `run` ends by cancellation."""

    def __init__(self, recordings: Sequence[Recording], clock: Clock) -> None:
        self._clock = clock
        self._tracks = [_Track(each, SenderState(each.ssrc)) for each in recordings]

    def stream(self, index: int) -> LoopStream:
        """The stream of the city's `index`-th camera; neighbours get other loops and slots."""
        track = self._tracks[index % len(self._tracks)]
        return LoopStream(track.slots[index // len(self._tracks) % SLOTS])

    def still(self, index: int) -> bytes:
        return self._tracks[index % len(self._tracks)].recording.still

    async def run(self) -> None:
        """Send every frame to every reader, at its time."""
        origin_s = self._clock.monotonic()
        frame = 0
        while True:
            now = self._clock.now()
            blocks = [track.block(frame, now) for track in self._tracks]
            for slot in range(SLOTS):
                due_s = origin_s + (frame + slot / SLOTS) / FRAMES_PER_S
                wait_s = due_s - self._clock.monotonic()
                if wait_s < -MAX_LAG_S:
                    origin_s -= wait_s
                await self._clock.sleep(max(0.0, wait_s))
                self._send(slot, blocks)
            frame += 1

    def _send(self, slot: int, blocks: list[FrameBlock]) -> None:
        for track, block in zip(self._tracks, blocks, strict=True):
            for reader in track.slots[slot]:
                reader.deliver(block)
