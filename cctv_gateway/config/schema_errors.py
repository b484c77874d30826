"""Turns pydantic's complaints about single fields into findings with our codes.

What several parts of the file must agree on belongs in `check`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from cctv_gateway.config.document import DocPath
from cctv_gateway.config.problems import Finding

# pydantic's error type -> what is wanted, in English and Korean.
_TYPES = {
    "string_type": ("text", "문자열"),
    "int_type": ("a whole number", "정수"),
    "int_from_float": ("a whole number", "정수"),
    "float_type": ("a number", "숫자"),
    "finite_number": ("a number", "숫자"),
    "bool_type": ("`true` or `false`", "`true` 또는 `false`"),
    "model_type": ("a section with keys", "키가 있는 구역"),
    "model_attributes_type": ("a section with keys", "키가 있는 구역"),
    "dict_type": ("a section with keys", "키가 있는 구역"),
    "mapping_type": ("a section with keys", "키가 있는 구역"),
    "tuple_type": ("a list", "목록"),
    "list_type": ("a list", "목록"),
    "frozen_set_type": ("a list", "목록"),
    "date_type": ("a date such as 2024-04-01", "2024-04-01 형식의 날짜"),
}
_CODES = {
    "extra_forbidden": "UNKNOWN_KEY",
    "enum": "NOT_ONE_OF",
    "literal_error": "NOT_ONE_OF",
    "date_parsing": "NOT_A_DATE",
    "date_from_datetime_parsing": "NOT_A_DATE",
    "date_from_datetime_inexact": "NOT_A_DATE",
    "string_pattern_mismatch": "BAD_FORMAT",
    "string_too_short": "BAD_LENGTH",
    "string_too_long": "BAD_LENGTH",
    "too_short": "BAD_LENGTH",
    "too_long": "BAD_LENGTH",
    "missing": "MISSING",
    "greater_than_equal": "OUT_OF_RANGE",
    "less_than_equal": "OUT_OF_RANGE",
    "window_format": "WINDOW_FORMAT",
    "window_empty": "WINDOW_EMPTY",
    "selector_word": "SELECTOR_WORD",
    "selector_empty": "SELECTOR_EMPTY",
}
_LIMITS = {"ge": "≥ {}", "le": "≤ {}", "min_length": "≥ {}", "max_length": "≤ {}"}


def findings_of(error: ValidationError) -> Iterator[Finding]:
    """One finding for each complaint; none of them quotes the refused value."""
    told = error.errors(include_url=False, include_input=False)
    holders = {each["loc"][:depth] for each in told for depth in range(len(each["loc"]))}
    for each in told:
        # A list with a bad entry counts as too short; the entry's own complaint is the true one.
        if each["type"] != "too_short" or each["loc"] not in holders:
            yield _finding(each["type"], each["loc"], each.get("ctx", {}), each["msg"])


def _finding(kind: str, location: DocPath, context: Mapping[str, Any], message: str) -> Finding:
    path = tuple(step for step in location if step != "[key]")
    field = _field_of(path)
    if kind in _TYPES:
        expected, expected_ko = _TYPES[kind]
        values = {"field": field, "expected": expected, "expected_ko": expected_ko}
        return Finding("WRONG_TYPE", path, values)
    code = _CODES.get(kind, "INVALID")
    if code == "MISSING" and len(path) == 5 and path[2] == "purposes":
        return Finding("PURPOSE_INCOMPLETE", path, {"purpose": str(path[3]), "field": field})
    values = {
        "field": field,
        "expected": str(context.get("expected", "")).replace("'", "`"),
        "limit": ", ".join(_LIMITS[key].format(context[key]) for key in _LIMITS if key in context),
        "detail": message,
    }
    return Finding(code, path, values)


def _field_of(path: DocPath) -> str:
    """The innermost name, with its position where a list's entry has none."""
    names = [index for index, step in enumerate(path) if isinstance(step, str)]
    if not names:
        return "file"
    name, below = path[names[-1]], path[names[-1] + 1 :]
    return f"{name}[{below[0]}]" if below else str(name)
