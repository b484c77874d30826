"""Edits touch the lines of their own entry and no other byte, or write nothing at all."""

import difflib
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.config import edit
from cctv_gateway.config.edit import (
    add_camera,
    add_site,
    all_of,
    edit_file,
    set_account,
    set_account_disabled,
    set_camera_paused,
)
from cctv_gateway.config.load import load_bytes, load_file
from cctv_gateway.config.problems import ConfigError
from cctv_gateway.config.schema import Account, Camera, Site
from cctv_gateway.config.splice import Draft
from cctv_gateway.model import AccountId, CameraId, RevisionId, SiteId
from tests.config.documents import CITY, changed

KIM, CHOI = AccountId("kim"), AccountId("choi")


def account(**fields: Any) -> Account:
    return Account.model_validate_json(json.dumps({"name": "새 사람", **fields}))


def camera(**fields: Any) -> Camera:
    first = load_bytes(CITY.encode(), "x").configuration.cameras[0].model_dump(mode="json")
    address = {"host": "127.20.0.9", "rtsp_port": 8554}
    new = {**first, "id": "cam-9", "number": 9, "address": address, **fields}
    return Camera.model_validate_json(json.dumps(new))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cameras.yaml"
    path.write_text(CITY)
    return path


def differences(before: str, after: str) -> list[str]:
    """Added and removed lines."""
    lines = difflib.ndiff(before.split("\n"), after.split("\n"))
    return [line for line in lines if line[0] in "+-"]


def test_an_account_is_disabled_in_its_own_line(path: Path) -> None:
    loaded = edit_file(path, set_account_disabled(KIM, True))
    assert loaded.configuration.accounts[KIM].disabled
    assert differences(CITY, path.read_text()) == [
        "-   kim: {name: 김, roles: [{role: parking_officer, agency: buk}]}",
        "+   kim: {name: 김, roles: [{role: parking_officer, agency: buk}], disabled: true}",
    ]
    edit_file(path, set_account_disabled(KIM, False))
    assert "disabled: false}" in path.read_text()


def test_comments_and_list_style_of_the_entry_stay(path: Path) -> None:
    edit_file(path, set_account_disabled(CHOI, True))
    assert differences(CITY, path.read_text()) == ["+     disabled: true"]


def test_what_is_so_already_is_not_written(path: Path) -> None:
    before = path.stat()
    edit_file(path, set_account_disabled(KIM, False))
    assert path.stat().st_ino == before.st_ino
    assert path.read_text() == CITY


def test_a_camera_is_added_at_the_end_of_its_list(path: Path) -> None:
    loaded = edit_file(path, add_camera(camera()))
    assert loaded.configuration.cameras[-1] == camera()
    lines = differences(CITY, path.read_text())
    assert lines[0] == "+   - id: cam-9"
    assert "+     address: {host: 127.20.0.9, rtsp_port: 8554}" in lines
    assert all(line.startswith("+") for line in lines)


def test_a_site_and_its_camera_are_written_at_once(path: Path) -> None:
    site = Site.model_validate_json(
        '{"district": "seo", "name": "새 곳", "location": {"lat": 35.0, "lon": 126.0}}'
    )
    at = SiteId("seo-9")
    loaded = edit_file(path, all_of(add_site(at, site), add_camera(camera(site="seo-9"))))
    assert loaded.configuration.sites[at] == site
    assert loaded.configuration.cameras[-1].site == at


def test_accounts_are_added_and_set(path: Path) -> None:
    new = AccountId("lee.new")
    roles = [{"role": "auditor", "agency": "center"}]
    edit_file(path, set_account(new, account(roles=roles, shift="day")))
    edit_file(path, set_account(KIM, account(roles=[])))
    accounts = load_file(path).configuration.accounts
    assert accounts[new] == account(roles=roles, shift="day")
    assert accounts[KIM] == account(roles=[])
    assert "  kim: {name: 새 사람, roles: []}\n" in path.read_text()


def test_a_camera_is_paused_and_resumed(path: Path) -> None:
    edit_file(path, set_camera_paused(CameraId("cam-1"), True))
    assert differences(CITY, path.read_text()) == ["+     paused: true"]
    edit_file(path, set_camera_paused(CameraId("cam-1"), False))
    assert differences(CITY, path.read_text()) == ["+     paused: false"]


def test_comments_below_the_last_entry_stay_below_it() -> None:
    text = "cameras:\n  - id: a  # one\n    number: 1\n    # more of a\n\n# rules\nrules: []\n"
    added = add_camera(camera())(Draft.of(text))
    assert added.startswith(text[: text.index("\n\n# rules")] + "\n  - id: cam-9\n")
    assert added.endswith("\n\n# rules\nrules: []\n")


def test_blank_lines_between_entries_are_kept_up() -> None:
    text = "cameras:\n  - id: a\n\n  - id: b\n"
    assert "  - id: b\n\n  - id: cam-9\n" in add_camera(camera())(Draft.of(text))


@pytest.mark.parametrize(
    "text",
    [
        "cameras: []\n",
        "# head\nversion: 1\n",
        "cameras:\nversion: 1 # last\n",
        "cameras: [{id: a}]\n",
        "cameras:\n- id: a\n  number: 1\n",
        "{version: 1, cameras: []}\n",
    ],
)
def test_a_camera_finds_its_place_in_any_layout(text: str) -> None:
    after = Draft.of(add_camera(camera())(Draft.of(text)))
    assert after.document.faults == ()
    assert after.entry("cameras")[-1]["id"] == "cam-9"
    before = Draft.of(text).entry("cameras") or []
    assert after.entry("cameras")[:-1] == before


