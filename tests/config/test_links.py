"""Addresses and logins meet in links, and show up nowhere else."""

from pathlib import Path

from cctv_gateway.config.links import camera_links, missing_credentials
from cctv_gateway.config.load import load_bytes
from cctv_gateway.config.vault import Vault
from cctv_gateway.model import CameraId, Profile, Purpose
from tests.config.documents import changed

CONFIGURATION = load_bytes(
    changed(
        ("host: 127.20.0.2", 'host: "fd00::2", rtsp_port: 8554'),
        ("{main: /main}", '{main: "/cam/realmonitor?channel=1&subtype=0"}'),
    ).encode(),
    "cameras.yaml",
).configuration


def test_links(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault", {})
    assert missing_credentials(CONFIGURATION, vault) == ("buk-default",)
    assert camera_links(CONFIGURATION, vault)[CameraId("cam-1")].credentials is None
    vault.set("buk-default", "admin", "horse")
    assert missing_credentials(CONFIGURATION, vault) == ()
    links = camera_links(CONFIGURATION, vault)
    first, second = links[CameraId("cam-1")], links[CameraId("cam-2")]
    assert first.urls[Profile.MAIN].reveal() == "rtsp://127.20.0.1:554/main"
    assert first.urls[Profile.SUB].reveal() == "rtsp://127.20.0.1:554/sub"
    assert first.credentials == vault.get("buk-default")
    assert first.masks == {Purpose.PARKING_ENFORCEMENT: (((0.0, 0.1), (0.5, 0.1), (0.5, 0.5)),)}
    only = "rtsp://[fd00::2]:8554/cam/realmonitor?channel=1&subtype=0"
    assert {url.reveal() for url in second.urls.values()} == {only}
    assert second.credentials is None
    assert "127.20" not in repr(links)
    assert "horse" not in repr(links)


def test_links_that_did_not_change_are_equal(tmp_path: Path) -> None:
    """The relay leaves streams alone whose link is the same."""
    vault = Vault(tmp_path / "vault", {})
    assert camera_links(CONFIGURATION, vault) == camera_links(CONFIGURATION, vault)
