"""Each command says what it did, fails with one line that names the fix, and has its exit code."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from cctv_gateway.base.clock import SystemClock
from cctv_gateway.base.meter import Meter
from cctv_gateway.base.tasks import TaskOwner
from cctv_gateway.cli.screen import Exit
from cctv_gateway.control.audit import AuditEvent, AuditKind
from cctv_gateway.control.audit_log import AuditLog
from cctv_gateway.data_folder import DataFolder, opened
from cctv_gateway.model import AccountId
from tests.cli.conftest import Run

PASSWORD = "long-enough-1\n"
COMMANDS = [
    ("run",), ("demo",), ("simulate",), ("discover",), ("check",), ("user", "add"),
    ("audit", "list"), ("secret", "set"), ("bench", "relay"), ("bench", "city"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(run: Run, words: tuple[str, ...]) -> None:
    shown = run(*words, "--help")
    assert shown.code == Exit.OK
    assert "Example: cctv-gateway" in " ".join(shown.out.split())


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--port", "65536"), ("run", "--media-port", "-1"), ("run", "--log-level", "loud"),
        ("demo", "--port", "99999"), ("simulate", "--rtsp-port", "65536"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_impossible_options_are_refused_before_anything_starts(
    run: Run, words: tuple[str, ...]
) -> None:
    shown = run(*words)
    assert shown.code == Exit.USAGE
    assert words[1] in shown.err
    assert "Traceback" not in shown.err


def test_a_sound_file_is_called_sound(run: Run, config: Path) -> None:
    shown = run("check", config)
    assert (shown.code, "sound, 1 cameras" in shown.out) == (Exit.OK, True)


def test_everything_wrong_with_a_file_is_said_with_its_place(run: Run, config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    bad = text.replace("site: buk-0001", "site: nowhere").replace("number: 1\n", "number: 9999\n")
    config.write_text(bad, encoding="utf-8")
    shown = run("check", config)
    line = next(n for n, row in enumerate(bad.splitlines(), 1) if "number: 9999" in row)
    assert shown.code == Exit.FOUND_WRONG
    assert f"cameras.yaml:{line}:" in shown.err
    found = json.loads(run("check", config, "--json").out)
    assert {"line", "column", "code", "message", "message_ko", "fix"} <= found[0].keys()


def test_a_missing_file_is_one_line(run: Run, tmp_path: Path) -> None:
    shown = run("check", tmp_path / "none.yaml")
    assert shown.code == Exit.FOUND_WRONG
    assert "none.yaml" in shown.err


def test_an_account_is_added_listed_disabled_and_enabled(
    run: Run, config: Path, tmp_path: Path
) -> None:
    where = ("--config", config, "--data", tmp_path / "data")
    person = ("--role", "control_operator", "--agency", "control_center", "--name", "이관제")
    assert run("user", "add", "lee", *person, *where, stdin=PASSWORD).code == Exit.OK
    assert "# 모의 도시 설정" in config.read_text(encoding="utf-8")
    rows = run("user", "list", *where).out
    assert "lee" in rows
    assert "ready" in rows
    run("user", "disable", "lee", "--config", config)
    assert "disabled" in run("user", "list", *where).out
    run("user", "enable", "lee", "--config", config)
    again = run("user", "add", "lee", *person, *where, stdin=PASSWORD)
    assert (again.code, "ACCOUNT_EXISTS" in again.err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("words", "stdin", "says"),
    [
        (("passwd", "nobody"), PASSWORD, "ACCOUNT_UNKNOWN"),
        (("passwd", "parking"), "short\n", "PASSWORD_LENGTH"),
        (("passwd", "parking"), "", "NO_INPUT"),
        (("disable", "nobody"), "", "NOT_IN_CONFIG"),
    ],
)
def test_a_mistake_with_accounts_is_one_clear_line(
    run: Run, config: Path, tmp_path: Path, words: tuple[str, ...], stdin: str, says: str
) -> None:
    data = ("--data", tmp_path / "data") if words[0] == "passwd" else ()
    shown = run("user", *words, "--config", config, *data, stdin=stdin)
    assert shown.code == Exit.USAGE
    assert says in shown.err
    assert len(shown.err.strip().splitlines()) == 1


def test_a_password_that_is_set_is_in_the_record(run: Run, config: Path, tmp_path: Path) -> None:
    where = ("--data", tmp_path / "data")
    assert run("user", "passwd", "parking", "--config", config, *where, stdin=PASSWORD).code == 0
    listed = run("audit", "list", "--json", *where)
    assert "password.set" in listed.out
    assert "account parking" in listed.out
    assert PASSWORD.strip() not in listed.out
    assert run("audit", "verify", *where).code == Exit.OK


def test_a_camera_password_is_kept_and_never_shown(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    kept = run("secret", "set", "buk", "--user", "onvif", "--data", data, stdin="pa55word\n")
    listed = run("secret", "list", "--data", data)
    assert (kept.code, listed.out.strip()) == (Exit.OK, "buk")
    assert "pa55word" not in kept.out + kept.err + listed.out
    for file in data.iterdir():
        assert b"pa55word" not in file.read_bytes()


async def write_records(folder: DataFolder, count: int) -> None:
    async with opened(folder) as database, TaskOwner("test") as tasks:
        clock = SystemClock()
        log = AuditLog(folder.audit(database), clock=clock, meter=Meter(clock))
        tasks.start(log.run(), "audit")
        for number in range(count):
            await log.append(AuditEvent(AuditKind.LOGIN, account=AccountId(f"person-{number}")))


def test_records_are_listed_and_a_changed_one_is_found(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    asyncio.run(write_records(DataFolder(data), 5))
    assert "person-3" in run("audit", "list", "--data", data).out
    lines = run("audit", "list", "--data", data, "--last", 2, "--json").out.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [4, 5]
    whole = run("audit", "verify", "--data", data)
    assert (whole.code, "5 records" in whole.out) == (Exit.OK, True)
    with sqlite3.connect(data / "gateway.sqlite3") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit_records SET body = replace(body, 'person-2', 'person-9')")
    database.close()
    broken = run("audit", "verify", "--data", data)
    assert (broken.code, "record 3" in broken.err) == (Exit.FOUND_WRONG, True)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("run", "--host", "0.0.0.0"), Exit.USAGE, "--announce"),
        (("run", "--announce", "somewhere"), Exit.USAGE, "IP address"),
        (("demo", "--at", "25:99"), Exit.USAGE, "HH:MM"),
        (("simulate", "--cameras", "0"), Exit.USAGE, "--cameras"),
        (("no-such-command",), Exit.USAGE, "no-such-command"),
    ],
)
def test_a_mistake_in_options_names_the_option(
    run: Run, config: Path, tmp_path: Path, words: tuple[str, ...], code: Exit, says: str
) -> None:
    more = ("--config", config, "--data", tmp_path / "data") if words[0] == "run" else ()
    shown = run(*words, *more)
    assert shown.code == code
    assert says in shown.err


def test_a_bad_file_stops_the_start_with_every_problem(
    run: Run, config: Path, tmp_path: Path
) -> None:
    config.write_text("version: 2\nsurprise: 1\n", encoding="utf-8")
    shown = run("run", "--config", config, "--data", tmp_path / "data")
    assert shown.code == Exit.USAGE
    assert "cameras.yaml:1:" in shown.err
    assert "cameras.yaml:2:" in shown.err
