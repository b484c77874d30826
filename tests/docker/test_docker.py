"""What can be known of the container files without running them: linted, pinned, unprivileged."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[2] / "docker"
# Some images are built without a user of their own; compose then names one.
PINNED = re.compile(r"^[\w./-]+:v?\d+\.\d+[\w.-]*$")


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load((FOLDER / "compose.yaml").read_text())
    return loaded


def services() -> list[Any]:
    return [pytest.param(service, id=name) for name, service in compose()["services"].items()]


def test_the_dockerfile_passes_its_linter() -> None:
    hadolint = shutil.which("hadolint") or str(Path(".venv/bin/hadolint").resolve())
    if not Path(hadolint).exists():
        pytest.skip("hadolint is not packaged for this machine")
    done = subprocess.run([hadolint, FOLDER / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_pins_its_bases_and_drops_root() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert bases
    assert all(PINNED.match(base) for base in bases)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]


@pytest.mark.parametrize("service", services())
def test_every_service_is_pinned_unprivileged_and_watched(service: dict[str, Any]) -> None:
    assert PINNED.match(service["image"])
    assert not service["user"].startswith("0")
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"]
    assert service["healthcheck"]["test"]
    assert "privileged" not in service


def test_no_secret_stands_in_the_files() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    for line in text.splitlines():
        if (
            re.search(r"(PASSWORD|TOKEN|--user=)", line)
            and "environment: METRICS_TOKEN" not in line
        ):
            assert "${" in line, line


def test_every_variable_of_compose_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", (FOLDER / "compose.yaml").read_text()))
    offered = set(re.findall(r"^(\w+)=", (FOLDER / "env.example").read_text(), re.MULTILINE))
    assert used == offered


def test_the_dashboard_asks_for_metrics_by_their_names() -> None:
    dashboard = json.loads((FOLDER / "grafana" / "dashboards" / "gateway.json").read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\bcctv_\w+", target["expr"])
    }
    assert asked
    source = "".join(
        path.read_text() for path in (FOLDER.parent / "cctv_gateway" / "web").glob("metrics*.py")
    )
    unknown = {
        name for name in asked if re.sub(r"_(total|bucket|sum|count)$", "", name) not in source
    }
    assert not unknown
