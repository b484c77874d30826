"""A variant's way through the worker, in this process: masked, in time, closed when it fails."""

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from cctv_gateway.base.errors import GatewayError
from cctv_gateway.model import AccessUnit, Codec, Polygon
from cctv_gateway.vision import encode, variant
from cctv_gateway.vision.paint import PaintedPicture, Painter
from cctv_gateway.vision.variant import VariantPipeline
from cctv_gateway.vision.wire import Feed, Outcome
from tests.vision.footage import START_90K, Picture, blank, film, inside, look, psnr, scene

MASK: Polygon = ((0.25, 0.25), (0.75, 0.3), (0.7, 0.8), (0.2, 0.7))
# Luma 60, in the limited and in the full range that cameras use.
GREYS = (48, 63)


def play(pipeline: VariantPipeline, units: tuple[AccessUnit, ...]) -> list[AccessUnit]:
    return [shown for unit in units for shown in pipeline.feed(Feed(unit)).units]


def assert_hidden(picture: Picture) -> None:
    """Grey, even, and without a trace of the scene: x264's rounding may ripple a little."""
    height, width, _ = picture.shape
    under = picture[inside(width, height, MASK)].astype(float)
    assert GREYS[0] < under.mean() < GREYS[1]
    assert under.std() < 3


def outside(width: int, height: int) -> np.ndarray:
    near = cv2.dilate(inside(width, height, MASK).astype(np.uint8), np.ones((17, 17), np.uint8))
    return np.asarray(near == 0, bool)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p"])
def test_the_mask_hides_and_the_rest_stays(pix_fmt: str) -> None:
    footage = film(pix_fmt=pix_fmt)
    seen = look(play(VariantPipeline((MASK,)), footage.units))
    assert len(seen) == len(footage.seen)
    for masked, raw in zip(seen, footage.seen, strict=True):
        assert_hidden(masked)
        assert psnr(masked, raw, outside(320, 180)) > 34


def test_what_is_under_the_mask_does_not_change_a_single_byte() -> None:
    """Two streams that differ under the polygon only are the same stream once masked."""
    under = inside(320, 180, MASK)
    secret = np.random.default_rng(5).integers(0, 255, (180, 320, 3), dtype=np.uint8)
    masked: list[list[AccessUnit]] = []
    for hide in (False, True):
        painter, encoder = Painter((MASK,)), encode.Encoder()
        units: list[AccessUnit] = []
        for time, picture in enumerate(scene(320, 180, 6)):
            picture[under] = secret[under] if hide else picture[under]
            frame = VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p")
            units += encoder.encode(painter.paint(frame), time, time == 0, None)
        masked.append(units)
    assert masked[0] == masked[1]


def test_one_in_one_out_with_the_sources_times_and_keyframes() -> None:
    pipeline = VariantPipeline((MASK,))
    for unit in film().units:
        (shown,) = pipeline.feed(Feed(unit)).units
        assert (shown.rtp_90k, shown.keyframe) == (unit.rtp_90k, unit.keyframe)
        types = [nal[0] & 0x1F for nal in shown.nals]
        assert types == ([7, 8, 5] if unit.keyframe else [1])
        assert shown.codec is Codec.H264


def test_it_costs_about_what_the_source_costs() -> None:
    footage = film(count=90, gop=30)
    masked = play(VariantPipeline((MASK,)), footage.units)
    # The first group goes by a guess; the others by what the source was measured to need.
    size = sum(unit.size for unit in masked[30:])
    assert size < 1.6 * sum(unit.size for unit in footage.units[30:])


def test_another_size_in_mid_stream_is_masked_from_its_first_picture() -> None:
    small, large = film(count=5), film(480, 270, count=5, start_90k=START_90K + 90_000)
    units = play(VariantPipeline((MASK,)), (*small.units, *large.units))
    pictures = look(units)
    assert [picture.shape[1] for picture in pictures] == [320] * 5 + [480] * 5
    for picture in pictures:
        assert_hidden(picture)
    assert [unit.keyframe for unit in units] == [True, False, False, False, False] * 2


def test_reordered_pictures_keep_their_times() -> None:
    footage = film(reordered=True)
    shown = play(VariantPipeline((MASK,)), footage.units)
    times = [unit.rtp_90k for unit in shown]
    assert times == sorted(times)
    assert len(times) >= len(footage.units) - 4
    for picture in look(shown):
        assert_hidden(picture)


