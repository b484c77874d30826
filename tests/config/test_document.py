"""Strict YAML 1.2: values, places, limits, and any bytes at all without an exception."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.config.document import MAX_DEPTH, Mark, read_document, resolve
from tests.config.documents import CITY


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("08:30", "08:30"),
        ("no", "no"),
        ("off", "off"),
        ("yes", "yes"),
        ("2024-04-01", "2024-04-01"),
        ("1_000", "1_000"),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("12:30:45", "12:30:45"),
        ("True", True),
        ("~", None),
        ("", None),
        ("<<", "<<"),
        ("9" * 400, "9" * 400),
        (".inf", math.inf),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize(
    ("text", "code", "mark"),
    [
        ("a: [1, 2\n", "YAML_SYNTAX", Mark(2, 1)),
        ("a: 1\n b: 2\n", "YAML_SYNTAX", Mark(2, 3)),
        ("\ta: 1", "YAML_SYNTAX", Mark(1, 1)),
        ("a: 1\nb: 2\na: 3\n", "DUPLICATE_KEY", Mark(3, 1)),
        ("a: {b: 1, b: 2}\n", "DUPLICATE_KEY", Mark(1, 11)),
        ("a: &x [*x]\n", "YAML_ALIAS", Mark(1, 8)),
        ("a: *nothing\n", "YAML_ALIAS", Mark(1, 4)),
        ("a: !!python/object:os.system x\n", "YAML_TAG", Mark(1, 4)),
        ("a: !x {}\n", "YAML_TAG", Mark(1, 4)),
        ("? [a]\n: 1\n", "YAML_KEY", Mark(1, 3)),
        ("a: 1\n--- \nb: 1\n", "YAML_DOCUMENTS", Mark(2, 1)),
        ("a: 1\nb: \x07\n", "YAML_CHARACTER", Mark(2, 4)),
        ('a: "\\ud800"\n', "YAML_CHARACTER", Mark(1, 4)),
        ("a: " + "[" * MAX_DEPTH, "YAML_DEPTH", Mark(1, MAX_DEPTH + 3)),
    ],
)
def test_what_is_refused(text: str, code: str, mark: Mark, pure: bool) -> None:
    (fault,) = read_document(text, pure).faults
    assert (fault.code, fault.mark) == (code, mark)


def test_an_old_version_of_yaml_is_refused() -> None:
    assert read_document("%YAML 1.1\n---\na: 1\n").faults[0].code == "YAML_VERSION"
    assert read_document("%YAML 1.2\n---\na: 1\n").faults == ()


def test_a_colon_inside_braces_needs_no_quotes() -> None:
    """The C parser refuses it, YAML 1.2 does not."""
    document = read_document("a: {ground: PIPA25-1-1:법}\n")
    assert document.faults == ()
    assert document.root is not None
    assert document.root.plain() == {"a": {"ground": "PIPA25-1-1:법"}}


def test_aliases_are_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 9):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    document = read_document("\n".join(lines))
    assert document.root is None
    assert [fault.code for fault in document.faults] == ["YAML_TOO_LARGE"]


def test_an_alias_is_the_value_of_its_anchor() -> None:
    document = read_document("a: &x {b: 1}\nc: *x\n")
    assert document.root is not None
    assert document.root.plain() == {"a": {"b": 1}, "c": {"b": 1}}


def test_places_are_found_by_path() -> None:
    document = read_document(CITY)
    lines = CITY.split("\n")
    mark = document.mark_of(("cameras", 1, "sharing_mode"))
    assert lines[mark.line - 1][mark.column - 1 :].startswith("sharing_mode: incident_only")
    assert document.mark_of(("cameras", 1)).column == 5
    beyond = document.mark_of(("cameras", 7, "name"))
    assert lines[beyond.line - 1] == "cameras:"
    assert document.mark_of(()) == Mark(1, 1)


def test_both_parsers_give_the_same_tree() -> None:
    fast, pure = read_document(CITY), read_document(CITY, pure=True)
    assert fast.root is not None
    assert pure.root is not None
    assert fast.root.plain() == pure.root.plain()
    for path, _ in fast.walk():
        assert fast.mark_of(path) == pure.mark_of(path)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for pure in (False, True):
        document = read_document(text, pure)
        assert document.root is None or json.dumps(document.root.plain())


YAMLISH = st.lists(
    st.sampled_from(
        ["a", "b", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ", ", "&x ", "*x", "'", '"', "#",
         "|\n", ">\n", "!t ", "? ", "%", "---\n", "...\n", "1", "\t", "\\u00e9", "가", "~", "@"]
    ),
    max_size=40,
)  # fmt: skip


@given(YAMLISH)
def test_yaml_like_noise_is_read_or_refused(parts: list[str]) -> None:
    document = read_document("".join(parts))
    for path, node in document.walk():
        assert document.mark_of(path).line >= 1
        assert node.weight >= 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abc가:-# ", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner),
    max_leaves=12,
)


@given(VALUES)
def test_json_is_yaml(value: Any) -> None:
    document = read_document(json.dumps(value, ensure_ascii=False))
    assert document.root is not None
    assert document.root.plain() == value
