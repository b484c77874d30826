"""The built console as it lies in the package: which file a path means, how long it is kept.

Serving them over HTTP belongs in `routes/site.py`; building them belongs to the console.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DIST = Path(__file__).parent.parent / "console" / "dist"
INDEX = "index.html"
# Vite puts files whose name holds a hash of their content here.
HASHED = "assets/"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
_TEXTUAL = ("text/", "application/javascript", "application/json", "image/svg")
_MIN_GZIP_BYTES = 1400


@dataclass(frozen=True)
class ConsoleFile:
    """One file, read once."""

    body: bytes
    media_type: str
    cache_control: str

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'

    @cached_property
    def gzipped(self) -> bytes | None:
        """The body compressed, for text that is long enough to gain."""
        if len(self.body) < _MIN_GZIP_BYTES or not self.media_type.startswith(_TEXTUAL):
            return None
        return gzip.compress(self.body, 6, mtime=0)


class ConsoleFiles:
    """All files of a build by their path. Only what was there at the start is ever served."""

    def __init__(self, folder: Path = DIST) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _read(path, folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }

    def find(self, path: str) -> ConsoleFile | None:
        """The file at a path, or the page itself where the console draws a screen of its own."""
        found = self._files.get(path)
        return self._files.get(INDEX) if found is None and is_screen(path) else found

    @property
    def is_built(self) -> bool:
        return INDEX in self._files


def is_screen(path: str) -> bool:
    """Whether a path names a screen of the console rather than a file."""
    return "." not in path.rpartition("/")[2]


def _read(path: Path, folder: Path) -> ConsoleFile:
    name = path.relative_to(folder).as_posix()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    kept = IMMUTABLE if name.startswith(HASHED) else REVALIDATE
    return ConsoleFile(path.read_bytes(), media_type, kept)
