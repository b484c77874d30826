"""Privacy as a failing test: no address, password or secret in a log, an error or an answer."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.redact import redact
from tests.web.test_rights import BODIES, FILLED, STREAMS, operations
from tests.web.whole import Whole, whole_web
from tests.web.world import CAMERA_ADDRESS, CAMERA_PATH, ORIGIN, PASSWORD, PEOPLE, log_in

SDP = {"Content-Type": "application/sdp"}
WRONG = "hush-hush wrong password"
# The client's own log of what it asks is not the gateway's.
FOREIGN_LOGS = ("httpx", "httpcore", "asyncio")


class Watched:
    """A client that keeps every answer's text, headers included."""

    def __init__(self, whole: Whole) -> None:
        transport = httpx.ASGITransport(whole.app, client=("192.0.2.9", 5000))
        self.client = httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}
        )
        self.texts: list[str] = []

    async def ask(self, method: str, url: str, **options: object) -> httpx.Response:
        answer = await self.client.request(method, url, **options)  # type: ignore[arg-type]
        headers = [(name, text) for name, text in answer.headers.items() if name != "set-cookie"]
        self.texts.append(f"{method} {headers} {answer.text}")
        return answer


def walk(whole: Whole) -> Iterator[tuple[str, str]]:
    for method, path, _ in operations(whole.app):
        if path not in STREAMS | {"/api/logout", "/api/me"}:
            yield method, path


async def visit_all(whole: Whole, watched: Watched) -> None:
    """Every route as it is meant, and with nonsense."""
    for method, path in walk(whole):
        url = path
        for name, value in FILLED.items():
            url = url.replace(name, value)
        body = BODIES.get(path) if method != "GET" else None
        await watched.ask(method, url, json=body, params={"purpose": "crime_prevention"})
        nonsense = {"account": [WRONG], "password": [WRONG], "camera": CAMERA_ADDRESS}
        await watched.ask(method, url, json=nonsense, params={"limit": CAMERA_ADDRESS})


async def test_nothing_secret_leaves_the_gateway(
    clock: ManualClock, meter: Meter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "cctv_gateway")
    secrets = {CAMERA_ADDRESS, CAMERA_PATH, PASSWORD, WRONG, "$argon2id$"}
    logged_only: set[str] = set()
    async with whole_web(clock, meter, tmp_path) as whole:
        texts: list[str] = []
        for account in PEOPLE:
            watched = Watched(whole)
            async with watched.client as client:
                await watched.ask(
                    "POST", "/api/login", json={"account": account, "password": WRONG}
                )
                await log_in(client, account)
                secrets.add(client.cookies["cctv_session"])
                logged_only.add(client.headers["X-CSRF-Token"])
                opened = await client.post(
                    "/api/views", json={"camera": "cam-1", "purpose": "crime_prevention"}
                )
                if opened.status_code == 201:
                    url = opened.json()["whep_url"]
                    secrets.add(url.rpartition("/")[2])
                    answer = await client.post(url, content="v=0", headers=SDP)
                    secrets.add(answer.headers["Location"].rpartition("/")[2])
                    await client.patch(answer.headers["Location"], content=WRONG, headers=SDP)
                    await client.post(url, content="v=0", headers=SDP)
                await visit_all(whole, watched)
            texts += watched.texts
        whole.path.write_text(json.dumps({"cameras": [{"address": {"host": CAMERA_ADDRESS}}]}))
        await whole.watcher.reload()
        watched = Watched(whole)
        async with watched.client as client:
            await log_in(client, "admin")
            await watched.ask("GET", "/api/config")
        texts += watched.texts
    told = "\n".join(texts)
    assert len(texts) > 200
    assert not {one for one in secrets if one in told}
    formatter = logging.Formatter("%(name)s %(message)s")
    lines = [
        formatter.format(one) for one in caplog.records if not one.name.startswith(FOREIGN_LOGS)
    ]
    assert len(lines) > 200
    written = "\n".join(lines)
    assert not {one for one in secrets | logged_only if one in written}
    assert written == redact(written), "a log line holds an address"


@pytest.mark.parametrize(
    "text",
    ["at 198.51.100.77.", "at 198.51.100.77:554.", "198.51.100.77, and", "(198.51.100.77:80)"],
)
def test_addresses_are_hidden_wherever_the_sentence_ends(text: str) -> None:
    assert "198" not in redact(text)
    assert "554" not in redact(text)
