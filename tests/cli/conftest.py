"""The command line as a person or a script uses it: words in, exit code and outputs back."""

import io
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cctv_gateway.cli.main import main
from cctv_gateway.config.demo import DemoCamera, demo_document


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands log to the standard error of their time, which ends with the test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("COLUMNS", "160")

    def ran(*words: object, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["cctv-gateway", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return Ran(int(ended.value.code or 0), shown.out, shown.err)

    return ran


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "cameras.yaml"
    file.write_text(demo_document([DemoCamera(1, "127.20.0.1", 8554, 8080)]), encoding="utf-8")
    return file
