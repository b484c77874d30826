"""Changes `cameras.yaml` for screens and commands, with a person's comments and order kept.

A result that would be refused is never written. The watcher applies what was written.
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.config.files import directory_lock, replace_file
from cctv_gateway.config.load import (
    Loaded,
    decode,
    load_bytes,
    read_bounded,
    revision_of,
    well_formed,
)
from cctv_gateway.config.schema import Account, Camera, Section, Site
from cctv_gateway.config.splice import Draft, append_item, put_entry, update_item
from cctv_gateway.model import AccountId, CameraId, RevisionId, SiteId

BOM = "\ufeff".encode()

# What the text becomes; raises `GatewayError` when the change has no object.
Change = Callable[[Draft], str]


def edit_file(
    path: Path, change: Change, expected: RevisionId | None = None, today: date | None = None
) -> Loaded:
    """Apply `change` and write the file, if the result is sound; blocks like `load_file`.

    `expected` is the revision that the person has seen. Raises `ConfigError` for a file that is
    bad before or after, CONFLICT when somebody else changed it, and whatever `change` raises.
    """
    path = path.resolve()  # A link to the file stays a link.
    with directory_lock(path.parent):
        data = read_bounded(path)
        if expected is not None and revision_of(data) != expected:
            raise _conflict()
        result = _changed(data, path.name, change)
        after = load_bytes(result, path.name, today)
        if result != data:
            _write(path, data, result)
        return after


def _changed(data: bytes, file: str, change: Change) -> bytes:
    """The new bytes, with the byte order mark and the line ends of the old."""
    text = decode(data, file)
    draft = Draft.of(text.replace("\r\n", "\n"))
    if draft.document.faults or not well_formed(draft.document):
        load_bytes(data, file)  # Raises: what is not formed as a configuration cannot be edited.
    changed = change(draft)
    if "\r\n" in text:
        changed = changed.replace("\n", "\r\n")
    return (BOM if data.startswith(BOM) else b"") + changed.encode()


def _write(path: Path, expected: bytes, result: bytes) -> None:
    # An editor takes no lock: look once more, as late as possible.
    if read_bounded(path) != expected:
        raise _conflict()
    try:
        replace_file(path, result)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise GatewayError(
            ErrorKind.CONFLICT,
            "CONFIG_NOT_WRITABLE",
            f"{path.name} cannot be written ({reason}); nothing was changed.",
            f"{path.name} 파일에 쓸 수 없습니다({reason}). 변경된 내용이 없습니다.",
        ) from error


def _conflict() -> GatewayError:
    return GatewayError(
        ErrorKind.CONFLICT,
        "CONFIG_CHANGED",
        "The file was changed by somebody else in the meantime; look at it and try again.",
        "그동안 다른 사람이 파일을 변경했습니다. 내용을 확인하고 다시 시도하십시오.",
    )


def add_camera(camera: Camera) -> Change:
    """Add a camera at the end of the list; a used id or number is refused by the checks."""
    return lambda draft: append_item(draft, "cameras", _fields(camera))


def add_site(id: SiteId, site: Site) -> Change:
    return lambda draft: put_entry(draft, "sites", id, _fields(site))


def set_account(id: AccountId, account: Account) -> Change:
    """Add an account, or set all of its fields."""

    def change(draft: Draft) -> str:
        written = frozenset(draft.entry("accounts", id) or ())
        return put_entry(draft, "accounts", id, _fields(account, written))

    return change


def set_account_disabled(id: AccountId, disabled: bool) -> Change:
    """Disable or enable an account; raises NOT_FOUND."""

    def change(draft: Draft) -> str:
        account = draft.entry("accounts", id)
        if account is None:
            raise _unknown("account", "계정", id)
        if account.get("disabled", False) is disabled:
            return draft.text
        return put_entry(draft, "accounts", id, {"disabled": disabled})

    return change


def set_camera_paused(id: CameraId, paused: bool) -> Change:
    """Pause or resume the sharing of a camera; raises NOT_FOUND."""

    def change(draft: Draft) -> str:
        for index, camera in enumerate(draft.entry("cameras") or ()):
            if camera.get("id") == id:
                same = camera.get("paused", False) is paused
                return draft.text if same else _paused(draft, index, paused)
        raise _unknown("camera", "카메라", id)

    return change


def _paused(draft: Draft, index: int, paused: bool) -> str:
    return update_item(draft, "cameras", index, {"paused": paused})


def all_of(*changes: Change) -> Change:
    """Several changes that are written at once or not at all."""

    def change(draft: Draft) -> str:
        for each in changes[:-1]:
            draft = Draft.of(each(draft))
        return changes[-1](draft)

    return change


def _unknown(kind: str, kind_ko: str, id: str) -> GatewayError:
    return GatewayError(
        ErrorKind.NOT_FOUND,
        "NOT_IN_CONFIG",
        f"The file has no {kind} {id!r}.",
        f"파일에 {kind_ko} {id!r} 항목이 없습니다.",
    )


def _fields(section: Section, written: frozenset[str] = frozenset()) -> Mapping[str, Any]:
    """Plain values in the file's order: what is no default, and what is `written` already."""
    full = section.model_dump(mode="json")
    needed = section.model_dump(mode="json", exclude_defaults=True)
    return {
        name: needed.get(name, full[name]) for name in full if name in needed or name in written
    }
