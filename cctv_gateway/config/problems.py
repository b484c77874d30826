"""What can be wrong with a configuration file, and the error that carries all of it.

The sentences for people are in `sentences`; finding the problems is the work of `load` and `check`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cctv_gateway.base.errors import ErrorKind, GatewayError
from cctv_gateway.base.redact import redact
from cctv_gateway.config.document import DocPath, Mark
from cctv_gateway.config.sentences import SENTENCES

MAX_VALUE_LENGTH = 160


class Severity(StrEnum):
    """An error refuses the file; a warning is shown and the file runs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem before it has a place and words: where in the document, and which values."""

    code: str
    path: DocPath
    values: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, for a person. Lines and columns count from 1. No text holds a secret."""

    file: str
    line: int
    column: int
    code: str
    message: str
    message_ko: str
    fix: str
    fix_ko: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.code}: {self.message} {self.fix}"


class ConfigError(GatewayError):
    """A file that cannot run, with every problem that was found in it, in the file's order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        assert problems, "a refusal names its problems"
        first, count = problems[0], len(problems)
        super().__init__(
            ErrorKind.BAD_REQUEST,
            "CONFIG_REFUSED",
            f"{first.file} is refused with {count} problem(s). "
            f"The first, in line {first.line}, column {first.column}: {first.message}",
            f"{first.file} 파일을 적용할 수 없습니다(문제 {count}건). "
            f"첫 번째는 {first.line}행 {first.column}열입니다: {first.message_ko}",
        )
        self.problems = tuple(problems)


def describe(
    file: str,
    mark: Mark,
    code: str,
    values: Mapping[str, str] | None = None,
    severity: Severity = Severity.ERROR,
) -> Problem:
    """Put a problem into words; whatever the file put into `values` is redacted and shortened."""
    shown = {name: redact(value)[:MAX_VALUE_LENGTH] for name, value in (values or {}).items()}
    en, ko, fix, fix_ko = (text.format_map(shown) for text in SENTENCES[code])
    return Problem(file, mark.line, mark.column, code, en, ko, fix, fix_ko, severity)
