"""Writes the SDP answer of an ICE-lite, send-only, video-only gateway (RFC 8829, RFC 8839).

Everything but the one video m-line is refused, audio above all; reading belongs to `offer.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cctv_gateway.publish.offer import (
    Fingerprint,
    H264Format,
    IceCredentials,
    Offer,
    Section,
)

# RFC 8445 section 5.1.2: type preference 126 (host), component 1; later addresses rank lower.
_HOST_PRIORITY = (126 << 24) + 255
_STREAM_ID = "cctv"


@dataclass(frozen=True, slots=True)
class Address:
    """One announced transport address."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Track:
    """How the picture is numbered on the wire; the RTX pair is None when none was offered."""

    format: H264Format
    ssrc: int
    rtx_ssrc: int | None
    cname: str


def write_answer(
    offer: Offer,
    track: Track,
    ice: IceCredentials,
    fingerprint: Fingerprint,
    addresses: Sequence[Address],
    session_id: int,
) -> str:
    """The complete answer; its candidates are final, so nothing trickles from our side."""
    lines = ["v=0", f"o=- {session_id} 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite"]
    lines += _transport(ice, fingerprint)
    video = offer.sections[offer.video]
    if offer.bundled and video.mid is not None:
        lines.append(f"a=group:BUNDLE {video.mid}")
    lines.append(f"a=msid-semantic: WMS {_STREAM_ID}")
    for index, section in enumerate(offer.sections):
        if index != offer.video:
            lines += _refused(section)
            continue
        lines += _media_line(section, track.format)
        lines += candidate_lines(addresses)
        lines += _format(track.format, offer.reduced_size)
        lines += _source(track)
    return "\r\n".join(lines) + "\r\n"


def candidate_lines(addresses: Sequence[Address]) -> Iterator[str]:
    """One host candidate per announced address, then the end mark."""
    for number, address in enumerate(addresses, start=1):
        priority = _HOST_PRIORITY + ((65535 - number) << 8)
        yield f"a=candidate:{number} 1 udp {priority} {address.host} {address.port} typ host"
    yield "a=end-of-candidates"


def _refused(section: Section) -> Iterator[str]:
    """A zero port; the rest only because some players (aiortc) read it all the same."""
    yield f"m={section.kind} 0 {section.protocol} {section.formats[0]}"
    yield "c=IN IP4 0.0.0.0"
    yield "a=inactive"
    if section.mid is not None:
        yield f"a=mid:{section.mid}"
    yield "a=rtcp-mux"
    name = f"a=rtpmap:{section.formats[0]} "
    yield from (line for line in section.lines if line.startswith(name))


def _media_line(section: Section, chosen: H264Format) -> Iterator[str]:
    numbers = [chosen.payload_type]
    if chosen.rtx_payload_type is not None:
        numbers.append(chosen.rtx_payload_type)
    yield f"m=video 9 {section.protocol} {' '.join(map(str, numbers))}"
    yield "c=IN IP4 0.0.0.0"
    yield "a=rtcp:9 IN IP4 0.0.0.0"
    if section.mid is not None:
        yield f"a=mid:{section.mid}"
    yield "a=sendonly"
    yield "a=rtcp-mux"


def _transport(ice: IceCredentials, fingerprint: Fingerprint) -> Iterator[str]:
    """At session level, so that it holds for refused m-lines too."""
    yield f"a=ice-ufrag:{ice.ufrag}"
    yield f"a=ice-pwd:{ice.password}"
    yield f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}"
    yield "a=setup:passive"


def _format(chosen: H264Format, reduced_size: bool) -> Iterator[str]:
    number = chosen.payload_type
    if reduced_size:
        yield "a=rtcp-rsize"
    yield f"a=rtpmap:{number} H264/90000"
    yield (
        f"a=fmtp:{number} level-asymmetry-allowed=1;packetization-mode=1;"
        f"profile-level-id={chosen.profile_level_id}"
    )
    if chosen.nack:
        yield f"a=rtcp-fb:{number} nack"
    if chosen.picture_loss:
        yield f"a=rtcp-fb:{number} nack pli"
    if chosen.rtx_payload_type is not None:
        yield f"a=rtpmap:{chosen.rtx_payload_type} rtx/90000"
        yield f"a=fmtp:{chosen.rtx_payload_type} apt={number}"


def _source(track: Track) -> Iterator[str]:
    yield f"a=msid:{_STREAM_ID} video"
    sources = [track.ssrc]
    if track.rtx_ssrc is not None:
        sources.append(track.rtx_ssrc)
        yield f"a=ssrc-group:FID {track.ssrc} {track.rtx_ssrc}"
    for source in sources:
        yield f"a=ssrc:{source} cname:{track.cname}"
        yield f"a=ssrc:{source} msid:{_STREAM_ID} video"
