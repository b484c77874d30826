"""Offers that tests begin with and break."""

from pathlib import Path

CHROMIUM = (Path(__file__).parent / "data" / "chromium_156_offer.sdp").read_text()

_DIGEST = ":".join(["AB"] * 32)

SMALL = f"""v=0
o=- 1 1 IN IP4 0.0.0.0
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {_DIGEST}
a=setup:actpass
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98
a=mid:1
a=recvonly
a=rtcp-mux
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;profile-level-id=42e01f;level-asymmetry-allowed=1
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 H264/90000
a=fmtp:98 packetization-mode=1;profile-level-id=640c1f
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 {_DIGEST}
a=setup:actpass
"""
