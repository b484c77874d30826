"""WS-Discovery: what is sent when, what is understood, and that no datagram can hurt."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.fleet.ws_discovery import LISTEN_S, Match, Search, parse_matches, probe

HEAD = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">'
)


def matches(relates_to: str = "m0", **fields: str) -> bytes:
    values = {
        "endpoint": "urn:uuid:1111",
        "types": "dn:NetworkVideoTransmitter",
        "scopes": "onvif://www.onvif.org/name/Uncheon-ro%203 onvif://www.onvif.org/hardware/HV-1",
        "xaddrs": "http://10.0.0.9:8080/onvif/device_service",
        **fields,
    }
    return (
        f"{HEAD}<e:Header><w:RelatesTo>urn:uuid:{relates_to}</w:RelatesTo></e:Header><e:Body>"
        "<d:ProbeMatches><d:ProbeMatch><w:EndpointReference>"
        f"<w:Address>{values['endpoint']}</w:Address></w:EndpointReference>"
        f"<d:Types>{values['types']}</d:Types><d:Scopes>{values['scopes']}</d:Scopes>"
        f"<d:XAddrs>{values['xaddrs']}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body>"
        "</e:Envelope>"
    ).encode()


def search() -> Search:
    names = count()
    return Search(0.0, lambda: 0.0, lambda: f"m{next(names)}")


def test_an_answer_is_placed_where_it_came_from() -> None:
    relates_to, found = parse_matches(matches(), "192.0.2.7")
    assert relates_to == "m0"
    assert found == (
        Match("urn:uuid:1111", "192.0.2.7", 8080, "/onvif/device_service", "Uncheon-ro 3", "HV-1"),
    )


@pytest.mark.parametrize(
    ("xaddrs", "place"),
    [
        ("http://127.0.0.1/dev", (80, "/dev")),
        ("https://10.0.0.9/x http://10.0.0.9:2020/onvif/d", (2020, "/onvif/d")),
        ("http://[fe80::1]:8080/o http://10.0.0.9/o", (8080, "/o")),
        ("http://10.0.0.9:99999/o http://10.0.0.9:81/o", (81, "/o")),
        ("http://10.0.0.9", (80, "/onvif/device_service")),
        ("http://10.0.0.9/a%20'b", (80, "/onvif/device_service")),
    ],
)
def test_port_and_path_are_those_of_the_first_plain_address(
    xaddrs: str, place: tuple[int, str]
) -> None:
    (found,) = parse_matches(matches(xaddrs=xaddrs), "192.0.2.7")[1]
    assert (found.port, found.path) == place


@pytest.mark.parametrize(
    "fields",
    [
        {"types": "wsdp:Print", "scopes": "ldap:///ou=printers"},
        {"xaddrs": ""},
        {"xaddrs": "https://10.0.0.9/onvif"},
        {"xaddrs": "http://[::1/onvif"},
    ],
)
def test_printers_and_places_that_cannot_be_reached_are_left_out(fields: dict[str, str]) -> None:
    assert parse_matches(matches(**fields), "192.0.2.7")[1] == ()


def test_undeclared_prefixes_are_forgiven() -> None:
    mixed = matches().replace(b' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"', b"")
    assert len(parse_matches(mixed, "192.0.2.7")[1]) == 1


def test_three_probes_leave_one_after_the_other_then_it_listens() -> None:
    run = search()
    assert [len(run.due(now)) for now in (0.0, 0.1, 0.5, 0.9, 1.0, 5.0)] == [1, 0, 1, 0, 1, 0]
    assert run.next_wake == run.deadline == 1.0 + LISTEN_S


def test_probes_ask_for_both_types_and_for_none() -> None:
    sent = search().due(10.0)
    assert [b"NetworkVideoTransmitter<" in each for each in sent] == [True, False, False]
    assert [b"tds:Device<" in each for each in sent] == [False, True, False]
    assert b"<d:Types>" not in sent[2]
    assert len(set(sent)) == 3


def test_answers_to_all_probes_are_united() -> None:
    run = search()
    run.due(10.0)
    assert len(run.receive(matches("m0"), "192.0.2.7")) == 1
    assert run.receive(matches("m2"), "192.0.2.7") == ()
    # A cloned endpoint at another address is another device.
    assert len(run.receive(matches("M1"), "192.0.2.8")) == 1
    assert [each.host for each in run.matches] == ["192.0.2.7", "192.0.2.8"]


def test_an_answer_to_somebody_else_is_ignored() -> None:
    run = search()
    run.due(0.0)
    assert run.receive(matches("other"), "192.0.2.7") == ()


@given(st.binary(max_size=2000))
def test_random_bytes_raise_the_designed_error_only(data: bytes) -> None:
    with pytest.raises(GatewayError):
        parse_matches(data, "192.0.2.7")


@given(st.data())
def test_damaged_answers_give_few_short_devices_or_the_designed_error(data: st.DataObject) -> None:
    sound = bytearray(matches())
    for _ in range(data.draw(st.integers(1, 8))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, found = parse_matches(bytes(sound), "192.0.2.7")
    except GatewayError:
        return
    for each in found:
        assert each.host == "192.0.2.7"
        assert 0 < each.port < 65536
        assert max(len(each.endpoint), len(each.name), len(each.path)) <= 256


@given(st.text(max_size=300), st.text(max_size=300))
def test_names_are_short_and_printable(name: str, endpoint: str) -> None:
    from urllib.parse import quote
    from xml.sax.saxutils import escape

    clean = "".join(each for each in endpoint if each.isprintable())
    scopes = f"onvif://www.onvif.org/name/{quote(name)}"
    (found,) = parse_matches(matches(scopes=scopes, endpoint=escape(clean)), "h")[1]
    assert len(found.name) <= 200
    assert not any(ord(each) < 32 for each in found.name)


def test_a_probe_is_sound_xml() -> None:
    from lxml import etree

    assert etree.fromstring(probe("x", "dn:NetworkVideoTransmitter")).tag.endswith("Envelope")
