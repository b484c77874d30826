"""Draws and encodes LIVE streams on threads of its own, each frame at its time, for readers only.

A late frame is left out, never queued. Readers are served on the loop, in `streams.py`.
"""

import asyncio
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import cv2

from cctv_gateway.base.clock import Clock
from cctv_gateway.model import Profile
from cctv_gateway.simulator.encoder import Encoder, is_keyframe
from cctv_gateway.simulator.lens import View
from cctv_gateway.simulator.packets import BlockTemplate, FrameBlock, SenderState
from cctv_gateway.simulator.scene import Outlook, Scene, jpeg
from cctv_gateway.simulator.spec import (
    CHANGED_FORMATS,
    FORMATS,
    FRAMES_PER_S,
    RTP_TICKS_PER_FRAME,
    CameraSpec,
    PictureFormat,
)
from cctv_gateway.simulator.streams import Reader, Readers

THREADS = 2
FRAMES_PER_REPORT = 5 * FRAMES_PER_S


@dataclass(slots=True)
class _Studio:
    """What a running stream needs on its thread; made there and dropped when it stops."""

    scene: Scene
    encoder: Encoder
    sent: int = 0
    changed: bool = False
    # Set while another thread paints a background for the scene.
    painting: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True, eq=False)
class _Job:
    """One running stream, as its worker sees it."""

    stream: "LiveStream"
    due_frame: int
    studio: _Studio | None = None


class LiveStream:
    """One profile of one camera. Readers come and go on the loop; `view` may be set at any time."""

    def __init__(
        self, camera: CameraSpec, profile: Profile, pump: "Pump", view: Callable[[], View]
    ) -> None:
        self.camera, self.profile, self.view = camera, profile, view
        self._pump = pump
        self.readers = Readers(self._on_readers)
        # Only the worker that draws this stream touches the sender's numbers.
        self.sender = SenderState(ssrc=0x5C000000 | camera.number << 4 | (profile is Profile.MAIN))
        self.wants_keyframe = threading.Event()
        # Cameras that share a frame clock would all encode in the same millisecond.
        self.phase = camera.number * 0.381 % 1.0
        self._running = False

    def add(self, reader: Reader) -> None:
        self.wants_keyframe.set()
        self.readers.add(reader)

    def remove(self, reader: Reader) -> None:
        self.readers.remove(reader)

    def _on_readers(self, count: int) -> None:
        if bool(count) != self._running:
            self._running = bool(count)
            if self._running:
                self._pump.start_stream(self)
            else:
                self._pump.stop_stream(self)