def test_silent_units_are_decoded_and_not_shown() -> None:
    units = film().units[:6]
    pipeline = VariantPipeline((MASK,))
    for unit in units[:5]:
        assert pipeline.feed(Feed(unit, silent=True)).units == ()
    (shown,) = pipeline.feed(Feed(units[5])).units
    assert shown.keyframe
    (picture,) = look([shown])
    assert psnr(picture, film().seen[5], outside(320, 180)) > 34


def test_it_begins_at_a_keyframe_and_begins_anew_when_told() -> None:
    units = film().units
    pipeline = VariantPipeline((MASK,))
    assert pipeline.feed(Feed(units[3])).outcome is Outcome.WAITING
    assert pipeline.feed(Feed(units[10])).units[0].keyframe
    assert pipeline.feed(Feed(units[11], fresh=True)).outcome is Outcome.WAITING
    # A source that was restarted may count its time from anywhere.
    assert pipeline.feed(Feed(units[0], fresh=True)).units[0].keyframe


def test_garbage_waits_for_the_next_keyframe_and_no_longer() -> None:
    units = film().units
    pipeline = VariantPipeline((MASK,))
    play(pipeline, units[:3])
    garbage = AccessUnit((b"\x41" + bytes(range(200)),), units[3].rtp_90k, False, 0.0)
    assert pipeline.feed(Feed(garbage)).outcome is Outcome.UNREADABLE
    assert {pipeline.feed(Feed(unit)).outcome for unit in units[4:10]} == {Outcome.WAITING}
    shown = play(pipeline, units[10:])
    assert len(shown) == 20
    for picture in look(shown):
        assert_hidden(picture)


def test_an_empty_unit_is_garbage_too() -> None:
    units = film().units
    pipeline = VariantPipeline((MASK,))
    play(pipeline, units[:3])
    pipeline.feed(Feed(AccessUnit((), units[3].rtp_90k, False, 0.0)))
    play(pipeline, units[4:10])
    assert len(play(pipeline, units[10:])) == 20


def test_a_picture_of_absurd_size_is_not_decoded() -> None:
    assert VariantPipeline((MASK,)).feed(Feed(blank(4112, 2320))).outcome is Outcome.UNREADABLE


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 11), st.binary(max_size=60), st.booleans()), max_size=8))
def test_broken_streams_never_show_a_raw_pixel(
    breaks: list[tuple[int, bytes, bool]],
) -> None:
    units = list(film(160, 96, 12, 4).units)
    for at, junk, whole in breaks:
        nals = (junk,) if whole else tuple(nal[:-5] + junk for nal in units[at].nals)
        units[at] = AccessUnit(nals, units[at].rtp_90k, units[at].keyframe, 0.0)
    pipeline = VariantPipeline((MASK,))
    shown: list[AccessUnit] = []
    for unit in units:
        with suppress(GatewayError):
            shown += pipeline.feed(Feed(unit)).units
    for picture in look(shown):
        assert_hidden(picture)


@pytest.mark.parametrize("broken", [ValueError("shape"), cv2.error("assertion")])
def test_a_painter_that_fails_lets_nothing_out(
    monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    pipeline = VariantPipeline((MASK,))
    play(pipeline, film().units[:2])

    def fail(self: Painter, frame: object) -> PaintedPicture:
        raise broken

    monkeypatch.setattr(Painter, "paint", fail)
    with pytest.raises(GatewayError, match="MASK_FAILED"):
        pipeline.feed(Feed(film().units[2]))


def test_a_variant_without_a_mask_does_not_exist() -> None:
    with pytest.raises(GatewayError, match="MASK_INVALID"):
        VariantPipeline(())


def test_only_the_painter_makes_painted_pictures() -> None:
    """The encoder's argument is the proof of masking; nobody else may forge one."""
    rooms = Path(variant.__file__).parent.glob("*.py")
    makers = {path.name for path in rooms if "PaintedPicture(" in path.read_text("utf-8")}
    assert makers == {"paint.py"}
    assert "PaintedPicture" in encode.Encoder.encode.__annotations__["picture"].__name__


def test_nal_units_are_split_without_settings_and_delimiters() -> None:
    stream = b"\0\0\0\1\x09\xf0\0\0\0\1\x67abc\0\0\1\x06note\0\0\0\1\x65picture\0\0"
    assert encode.split_annex_b(stream) == (b"\x67abc", b"\x65picture")
