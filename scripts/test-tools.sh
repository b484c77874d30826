#!/usr/bin/env bash
# Fetches the foreign programs that tests use: a Chromium, GStreamer's RTSP server, PostgreSQL, coturn.
# Without root it says what is missing; the tests that need it are then skipped, visibly.
set -uo pipefail

packages=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null ||
  command -v google-chrome >/dev/null || packages+=(chromium)
/usr/bin/python3 -c '
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GstRtspServer' 2>/dev/null ||
  packages+=(python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good
    gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly)
command -v fc-list >/dev/null && fc-list :lang=ko | grep -q . || packages+=(fontconfig fonts-noto-cjk)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || packages+=(postgresql)

[ ${#packages[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "==> not found, its tests will be skipped: ${packages[*]}"
elif [ "$(id -u)" -ne 0 ]; then
  echo "==> not found, its tests will be skipped. To run them: sudo apt-get install ${packages[*]}"
else
  echo "==> installing for the tests: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
    echo "==> could not install ${packages[*]}; its tests will be skipped"
fi
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
  echo "==> no Chromium from packages, trying Playwright's own"
  .venv/bin/playwright install chromium || echo "==> no browser: browser tests will be skipped"
fi
exit 0