class Pump:
    """The workers. `run` ends by cancellation, with every thread joined."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # One second back, so that no phase makes the first frame number negative.
        self._origin_s = clock.monotonic() - 1.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers = tuple(_Worker(self) for _ in range(THREADS))
        # Stills and backgrounds have a thread of their own, so that they cost no stream a frame.
        self._painter = _Worker(self)

    async def run(self) -> None:
        """Serve until cancelled. A worker's failure is raised here."""
        cv2.setNumThreads(1)
        loop = self._loop = asyncio.get_running_loop()
        everyone = (*self._workers, self._painter)
        pool = ThreadPoolExecutor(len(everyone), thread_name_prefix="simulator")
        work = [loop.run_in_executor(pool, worker.run) for worker in everyone]
        try:
            await asyncio.gather(*work)
        finally:
            for worker in everyone:
                worker.close()
            pool.shutdown(wait=True)

    def start_stream(self, stream: LiveStream) -> None:
        self._worker(stream).start(stream)

    def stop_stream(self, stream: LiveStream) -> None:
        self._worker(stream).stop(stream)

    def still(self, stream: LiveStream, done: Callable[[bytes], None]) -> None:
        """Draw one JPEG of a stream's view off the loop; `done` is called on the loop."""
        self._painter.call(lambda: self._still(stream, done))

    def _still(self, stream: LiveStream, done: Callable[[bytes], None]) -> None:
        assert self._loop is not None, "workers run inside run()"
        frame = self.frame_at(stream.phase)
        scene = _studio(stream, FORMATS[stream.profile]).scene
        picture = scene.bgr(frame, frame / FRAMES_PER_S, self._clock.now(), stream.view())
        self._loop.call_soon_threadsafe(done, jpeg(picture))

    def frame_at(self, phase: float) -> int:
        """The number of the frame that is current now."""
        return math.floor((self._clock.monotonic() - self._origin_s) * FRAMES_PER_S - phase)

    def wait_s(self, frame: int, phase: float) -> float:
        """How long until a frame is due."""
        return self._origin_s + (frame + phase) / FRAMES_PER_S - self._clock.monotonic()

    def publish(self, stream: LiveStream, block: FrameBlock) -> None:
        """Hand a finished frame to the loop."""
        assert self._loop is not None, "workers run inside run()"
        self._loop.call_soon_threadsafe(stream.readers.deliver, block)

    def produce(self, job: _Job, frame: int) -> None:
        """Draw, encode and publish one frame; runs on the job's worker."""
        stream = job.stream
        if job.studio is None:
            job.studio = _studio(stream, FORMATS[stream.profile])
        self._change_parameter_sets(job)
        studio, now, view = job.studio, self._clock.now(), stream.view()
        self._paint_ahead(studio, studio.scene.missing(now, view))
        if not studio.scene.is_ready:
            return
        picture = studio.scene.draw(frame, frame / FRAMES_PER_S, now, view, wait=False)
        forced = stream.wants_keyframe.is_set()
        stream.wants_keyframe.clear()
        nals = studio.encoder.encode(picture, frame, keyframe=forced)
        studio.sent += 1
        self.publish(stream, self._block(stream, nals, frame))

    def _paint_ahead(self, studio: _Studio, outlook: Outlook | None) -> None:
        """Have a missing background painted elsewhere: it takes as long as several frames."""
        if outlook is None or studio.painting.is_set():
            return
        studio.painting.set()

        def paint() -> None:
            studio.scene.paint(outlook)
            studio.painting.clear()

        self._painter.call(paint)

    def _block(self, stream: LiveStream, nals: tuple[bytes, ...], frame: int) -> FrameBlock:
        sender = stream.sender
        timestamp = frame * RTP_TICKS_PER_FRAME + stream.camera.number * 7919
        data = sender.send(BlockTemplate(nals, sender.ssrc), timestamp)
        if frame % FRAMES_PER_REPORT == 0 or sender.octets == 0:
            data += sender.report(self._clock.now(), timestamp)
        return FrameBlock(data, is_keyframe(nals), frame)

    def _change_parameter_sets(self, job: _Job) -> None:
        after = job.stream.camera.faults.new_parameter_sets_after
        studio = job.studio
        if after is None or studio is None or studio.changed:
            return
        if studio.sent >= after:
            job.studio = _studio(job.stream, CHANGED_FORMATS[job.stream.profile])
            job.studio.changed = True

    def _worker(self, stream: LiveStream) -> "_Worker":
        return self._workers[stream.camera.number % THREADS]


def _studio(stream: LiveStream, picture: PictureFormat) -> _Studio:
    camera = stream.camera
    scene = Scene(camera.number, camera.label, picture.width, picture.height)
    return _Studio(scene, Encoder(picture))


@dataclass(slots=True)
class _Worker:
    """One thread's share of the streams."""

    pump: Pump
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _jobs: dict[LiveStream, _Job] = field(default_factory=dict)
    _calls: list[Callable[[], None]] = field(default_factory=list)
    _closing: bool = False

    def start(self, stream: LiveStream) -> None:
        with self._changed:
            self._jobs[stream] = _Job(stream, self.pump.frame_at(stream.phase))
            self._changed.notify()

    def stop(self, stream: LiveStream) -> None:
        with self._changed:
            self._jobs.pop(stream, None)

    def call(self, work: Callable[[], None]) -> None:
        with self._changed:
            self._calls.append(work)
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()

    def run(self) -> None:
        """The thread's body."""
        while True:
            with self._changed:
                job, call, wait_s = self._next()
                if self._closing:
                    return
                if job is None and call is None:
                    self._changed.wait(wait_s)
                    continue
            if call is not None:
                call()
            if job is not None:
                self._produce(job)

    def _next(self) -> tuple[_Job | None, Callable[[], None] | None, float | None]:
        if self._calls:
            return None, self._calls.pop(0), None
        if not self._jobs:
            return None, None, None
        waits = ((self.pump.wait_s(job.due_frame, stream.phase), job)
                 for stream, job in self._jobs.items())  # fmt: skip
        wait_s, job = min(waits, key=lambda pair: pair[0])
        return (job, None, None) if wait_s <= 0 else (None, None, wait_s)

    def _produce(self, job: _Job) -> None:
        frame = max(job.due_frame, self.pump.frame_at(job.stream.phase))
        self.pump.produce(job, frame)
        job.due_frame = frame + 1
