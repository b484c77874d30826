"""A real Chromium, and a person in front of it who logs in, picks cameras and looks."""

import base64
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import cv2
import numpy as np
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright

from cctv_gateway.simulator.strip import Picture, StripReading, decode
from tests.e2e.gateway import PASSWORD

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

GRAB = """async ([selector, width]) => {
  const video = document.querySelector(selector);
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement('canvas');
  canvas.width = width; canvas.height = Math.round(width * video.videoHeight / video.videoWidth);
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').split(',')[1];
}"""


def installed_chromium() -> str | None:
    """An installed one; None leaves it to Playwright's own download."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def some_chromium() -> bool:
    cache = os.path.expanduser(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "~/.cache/ms-playwright"))
    downloaded = os.path.isdir(cache) and any(x.startswith("chromium") for x in os.listdir(cache))
    return installed_chromium() is not None or downloaded


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        yield browser
        await browser.close()


class Person:
    """Somebody at the console; `complaints` holds what the page wrote to its error console."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        # Without a login the first question is answered with 401, which Chromium reports.
        expected = message.location.get("url", "").endswith("/api/me") and "401" in message.text
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(message.text)

    def part(self, test_id: str) -> Locator:
        return self.page.get_by_test_id(test_id)

    async def log_in(self, url: str, account: str) -> None:
        await self.page.goto(url)
        await self.part("login-account").fill(account)
        await self.part("login-password").fill(PASSWORD)
        await self.part("login-submit").click()
        await self.part("status-role").wait_for()

    async def choose_purpose(self, purpose: str) -> None:
        await self.part(f"purpose-option-{purpose}").click()
        await self.part("wall").wait_for()

    async def show(self, tile: int, number: int) -> None:
        """Put a camera into a tile of the wall."""
        await self.part(f"tile-{tile}").click()
        await self.page.locator(f'[data-testid="camera-row"][data-number="{number}"]').click()

    async def picture(self, tile: int, width: int = 640) -> Picture | None:
        """What the tile's video shows right now, as BGR."""
        selector = f'[data-testid="tile-video-{tile}"]'
        png = await self.page.evaluate(GRAB, [selector, width])
        if png is None:
            return None
        data = np.frombuffer(base64.b64decode(png), dtype=np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)

    async def strip(self, tile: int) -> StripReading | None:
        shown = await self.picture(tile)
        return None if shown is None else decode(shown)

    async def call(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """A request of the logged-in page, as its own script would make it."""
        answer = await self.page.evaluate(
            """async ([method, path, body]) => {
              const me = await (await fetch('/api/me')).json();
              const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf};
              const text = body === null ? undefined : JSON.stringify(body);
              const answer = await fetch(path, {method, headers, body: text});
              return [answer.status, await answer.text()];
            }""",
            [method, path, body],
        )
        return int(answer[0]), str(answer[1])


async def until(
    look: Callable[[], Awaitable[bool]], what: str, page: Page, timeout_s: float = 10.0
) -> None:
    """Look again and again; fails with `what` when it does not come true in time."""
    for _ in range(int(timeout_s / 0.05)):
        if await look():
            return
        await page.wait_for_timeout(50)
    raise AssertionError(f"never saw: {what}")
