"""A diff names what a reader of the file would name, and nothing that is only layout."""

import pytest

from cctv_gateway.config.diff import SectionDiff, diff
from cctv_gateway.config.load import load_bytes
from cctv_gateway.config.schema import Configuration
from tests.config.documents import CITY, changed


def configuration(text: str) -> Configuration:
    return load_bytes(text.encode(), "cameras.yaml").configuration


RULES = CITY[CITY.index("  - id: parking\n") : CITY.index("agreements:")]
PARKING, WATCH = RULES[: RULES.index("  - id: watch")], RULES[RULES.index("  - id: watch") :]


@pytest.mark.parametrize(
    ("changes", "section", "expected"),
    [
        ([("number: 2", "number: 7")], "cameras", SectionDiff(changed={"cam-2": ("number",)})),
        ([("id: cam-2", "id: cam-3")], "cameras", SectionDiff(("cam-3",), ("cam-2",))),
        (
            [("kim: {name: 김,", "kim: {name: 킴, disabled: true,")],
            "accounts",
            SectionDiff(changed={"kim": ("name", "disabled")}),
        ),
        ([(RULES, WATCH + PARKING)], "rules", SectionDiff(reordered=True)),
        (
            [("to: 2027-12-31", "to: 2028-12-31")],
            "agreements",
            SectionDiff(changed={"buk-center": ("valid_to",)}),
        ),
        (
            [("version: 1", "version: 1\nsettings: {idle_after_s: 3}")],
            "settings",
            SectionDiff(changed={"settings": ("idle_after_s",)}),
        ),
        (
            [("city: {name: 광주광역시}", "city: {name: 광주}")],
            "city",
            SectionDiff(changed={"city": ("name",)}),
        ),
    ],
)
def test_diff(changes: list[tuple[str, str]], section: str, expected: SectionDiff) -> None:
    found = diff(configuration(CITY), configuration(changed(*changes)))
    assert found[section] == expected
    assert list(found.sections) == [section]


def test_layout_is_no_difference() -> None:
    laid_out = CITY.replace("  # 야간", "").replace("{name: 관제센터}", "\n    name: 관제센터")
    found = diff(configuration(CITY), configuration(laid_out))
    assert not found
    assert not found["cameras"]
