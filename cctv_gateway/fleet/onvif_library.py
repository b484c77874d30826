"""Loads the ONVIF library off the loop, once, and keeps one copy of its schemas for all cameras.

What is asked of a camera belongs in `onvif_client.py`; the library's habits stay in here.
"""

import asyncio
import importlib
import logging
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from cctv_gateway.fleet.answers import DEVICE, MEDIA, MEDIA2, PTZ
from cctv_gateway.fleet.wire import CameraWire

_OWN_SCHEMAS = Path(__file__).parent / "wsdl"
_BINDINGS = {
    DEVICE: ("devicemgmt.wsdl", "DeviceBinding"),
    MEDIA: ("media.wsdl", "MediaBinding"),
    PTZ: ("ptz.wsdl", "PTZBinding"),
    MEDIA2: ("media2.wsdl", "Media2Binding"),
}
# These write addresses into the log at INFO or DEBUG.
_TALKATIVE = ("onvif", "zeep", "httpx", "httpcore", "aiohttp")


class OnvifLibrary:
    """The shared schema cache. Parsing a schema takes long, so each is parsed once, in a thread."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._onvif: Any = None
        self._zeep: Any = None
        self._ready: set[str] = set()

    async def service(self, namespace: str, url: str, wire: CameraWire) -> Any:
        """A service of one camera, for `call`; close it with `await service.close()`."""
        await self._load()
        if namespace in self._ready:
            return await self._service(namespace, url, wire)
        async with self._turn:
            service = await self._service(namespace, url, wire)
            self._ready.add(namespace)
            return service

    async def warm_up(self) -> None:
        """Load and parse all that a scan needs, before the first camera waits for it."""
        wire = CameraWire()
        try:
            for namespace in _BINDINGS:
                await (await self.service(namespace, "http://localhost/", wire)).close()
        finally:
            await wire.close()

    async def _load(self) -> None:
        if self._onvif is not None:
            return
        async with self._turn:
            if self._onvif is None:
                self._onvif, self._zeep = await asyncio.to_thread(_import_quietly)

    async def _service(self, namespace: str, url: str, wire: CameraWire) -> Any:
        file, binding = _BINDINGS[namespace]
        folder = _OWN_SCHEMAS if namespace == MEDIA2 else Path(self._onvif.client._WSDL_PATH)
        service = self._onvif.ONVIFService(
            url, None, None, str(folder / file), no_cache=True,
            binding_name=f"{{{namespace}}}{binding}",
        )  # fmt: skip
        service.transport = wire
        async with AsyncExitStack() as stack:
            stack.push_async_callback(service.close)
            await service.setup()
            stack.pop_all()
        # Answers come back as bytes: the library's parser lifts libxml2's limits on depth and
        # size, and raises whatever Python error a strange answer causes.
        raw = self._zeep.Settings(strict=False, raw_response=True)
        service.zeep_client.settings = service.zeep_client_authless.settings = raw
        return service

    def token(self, user: str, password: str, created: datetime) -> Any:
        """A WS-UsernameToken (password digest) made at `created` by the camera's own clock."""
        return self._zeep.wsse.username.UsernameToken(
            user, password, use_digest=True, zulu_timestamp=True,
            created=created.replace(tzinfo=None, microsecond=0),
        )  # fmt: skip


async def call(service: Any, operation: str, arguments: dict[str, Any], token: Any = None) -> Any:
    """Run one operation and return the wire's `Answer`."""
    if token is None:
        return await getattr(service.ws_client_authless, operation)(**arguments)
    service.zeep_client.wsse = token
    return await getattr(service.ws_client, operation)(**arguments)


def _import_quietly() -> tuple[Any, Any]:
    """Import the library and undo its `basicConfig`, which would log at INFO from then on."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    onvif = importlib.import_module("onvif")
    zeep = importlib.import_module("zeep")
    importlib.import_module("zeep.wsse.username")
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    return onvif, zeep
