"""`cctv-gateway secret …`: logins of cameras, kept encrypted under the names cameras.yaml uses.

They are written and never shown again.
"""

from pathlib import Path

from cctv_gateway.cli.asking import ask_secret
from cctv_gateway.cli.screen import Exit, out
from cctv_gateway.config.vault import Vault
from cctv_gateway.data_folder import DataFolder


def keep(name: str, user: str, data: Path) -> Exit:
    folder = DataFolder(data)
    folder.make()
    Vault(folder.vault_file).set(name, user, ask_secret("camera password"))
    out.print(f"{name} is kept.")
    return Exit.OK


def show(data: Path) -> Exit:
    folder = DataFolder(data)
    folder.make()
    for name in Vault(folder.vault_file).names():
        out.print(name)
    return Exit.OK
