"""Reads `cameras.yaml` into a checked `Configuration`, or says everything that is wrong with it.

Watching the file belongs in `watch`, changing it in `edit`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from cctv_gateway.config.check import check
from cctv_gateway.config.check_secrets import forbidden_keys, secrets_in_text
from cctv_gateway.config.document import (
    MAX_BYTES,
    START,
    DocPath,
    Document,
    Plain,
    read_document,
)
from cctv_gateway.config.problems import ConfigError, Finding, Problem, Severity, describe
from cctv_gateway.config.schema import Configuration
from cctv_gateway.config.schema_errors import findings_of
from cctv_gateway.model import RevisionId

# No other section refers to entries of these, so the rest can be checked without a broken one.
_SEPARABLE = frozenset({"cameras", "rules", "agreements", "accounts"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that may run. `problems` are warnings only; `revision` names its bytes."""

    configuration: Configuration
    revision: RevisionId
    problems: tuple[Problem, ...] = ()


def load_file(path: Path, today: date | None = None) -> Loaded:
    """Read and check a file; blocks for up to seconds on a large one, so not on a busy loop.

    `today` (local) lets it speak of ended agreements. Raises `ConfigError`.
    """
    return load_bytes(read_bounded(path), path.name, today)


def load_bytes(data: bytes, file: str, today: date | None = None) -> Loaded:
    """Check the bytes of a file called `file`; raises `ConfigError`."""
    configuration, problems = examine(decode(data, file), file, today)
    if configuration is None or any(each.severity is Severity.ERROR for each in problems):
        raise ConfigError(problems)
    return Loaded(configuration, revision_of(data), problems)


def read_bounded(path: Path) -> bytes:
    """The bytes of a file of sensible size; raises `ConfigError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        detail = {"detail": (error.strerror or type(error).__name__).lower()}
        raise ConfigError([describe(path.name, START, "FILE_UNREADABLE", detail)]) from error
    if len(data) > MAX_BYTES:
        limit = {"limit": str(MAX_BYTES // 2**20)}
        raise ConfigError([describe(path.name, START, "FILE_TOO_LARGE", limit)])
    return data


def revision_of(data: bytes) -> RevisionId:
    return RevisionId(hashlib.sha256(data).hexdigest()[:16])


def decode(data: bytes, file: str) -> str:
    """UTF-8 text without its byte order mark; raises `ConfigError`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([describe(file, START, "FILE_ENCODING")]) from error


def examine(
    text: str, file: str, today: date | None = None
) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """Everything that can be said about a text; the configuration only if its fields are sound."""
    document = read_document(text)
    problems = list(secrets_in_text(file, text))
    problems += [
        describe(file, fault.mark, fault.code, {"subject": fault.subject})
        for fault in document.faults
    ]
    if document.root is None:
        if not document.faults:
            problems.append(describe(file, START, "FILE_EMPTY"))
        return None, _in_order(problems)
    problems += forbidden_keys(file, document)
    configuration, findings = _validate(document.root.plain(), today)
    problems += _placed(file, document, findings)
    return configuration, _in_order(problems)


def _validate(tree: Plain, today: date | None) -> tuple[Configuration | None, list[Finding]]:
    try:
        configuration = _to_configuration(tree)
    except ValidationError as error:
        findings = list(findings_of(error))
        return None, findings + list(_check_rest(tree, findings, today))
    return configuration, list(check(configuration, today))


def _to_configuration(tree: Plain) -> Configuration:
    """By way of JSON: strict there means dates and enums from text, and nothing else bent."""
    return Configuration.model_validate_json(json.dumps(tree))


def well_formed(document: Document) -> bool:
    """Whether every field of a document is sound, whatever the checks may say about them."""
    try:
        _to_configuration(document.root.plain() if document.root else None)
    except ValidationError:
        return False
    return True


def _check_rest(tree: Plain, findings: Iterable[Finding], today: date | None) -> Iterator[Finding]:
    """What can be said about the sound entries of a file that has broken ones."""
    broken = {finding.path[:2] for finding in findings}
    if not isinstance(tree, dict) or any(
        len(path) < 2 or path[0] not in _SEPARABLE for path in broken
    ):
        return
    rest = dict(tree)
    kept: dict[str, list[int]] = {}
    for section in {str(path[0]) for path in broken}:
        entries = tree[section]
        if isinstance(entries, dict):
            rest[section] = {k: v for k, v in entries.items() if (section, k) not in broken}
        else:
            kept[section] = [i for i in range(len(entries)) if (section, i) not in broken]
            rest[section] = [entries[i] for i in kept[section]]
    try:
        configuration = _to_configuration(rest)
    except ValidationError:
        return  # What is broken was said already.
    for finding in check(configuration, today, whole=False):
        yield Finding(finding.code, _moved(finding.path, kept), finding.values, finding.severity)


def _moved(path: DocPath, kept: dict[str, list[int]]) -> DocPath:
    """A path in the rest as a path in the whole file."""
    section, index = str(path[0]), path[1]
    if section in kept and isinstance(index, int):
        return (section, kept[section][index], *path[2:])
    return path


def _placed(file: str, document: Document, findings: Iterable[Finding]) -> Iterator[Problem]:
    for each in findings:
        mark = document.mark_of(each.path)
        yield describe(file, mark, each.code, each.values, each.severity)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place, each once; a forbidden key is not told a second time as an unknown one."""
    forbidden = {
        (each.line, each.column)
        for each in problems
        if each.code in ("PASSWORD_IN_CLEAR", "AUDIO_FORBIDDEN")
    }
    kept = {
        each: None
        for each in problems
        if each.code != "UNKNOWN_KEY" or (each.line, each.column) not in forbidden
    }
    return tuple(sorted(kept, key=lambda each: (each.line, each.column)))