@pytest.mark.parametrize(
    "text",
    [
        "accounts: {kim: {name: a}, lee: {name: b}} # all\n",
        "accounts:\n    kim:\n        name: a\n# left\n        contractor: false\n",
        "x: &kim {name: a}\naccounts:\n  kim: *kim\n",
        "accounts:\n  kim: &k {name: a}\n  lee: *k\n",
        "accounts:\n  'kim':\n    name: >\n      folded\n      text\n\n  lee: {name: b}\n",
    ],
)
def test_an_account_is_found_in_any_layout(text: str) -> None:
    after = Draft.of(set_account_disabled(KIM, True)(Draft.of(text)))
    assert after.entry("accounts", "kim", "disabled") is True
    assert after.text.count("#") == text.count("#")
    for other in ("lee", "x"):
        assert after.entry("accounts", other) == Draft.of(text).entry("accounts", other)
    assert after.entry("x") == Draft.of(text).entry("x")


def test_windows_line_ends_and_byte_order_marks_stay(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + CITY.replace("\n", "\r\n").encode())
    edit_file(path, set_account_disabled(KIM, True))
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfversion")
    assert data.count(b"\r\n") == data.count(b"\n") == CITY.count("\n")


def test_mode_and_links_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    edit_file(link, set_account_disabled(KIM, True))
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert load_file(path).configuration.accounts[KIM].disabled
    assert sorted(os.listdir(tmp_path)) == ["cameras.yaml", "link.yaml"]


REFUSED: list[tuple[edit.Change, str]] = [
    (add_camera(camera(number=1)), "DUPLICATE_NUMBER"),
    (add_camera(camera(id="cam-1")), "DUPLICATE_ID"),
    (add_camera(camera(site="nowhere")), "UNKNOWN_REFERENCE"),
    (add_camera(camera(masks={})), "MASK_MISSING"),
    (set_account(KIM, account(roles=[{"role": "x", "agency": "buk"}])), "UNKNOWN_REFERENCE"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
def test_a_bad_result_is_never_written(path: Path, change: edit.Change, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        edit_file(path, change)
    assert caught.value.problems[0].code == code
    assert path.read_text() == CITY


@pytest.mark.parametrize(
    "text",
    ["a: {", "5\n", "", changed(("kim: {name: 김,", "kim: {name: 김, name: 이,")),
     changed(("accounts:\n", "accounts: 3\nx:\n")), changed(("number: 1", "number: x"))],
)  # fmt: skip
@pytest.mark.parametrize("change", [set_account_disabled(KIM, True), add_camera(camera())])
def test_a_bad_file_is_not_edited(path: Path, text: str, change: edit.Change) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError):
        edit_file(path, change)
    assert path.read_text() == text


@pytest.mark.parametrize(
    "change",
    [
        set_account_disabled(AccountId("nobody"), True),
        set_camera_paused(CameraId("none"), True),
    ],
)
def test_what_is_not_there_is_not_found(path: Path, change: edit.Change) -> None:
    with pytest.raises(GatewayError) as caught:
        edit_file(path, change)
    assert caught.value.kind is ErrorKind.NOT_FOUND


def test_a_file_that_changed_since_it_was_seen_is_a_conflict(path: Path) -> None:
    with pytest.raises(GatewayError) as caught:
        edit_file(path, set_account_disabled(KIM, True), expected=RevisionId("older"))
    assert (caught.value.kind, caught.value.code) == (ErrorKind.CONFLICT, "CONFIG_CHANGED")
    edit_file(path, set_account_disabled(KIM, True), expected=load_file(path).revision)


def test_a_hand_edit_in_the_meantime_is_never_overwritten(path: Path) -> None:
    def slow(draft: Draft) -> str:
        path.write_text(CITY + "# by hand\n")
        return set_account_disabled(KIM, True)(draft)

    with pytest.raises(GatewayError) as caught:
        edit_file(path, slow)
    assert caught.value.code == "CONFIG_CHANGED"
    assert path.read_text() == CITY + "# by hand\n"


def test_edits_at_the_same_time_all_arrive(path: Path) -> None:
    def work(number: int) -> Callable[[], object]:
        new = AccountId(f"new{number}")
        return lambda: edit_file(path, set_account(new, account(name=f"사람 {number}")))

    threads = [threading.Thread(target=work(number)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_file(path).configuration.accounts) == 8


def test_a_directory_that_takes_no_file_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(edit, "replace_file", full)
    with pytest.raises(GatewayError) as caught:
        edit_file(path, set_account_disabled(KIM, True))
    assert caught.value.code == "CONFIG_NOT_WRITABLE"
    assert "no space left" in caught.value.message


NAMES = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co", "Cc", "Zl", "Zp")),
    min_size=1,
    max_size=30,
)


@given(NAMES, NAMES)
def test_any_name_is_written_so_that_it_reads_the_same(name: str, name_en: str) -> None:
    new = Account(name=name, name_en=name_en)
    text = set_account(KIM, new)(Draft.of(CITY))
    assert Draft.of(text).entry("accounts", "kim", "name") == name
    text = set_account(AccountId("new"), new)(Draft.of(CITY))
    assert Draft.of(text).entry("accounts", "new") == {"name": name, "name_en": name_en}
