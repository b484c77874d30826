"""WHEP PATCH bodies: candidates, restarts, and broken text."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.publish.answer import Address
from cctv_gateway.publish.offer import IceCredentials
from cctv_gateway.publish.sdpfrag import parse_fragment, write_fragment

TRICKLE = """a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
m=audio 9 RTP/AVP 0
a=mid:0
a=candidate:1 1 udp 2130706431 a1b2.local 5000 typ host
a=end-of-candidates
"""


def test_candidates_are_counted() -> None:
    parsed = parse_fragment(TRICKLE)
    assert parsed.ice == IceCredentials("abcd", "0123456789012345678901")
    assert (parsed.mid, parsed.candidates, parsed.ended) == ("0", 1, True)


def test_an_empty_fragment_changes_nothing() -> None:
    assert parse_fragment("").ice is None


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        '{"candidate": 1}',
        "a=ice-ufrag:abcd\n",
        TRICKLE.replace("0123456789012345678901", "short"),
        "a=candidate:1\n" * 65,
        "a=x\n" * 10_000,
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(GatewayError) as caught:
        parse_fragment(text)
    assert caught.value.code == "BAD_FRAGMENT"


@given(st.text(max_size=500), st.integers(0, 150))
def test_broken_fragments_are_fragments_or_clear_refusals(noise: str, at: int) -> None:
    for text in (noise, TRICKLE[:at] + noise + TRICKLE[at:]):
        with suppress(GatewayError):
            parse_fragment(text)


def test_the_answer_to_a_restart_can_be_read_back() -> None:
    ours = IceCredentials("ours", "p" * 24)
    text = write_fragment(ours, "0", [Address("192.0.2.1", 5000)])
    parsed = parse_fragment(text)
    assert (parsed.ice, parsed.mid, parsed.candidates, parsed.ended) == (ours, "0", 1, True)
