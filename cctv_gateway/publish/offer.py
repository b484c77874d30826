"""Reads a WHEP client's SDP offer into the few facts an answer needs, leniently but bounded.

Writing the answer belongs to `answer.py`; whether the viewer may watch was decided long before.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cctv_gateway.base.errors import ErrorKind, GatewayError

# Chromium's offer with every codec is about 7 kB and 200 lines.
MAX_OFFER_CHARS = 64_000
MAX_LINES = 2_000
MAX_SECTIONS = 16
MAX_FINGERPRINTS = 4

_UFRAG = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/=_-]{22,256}")
_HEX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_DIGEST_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}

# What we answer with when the stream's own profile is not offered: the most widely decoded first.
_PROFILE_ORDER = (0x42E0, 0x42C0, 0x4200, 0x4D00, 0x640C, 0x6400)


@dataclass(frozen=True, slots=True)
class IceCredentials:
    """One side's user fragment and password (RFC 8839 section 5.4)."""

    ufrag: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The digest of a DTLS certificate (RFC 8122)."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class H264Format:
    """One offered H.264 payload type with packetization-mode=1, and its RTX twin if any."""

    payload_type: int
    profile_level_id: str
    nack: bool
    picture_loss: bool
    rtx_payload_type: int | None = None

    @property
    def profile(self) -> int:
        """profile_idc and constraint flags, the first two bytes of profile-level-id."""
        return int(self.profile_level_id[:4], 16)


@dataclass(frozen=True, slots=True)
class Section:
    """One m-line: what a rejection must repeat, and its own lines."""

    kind: str
    protocol: str
    formats: tuple[str, ...]
    mid: str | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A usable offer; `video` is the index of the m-line that will carry the picture."""

    sections: tuple[Section, ...]
    video: int
    formats: tuple[H264Format, ...]
    ice: IceCredentials
    fingerprints: tuple[Fingerprint, ...]
    bundled: bool
    reduced_size: bool

    def choose(self, stream_profile: int | None = None) -> H264Format:
        """The format nearest to the stream's `profile_idc`; any plays, see design section 6."""
        return min(self.formats, key=lambda offered: _distance(offered.profile, stream_profile))


def _distance(profile: int, stream_profile: int | None) -> tuple[bool, int]:
    other = stream_profile is not None and profile >> 8 != stream_profile
    known = profile in _PROFILE_ORDER
    return other, _PROFILE_ORDER.index(profile) if known else len(_PROFILE_ORDER)


def parse_offer(text: str) -> Offer:
    """Read an offer; raises `GatewayError` (BAD_REQUEST or UNSUPPORTED) and nothing else."""
    session, sections = _split(text)
    index = _video_index(sections)
    section = sections[index]
    _check_transport(session, section)
    return Offer(
        sections=sections,
        video=index,
        formats=_h264_formats(section),
        ice=_ice(section.lines, session),
        fingerprints=_fingerprints(section.lines) or _need_fingerprints(session),
        bundled=any(line.startswith("a=group:BUNDLE") for line in session),
        reduced_size="a=rtcp-rsize" in section.lines,
    )


def sdp_lines(text: str, max_chars: int) -> list[str]:
    """The lines of an SDP body, stripped, empty ones left out; refuses what is too large."""
    if len(text) > max_chars:
        raise bad_offer("it is too large")
    lines = [line.strip() for line in text.split("\n", MAX_LINES)]
    if len(lines) > MAX_LINES:
        raise bad_offer("it has too many lines")
    return [line for line in lines if line]


def bad_offer(why: str) -> GatewayError:
    return GatewayError(
        ErrorKind.BAD_REQUEST,
        "BAD_OFFER",
        f"The player's WebRTC offer cannot be used: {why}. Reload the page or use a WHEP player.",
        "재생기의 WebRTC 제안을 사용할 수 없습니다. 페이지를 새로 고치거나 WHEP 재생기를 쓰십시오.",
    )


def values(lines: Sequence[str], name: str) -> Iterator[str]:
    """The values of each `a=name:value` line."""
    prefix = f"a={name}:"
    return (line[len(prefix) :].strip() for line in lines if line.startswith(prefix))


def ice_credentials(lines: Sequence[str]) -> IceCredentials | None:
    """The ufrag and password in `lines`; None when one of them is missing or malformed."""
    ufrag = next(values(lines, "ice-ufrag"), "")
    password = next(values(lines, "ice-pwd"), "")
    if not _UFRAG.fullmatch(ufrag) or not _PASSWORD.fullmatch(password):
        return None
    return IceCredentials(ufrag, password)


