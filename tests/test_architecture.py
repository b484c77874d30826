"""The map of docs/architecture.md, held by force: who may import whom, and what stays fenced."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cctv_gateway"

EVERYONE = {"base", "model"}
LAYERS: dict[str, set[str]] = {
    "base": set(),
    "model": {"base"},
    "config": EVERYONE,
    "control": EVERYONE | {"config"},
    "store": EVERYONE | {"control"},
    "fleet": EVERYONE | {"config"},
    "ingest": EVERYONE,
    "hub": EVERYONE,
    "publish": EVERYONE | {"hub"},
    "vision": EVERYONE | {"hub"},
    "relay": EVERYONE | {"hub", "ingest", "publish", "vision"},
    "web": EVERYONE | {"config", "control", "relay", "fleet"},
    "simulator": EVERYONE,
}
# Only the client side of vision, and only the contract of relay, may be seen from outside.
DOORS = {
    ("relay", "vision"): {"cctv_gateway.vision.client"},
    ("web", "relay"): {"cctv_gateway.relay.contract"},
}
FENCED: dict[str, set[str]] = {
    "av": {"vision", "simulator"},
    "cv2": {"vision", "simulator"},
    "aiortc": {"publish", "bench"},
    "aioice": {"publish", "bench"},
    "pylibsrtp": {"publish", "bench"},
    "onvif": {"fleet"},
    "zeep": {"fleet"},
    "sqlalchemy": {"store"},
    "fastapi": {"web"},
    "starlette": {"web"},
    "ruamel": {"config"},
    "websockets": {"vision"},
}
FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if "console" not in path.relative_to(PACKAGE).parts
)


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their module in full"
            yield node.module or ""


@pytest.fixture(scope="module", name="trees")
def parsed_files() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def test_each_room_imports_only_what_its_rules_allow(trees: dict[Path, ast.Module]) -> None:
    wrong = []
    for path, tree in trees.items():
        here = room(path)
        for module in imported(tree):
            parts = module.split(".")
            if parts[0] != "cctv_gateway" or len(parts) < 2 or here not in LAYERS:
                continue
            allowed = parts[1] in LAYERS[here] | {here}
            door = DOORS.get((here, parts[1]))
            if not allowed or (door is not None and module not in door):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {module}")
    assert not wrong, "\n".join(wrong)


def test_foreign_libraries_stay_behind_their_fences(trees: dict[Path, ast.Module]) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {module}"
        for path, tree in trees.items()
        for module in imported(tree)
        if (rooms := FENCED.get(module.split(".")[0])) is not None and room(path) not in rooms
    ]
    assert not wrong, "\n".join(wrong)


def test_the_gateway_side_of_vision_decodes_nothing(trees: dict[Path, ast.Module]) -> None:
    for name in ("client.py", "wire.py"):
        foreign = {module.split(".")[0] for module in imported(trees[PACKAGE / "vision" / name])}
        assert not foreign & {"av", "cv2", "numpy"}


def test_grants_are_minted_in_one_place(trees: dict[Path, ast.Module]) -> None:
    minting = {
        str(path.relative_to(PACKAGE))
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "mint"
        and isinstance(node.value, ast.Name)
        and node.value.id == "Grant"
    }
    assert minting == {"control/decide.py"}


def test_tasks_are_started_by_owners_only(trees: dict[Path, ast.Module]) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"create_task", "ensure_future"}
        and not (isinstance(node.value, ast.Name) and node.value.id in {"group", "tasks"})
        and path != PACKAGE / "base" / "tasks.py"
    ]
    assert not wrong, wrong


def test_the_systems_clock_is_read_in_one_place(trees: dict[Path, ast.Module]) -> None:
    clocks = {("time", "time"), ("time", "monotonic"), ("datetime", "now"), ("datetime", "utcnow")}
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path, tree in trees.items()
        if room(path) not in {"simulator", "bench"} and path != PACKAGE / "base" / "clock.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in clocks
    ]
    assert not wrong, wrong


def test_every_module_says_what_it_is_for(trees: dict[Path, ast.Module]) -> None:
    missing = [
        str(path.relative_to(PACKAGE))
        for path, tree in trees.items()
        if path.stat().st_size and not ast.get_docstring(tree)
    ]
    assert not missing, missing


def test_files_and_functions_stay_small(trees: dict[Path, ast.Module]) -> None:
    wrong = []
    for path, tree in trees.items():
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > 400:
            wrong.append(f"{path.relative_to(PACKAGE)}: {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno + 1
                if length > 60:
                    wrong.append(f"{path.relative_to(PACKAGE)}: {node.name} has {length} lines")
    assert not wrong, "\n".join(wrong)
