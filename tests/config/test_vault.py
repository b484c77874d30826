"""Camera logins: sealed at rest, hidden in memory, refused when anything is not as it should be."""

import base64
import logging
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.config.vault import KEY_VARIABLE, MAGIC, Vault

PASSWORD = "correct horse"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault"


def code_of(caught: pytest.ExceptionInfo[GatewayError]) -> str:
    return caught.value.code


def test_what_was_set_is_got(path: Path) -> None:
    Vault(path, {}).set("buk-default", "admin", PASSWORD)
    Vault(path, {}).set("seo-default", "root", "")
    vault = Vault(path, {})
    found = vault.get("buk-default")
    assert (found.user.reveal(), found.password.reveal()) == ("admin", PASSWORD)
    assert vault.names() == ("buk-default", "seo-default")
    vault.remove("buk-default")
    assert Vault(path, {}).names() == ("seo-default",)
    assert vault.find("buk-default") is None


def test_nothing_is_in_clear(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    vault = Vault(path, {})
    vault.set("buk-default", "admin", PASSWORD)
    data = path.read_bytes()
    assert PASSWORD.encode() not in data
    assert b"buk-default" not in data
    shown = f"{vault!r} {vault.get('buk-default')!r} {vars(vault)!r} {caplog.text}"
    assert PASSWORD not in shown
    assert "admin" not in shown


def test_files_are_private(path: Path) -> None:
    os.umask(0)
    Vault(path, {}).set("a", "u", "p")
    for file in (path, path.with_name("vault.key")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(os.listdir(path.parent)) == 2


@pytest.mark.parametrize("name", ["vault", "vault.key"])
def test_a_file_that_others_may_read_is_refused(path: Path, name: str) -> None:
    Vault(path, {}).set("a", "u", "p")
    path.with_name(name).chmod(0o640)
    with pytest.raises(GatewayError) as caught:
        Vault(path, {}).get("a")
    assert code_of(caught) == "VAULT_MODE"


def test_a_key_from_the_environment_leaves_no_key_file(path: Path) -> None:
    environ = {KEY_VARIABLE: base64.b64encode(b"k" * 32).decode()}
    Vault(path, environ).set("a", "u", "p")
    assert os.listdir(path.parent) == ["vault"]
    assert Vault(path, environ).get("a").password.reveal() == "p"
    with pytest.raises(GatewayError) as caught:
        Vault(path, {})
    assert code_of(caught) == "VAULT_UNREADABLE"
    other = {KEY_VARIABLE: base64.b64encode(b"x" * 32).decode()}
    with pytest.raises(GatewayError) as caught:
        Vault(path, other).get("a")
    assert code_of(caught) == "VAULT_SEALED"


@pytest.mark.parametrize("key", ["", "short", "가", base64.b64encode(b"k" * 31).decode()])
def test_a_bad_key_is_refused_without_telling_it(path: Path, key: str) -> None:
    with pytest.raises(GatewayError) as caught:
        Vault(path, {KEY_VARIABLE: key})
    assert code_of(caught) == "VAULT_KEY"
    assert not key or key not in caught.value.message


@pytest.mark.parametrize(
    ("name", "user", "password"),
    [("A", "u", "p"), ("", "u", "p"), ("a b", "u", "p"), ("a", "", "p"), ("a", "u\n", "p"),
     ("a", "u", "p\x00"), ("a", "u" * 257, "p"), ("a\n", "u", "p")],
)  # fmt: skip
def test_bad_logins_are_refused(path: Path, name: str, user: str, password: str) -> None:
    vault = Vault(path, {})
    with pytest.raises(GatewayError) as caught:
        vault.set(name, user, password)
    assert code_of(caught) == "CREDENTIALS_INVALID"
    assert vault.names() == ()


def test_an_unknown_login_is_not_found(path: Path) -> None:
    vault = Vault(path, {})
    for ask in (vault.get, vault.remove):
        with pytest.raises(GatewayError) as caught:
            ask("nobody")
        assert caught.value.kind is ErrorKind.NOT_FOUND


def test_another_process_is_seen_and_not_overwritten(path: Path) -> None:
    one, other = Vault(path, {}), Vault(path, {})
    one.set("a", "u", "p")
    assert other.get("a").user.reveal() == "u"
    other.set("b", "u", "p")
    one.set("c", "u", "p")
    assert other.names() == ("a", "b", "c")


@given(position=st.integers(0, 200), bit=st.integers(0, 7), cut=st.integers(0, 200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_or_cut_file_never_opens(path: Path, position: int, bit: int, cut: int) -> None:
    Vault(path, {}).set("a", "u", "p")
    data = bytearray(path.read_bytes())
    data[position % len(data)] ^= 1 << bit
    for broken in (bytes(data), path.read_bytes()[: cut % len(data)]):
        path.write_bytes(broken)
        with pytest.raises(GatewayError) as caught:
            Vault(path, {}).names()
        assert code_of(caught) == "VAULT_SEALED"
    path.unlink()


def test_the_format_is_named_in_the_file(path: Path) -> None:
    Vault(path, {}).set("a", "u", "p")
    assert path.read_bytes().startswith(MAGIC)
