"""The console's files, the plain pages, and the OpenAPI document that the console is made from."""

import gzip
import json
from pathlib import Path

import pytest

from cctv_gateway.base.clock import ManualClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.web import openapi
from cctv_gateway.web.console_files import ConsoleFiles
from tests.web.world import SITE, World, make_world

KEPT = Path(openapi.__file__).parent.parent / "console" / "openapi.json"


@pytest.mark.parametrize("url", ["/", "/cameras", "/wall/4", "/index.html"])
async def test_the_console_draws_its_own_screens(world: World, url: str) -> None:
    async with world.browser() as client:
        answer = await client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "<title>console</title>" in answer.text


async def test_hashed_files_are_kept_for_ever(world: World) -> None:
    async with world.browser() as client:
        plain = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
        packed = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip, br"})
        same = await client.get(
            "/assets/app-1a2b.js", headers={"If-None-Match": plain.headers["ETag"]}
        )
        head = await client.head("/assets/app-1a2b.js")
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "javascript" in plain.headers["Content-Type"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.text == plain.text
    assert same.status_code == 304
    assert head.status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "/assets/none.js",
        "/../world.py",
        "/..%2fworld.py",
        "/assets/..%2f..%2fworld.py",
        "/%2e%2e/conftest.py",
        "/assets/%00.js",
    ],
)
async def test_nothing_else_is_served(world: World, url: str) -> None:
    async with world.browser() as client:
        assert (await client.get(url)).status_code == 404


async def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x")
    (tmp_path / "leak.html").symlink_to(SITE / "index.html")
    files = ConsoleFiles(tmp_path)
    assert files.find("leak.html") is None
    assert files.find("") is not None


async def test_small_files_are_not_packed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>small")
    (tmp_path / "long.css").write_text("a{}\n" * 1000)
    files = ConsoleFiles(tmp_path)
    small, long = files.find("index.html"), files.find("long.css")
    assert small is not None
    assert long is not None
    assert small.gzipped is None
    assert long.gzipped is not None
    assert gzip.decompress(long.gzipped) == long.body


async def test_without_a_build_a_page_says_what_to_do(
    clock: ManualClock, meter: Meter, tmp_path: Path
) -> None:
    world = make_world(clock, meter, console=ConsoleFiles(tmp_path))
    async with world.browser() as client:
        answer = await client.get("/")
        assert answer.status_code == 503
        assert "make setup" in answer.text
        assert (await client.get("/cameras")).status_code == 503
        assert (await client.get("/app.js")).status_code == 404
        assert (await client.get("/docs")).status_code == 200


def test_the_kept_document_is_current() -> None:
    assert KEPT.read_text(encoding="utf-8") == openapi.text(), "run `make docs`"


async def test_the_served_document_is_the_kept_one(world: World) -> None:
    async with world.browser() as client:
        assert (await client.get("/openapi.json")).json() == json.loads(KEPT.read_text())
        page = (await client.get("/docs")).text
    assert "POST" in page
    assert "/api/views" in page
    assert "<script" not in page


def test_the_document_is_whole() -> None:
    document = json.loads(openapi.text())
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert _references(document) <= known
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["operationId"]
            assert operation["description"]
            assert operation["x-right"]
    bodies = [
        name for name in document["components"]["schemas"] if name.endswith(("Request", "Choice"))
    ]
    for name in bodies:
        if document["components"]["schemas"][name].get("properties"):
            assert document["components"]["schemas"][name]["examples"]


def _references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    if isinstance(part, list):
        return set[str]().union(*map(_references, part))
    return set()
