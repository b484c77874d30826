"""What Prometheus may read: request times, decisions, views, camera states, the meter's counts.

Labels are few and never personal: no account, camera, address or secret is one.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from cctv_gateway.model import CameraState

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class _Scraped(Collector):
    """Reads the living numbers when asked, so that nothing has to be kept in step."""

    def __init__(
        self,
        states: Callable[[], Mapping[CameraState, int]],
        counters: Callable[[], Mapping[str, int]],
        levels: Callable[[], Mapping[str, int]],
    ) -> None:
        self._states = states
        self._counters = counters
        self._levels = levels

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        states = GaugeMetricFamily(
            "cctv_camera_streams", "Camera streams by link state", labels=["state"]
        )
        found = self._states()
        for state in CameraState:
            states.add_metric([state.value], found.get(state, 0))
        yield states
        levels = GaugeMetricFamily("cctv_relay_open", "What the relay has open", labels=["name"])
        for name, level in sorted(self._levels().items()):
            levels.add_metric([name], level)
        yield levels
        counts = CounterMetricFamily(
            "cctv_events", "Bad input, drops and other counted happenings", labels=["name"]
        )
        for name, total in sorted(self._counters().items()):
            counts.add_metric([name], total)
        yield counts


class WebMetrics:
    """One registry per gateway, never the library's global one."""

    def __init__(
        self,
        *,
        states: Callable[[], Mapping[CameraState, int]] = dict,
        counters: Callable[[], Mapping[str, int]] = dict,
        levels: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Scraped(states, counters, levels))
        self.requests = Histogram(
            "cctv_http_request_seconds",
            "Time to the end of a response, without event streams",
            ["method", "route", "status"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.decisions = Counter(
            "cctv_view_decisions",
            "Requests to open a view, by answer",
            ["code"],
            registry=self._registry,
        )
        self.views = Gauge("cctv_views", "Open views", registry=self._registry)
        self.streams = Gauge("cctv_event_streams", "Open event streams", registry=self._registry)

    def text(self) -> bytes:
        """Prometheus' text format, version 0.0.4."""
        return generate_latest(self._registry)


def tally(states: Iterable[CameraState]) -> Mapping[CameraState, int]:
    return Tally(states)
