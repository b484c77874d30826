"""One stream for all who watch it: subscribes to the hub once and packetises each unit once.

What a viewer does with a frame (numbering, sealing, pacing) belongs to `egress.py`.
"""

from collections.abc import Sequence
from typing import Protocol

from cctv_gateway.base.meter import Meter
from cctv_gateway.hub.hub import Hub, Subscription
from cctv_gateway.model import AccessUnit, Codec, StreamKey
from cctv_gateway.publish.packetise import Frame

_SPS = 7
# Looking up a member in its enumeration costs as much as a call.
_PLAYABLE = Codec.H264


class FrameListener(Protocol):
    """Who takes frames; all calls return at once."""

    def take(self, frame: Frame) -> None: ...

    def interrupted(self) -> None: ...

    def failed(self) -> None:
        """A call above raised, which is a bug of ours; called while it is being handled."""


class Seat:
    """One viewer's place at a feed: it creates demand at once and listens when it is ready."""

    def __init__(self, feed: "Feed") -> None:
        self._feed = feed
        self._listener: FrameListener | None = None
        self._left = False

    @property
    def key(self) -> StreamKey:
        return self._feed.key

    def listen(self, listener: FrameListener) -> None:
        """Give all further frames to `listener`, and to no earlier one."""
        assert not self._left, "a seat that was left hears nothing"
        self._feed._replace(self._listener, listener)
        self._listener = listener

    def replay(self) -> Sequence[Frame]:
        """The current GOP, keyframe first; empty before the first keyframe."""
        return self._feed.replay()

    def profile_idc(self) -> int | None:
        """The H.264 profile of the stream, from its SPS (ITU-T H.264 7.3.2.1.1), once known."""
        return self._feed.profile_idc()

    def leave(self) -> None:
        """Hear nothing more; safe to call twice."""
        if not self._left:
            self._left = True
            self._feed._leave(self._listener)


class Feed:
    """The hub's sink for all viewers of one stream."""

    def __init__(self, hub: Hub, meter: Meter) -> None:
        self._hub = hub
        self._meter = meter
        self._listeners: tuple[FrameListener, ...] = ()
        self._seats = 0
        self._subscription: Subscription | None = None

    @property
    def key(self) -> StreamKey:
        return self._hub.key

    @property
    def seats(self) -> int:
        return self._seats

    def join(self) -> Seat:
        self._seats += 1
        if self._subscription is None:
            self._subscription = self._hub.subscribe(self)
        return Seat(self)

    def deliver(self, unit: AccessUnit) -> None:
        if not self._listeners:
            return
        if unit.codec is not _PLAYABLE:
            self._meter.note("publish_codec_unsupported", unit.codec)
            return
        frame = Frame(unit)
        for listener in self._listeners:
            try:
                listener.take(frame)
            except Exception:
                self._expel(listener)

    def interrupted(self) -> None:
        for listener in self._listeners:
            try:
                listener.interrupted()
            except Exception:
                self._expel(listener)

    def replay(self) -> Sequence[Frame]:
        return [Frame(unit) for unit in self._hub.replay() if unit.codec is _PLAYABLE]

    def profile_idc(self) -> int | None:
        for unit in self._hub.replay()[:1]:
            for nal in unit.nals:
                if len(nal) > 1 and nal[0] & 0x1F == _SPS:
                    return nal[1]
        return None

    def _expel(self, listener: FrameListener) -> None:
        """One viewer's bug must not stop the camera for all others."""
        self._listeners = tuple(one for one in self._listeners if one is not listener)
        listener.failed()

    def _replace(self, old: FrameListener | None, new: FrameListener) -> None:
        self._listeners = (*(one for one in self._listeners if one is not old), new)

    def _leave(self, listener: FrameListener | None) -> None:
        self._listeners = tuple(one for one in self._listeners if one is not listener)
        self._seats -= 1
        if self._seats == 0 and self._subscription is not None:
            self._subscription.close()
            self._subscription = None


class Feeds:
    """The feeds that somebody watches now, one per stream."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._feeds: dict[StreamKey, Feed] = {}

    def join(self, hub: Hub) -> Seat:
        feed = self._feeds.get(hub.key)
        if feed is None or feed._hub is not hub:
            feed = self._feeds[hub.key] = Feed(hub, self._meter)
        return feed.join()

    def sweep(self) -> None:
        """Forget feeds that nobody sits at."""
        for key in [key for key, feed in self._feeds.items() if feed.seats == 0]:
            del self._feeds[key]
