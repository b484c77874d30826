"""How the relay reaches each camera: addresses from the file joined with logins from the vault.

The only place where both meet; nothing here is shown or logged.
"""

from collections.abc import Mapping

from cctv_gateway.base.redact import Redacted
from cctv_gateway.config.schema import Camera, Configuration
from cctv_gateway.config.vault import Vault
from cctv_gateway.model import CameraId, CameraLink, Profile


def camera_links(configuration: Configuration, vault: Vault) -> Mapping[CameraId, CameraLink]:
    """The links of all cameras. One whose login is not in the vault has no credentials."""
    return {camera.id: _link(camera, vault) for camera in configuration.cameras}


def missing_credentials(configuration: Configuration, vault: Vault) -> tuple[str, ...]:
    """Names that cameras use and the vault lacks, in order."""
    used = {camera.credentials for camera in configuration.cameras if camera.credentials}
    return tuple(sorted(used - set(vault.names())))


def _link(camera: Camera, vault: Vault) -> CameraLink:
    main = camera.streams.main
    return CameraLink(
        camera=camera.id,
        urls={
            Profile.MAIN: _url(camera, main),
            Profile.SUB: _url(camera, camera.streams.sub or main),
        },
        credentials=vault.find(camera.credentials) if camera.credentials else None,
        masks=camera.masks,
    )


def _url(camera: Camera, path: str) -> Redacted[str]:
    host = camera.address.host
    authority = f"[{host}]" if ":" in host else host
    return Redacted(f"rtsp://{authority}:{camera.address.rtsp_port}{path}")