def _split(text: str) -> tuple[tuple[str, ...], tuple[Section, ...]]:
    lines = sdp_lines(text, MAX_OFFER_CHARS)
    if not lines or not lines[0].startswith("v=0"):
        raise bad_offer("it is no SDP")
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    if not starts:
        raise bad_offer("it asks for no media")
    if len(starts) > MAX_SECTIONS:
        raise bad_offer("it asks for too many streams")
    ends = [*starts[1:], len(lines)]
    sections = tuple(_section(lines[start:end]) for start, end in zip(starts, ends, strict=True))
    return tuple(lines[: starts[0]]), sections


def _section(lines: Sequence[str]) -> Section:
    words = lines[0][2:].split()
    if len(words) < 4 or not all(_is_word(word) for word in words):
        raise bad_offer("a media line is malformed")
    mid = next(values(lines, "mid"), None)
    if mid is not None and not _TOKEN.fullmatch(mid):
        raise bad_offer("a media id is malformed")
    return Section(words[0], words[2], tuple(words[3:67]), mid, tuple(lines[1:]))


def _is_word(word: str) -> bool:
    return word.isascii() and word.isprintable() and len(word) <= 64


def _video_index(sections: Sequence[Section]) -> int:
    for index, section in enumerate(sections):
        sends = "a=sendonly" in section.lines or "a=inactive" in section.lines
        if section.kind == "video" and not sends:
            return index
    raise bad_offer("it does not ask to receive video")


def _check_transport(session: Sequence[str], section: Section) -> None:
    if "SAVPF" not in section.protocol:
        raise bad_offer("it does not use DTLS-SRTP")
    if "a=rtcp-mux" not in section.lines:
        raise bad_offer("it does not multiplex RTCP")
    setup = next(values(section.lines, "setup"), None) or next(values(session, "setup"), "actpass")
    if setup not in ("actpass", "active"):
        raise bad_offer("it wants to be the DTLS server")


def _ice(lines: Sequence[str], session: Sequence[str]) -> IceCredentials:
    found = ice_credentials(lines) or ice_credentials(session)
    if found is None:
        raise bad_offer("its ICE credentials are missing or malformed")
    return found


def _need_fingerprints(lines: Sequence[str]) -> tuple[Fingerprint, ...]:
    if not (found := _fingerprints(lines)):
        raise bad_offer("it has no SHA-2 certificate fingerprint")
    return found


def _fingerprints(lines: Sequence[str]) -> tuple[Fingerprint, ...]:
    found = []
    for value in values(lines, "fingerprint"):
        algorithm, _, digest = value.partition(" ")
        size = _DIGEST_BYTES.get(algorithm.lower())
        if size and len(digest) == 3 * size - 1 and _HEX_PAIRS.fullmatch(digest):
            found.append(Fingerprint(algorithm.lower(), digest.upper()))
    return tuple(found[:MAX_FINGERPRINTS])


def _h264_formats(section: Section) -> tuple[H264Format, ...]:
    codecs = dict(_by_payload_type(section.lines, "rtpmap"))
    parameters = {
        payload_type: _parameters(text)
        for payload_type, text in _by_payload_type(section.lines, "fmtp")
    }
    feedback = set(_by_payload_type(section.lines, "rtcp-fb"))
    rtx = {
        parameters.get(payload_type, {}).get("apt", ""): payload_type
        for payload_type, codec in codecs.items()
        if codec.lower() == "rtx/90000"
    }
    found = tuple(
        H264Format(
            payload_type=payload_type,
            profile_level_id=parameters[payload_type]["profile-level-id"],
            nack=(payload_type, "nack") in feedback,
            picture_loss=(payload_type, "nack pli") in feedback,
            rtx_payload_type=rtx.get(str(payload_type)),
        )
        for payload_type, codec in codecs.items()
        if _plays(codec, parameters.setdefault(payload_type, {}))
    )
    if not found:
        raise GatewayError(
            ErrorKind.UNSUPPORTED,
            "NO_H264",
            "The player offers no H.264 with packetization-mode=1. Use a browser that plays H.264.",
            "재생기가 H.264를 지원하지 않습니다. H.264를 재생하는 브라우저를 쓰십시오.",
        )
    return found


def _plays(codec: str, parameters: dict[str, str]) -> bool:
    """Whether it is H.264 that takes fragments; fills in the default profile (RFC 6184 8.1)."""
    profile = parameters.setdefault("profile-level-id", "42000a")
    return (
        codec.lower() == "h264/90000"
        and parameters.get("packetization-mode") == "1"
        and re.fullmatch(r"[0-9A-Fa-f]{6}", profile) is not None
    )


def _by_payload_type(lines: Sequence[str], name: str) -> Iterator[tuple[int, str]]:
    for value in values(lines, name):
        number, _, rest = value.partition(" ")
        if number.isascii() and number.isdecimal() and len(number) <= 3 and int(number) <= 127:
            yield int(number), rest.strip()


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name}
