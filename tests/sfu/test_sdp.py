"""Session descriptions: every real offer we have, and everything that can be wrong with one."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from aiortc import sdp as aiortc_sdp
from hypothesis import given
from hypothesis import strategies as st

from sfu.engine.interface import Codec, Extension, PayloadTypes
from sfu.errors import OfferError
from sfu.ice import Credentials
from sfu.policy import MAX_VIDEO_SLOTS
from sfu.sdp.answer import Candidate, LocalTransport, SlotStream, build_answer
from sfu.sdp.negotiation import Line, Role, common_extensions, negotiate
from sfu.sdp.offer import Direction, Offer, parse_offer

OFFERS = Path(__file__).parent / "sdp"
NAMES = sorted(path.name.removesuffix(".offer.sdp") for path in OFFERS.iterdir())
LOCAL = LocalTransport(
    session_id=7,
    version=1,
    credentials=Credentials("ufragOur", "passwordpasswordpassword"),
    fingerprint="sha-256 " + ":".join(["AB"] * 32),
    candidates=(Candidate("192.0.2.9", 7882), Candidate("2001:db8::9", 7882)),
)
SENDING, SLOT, REJECTED = Role.SENDING, Role.SLOT, Role.REJECTED
OPUS, VP8, VP9, H264, AV1 = Codec


@functools.cache
def read(name: str) -> str:
    return (OFFERS / f"{name}.offer.sdp").read_bytes().decode()


def answer(offer: Offer, lines: tuple[Line, ...]) -> str:
    streams = {
        line.media.mid: SlotStream(number, 100 + number, 200 + number, "name")
        for number, line in enumerate(lines)
        if line.role is SLOT
    }
    return build_answer(lines, streams, LOCAL, allow_mixed_extensions=offer.allow_mixed_extensions)


def answer_to(text: str, *, transport_cc: bool = False) -> str:
    offer = parse_offer(text)
    return answer(offer, negotiate(offer, transport_cc=transport_cc))


def sections(text: str) -> list[list[str]]:
    """Session level, then each m-line, as lines."""
    return [part.split("\r\n") for part in text.rstrip("\r\n").split("\r\nm=")]


def _without(prefix: str, text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.startswith(prefix))


CHROME_VIDEO = [VP8, H264, AV1, VP9]
FIREFOX_VIDEO = [VP8, VP9, AV1]
CAMERA = ("q", "h", "f")


def page(video: list[Codec]) -> list[tuple[Role, list[Codec], tuple[str, ...]]]:
    """Our own page's offer: all it may ever send, without tracks, and its slots."""
    return [
        (SENDING, [OPUS], ()),
        (SENDING, video, CAMERA),
        (SENDING, video, ("h", "f")),
        (SENDING, [OPUS], ()),
        *[(SLOT, video, ())] * 9,
        *[(SLOT, [OPUS], ())] * 12,
    ]


SHAPES: dict[str, list[tuple[Role, list[Codec], tuple[str, ...]]]] = {
    "chrome156_1send_3recv": [
        (SENDING, [OPUS], ()),
        (SENDING, CHROME_VIDEO, ()),
        *[(SLOT, [OPUS], ()), (SLOT, [VP8, VP9, H264, AV1], ())] * 3,
    ],
    "chrome156_av1_L1T3": [(SENDING, [OPUS], ()), (SENDING, [AV1, VP8, H264, VP9], ())],
    "chrome156_av1_L3T3_KEY": [(SENDING, [OPUS], ()), (SENDING, [AV1, VP8, H264, VP9], ())],
    "chrome156_camera_mic_datachannel": [
        (SENDING, [OPUS], ()),
        (SENDING, CHROME_VIDEO, ()),
        (REJECTED, [], ()),
    ],
    "chrome156_h264_simulcast": [
        (SENDING, [OPUS], ()),
        (SENDING, [H264, VP8, AV1, VP9], CAMERA),
    ],
    "chrome156_screen": [(SENDING, CHROME_VIDEO, ())],
    "chrome156_vp8_simulcast": [(SENDING, [OPUS], ()), (SENDING, CHROME_VIDEO, CAMERA)],
    "chrome156_vp9_L3T3_KEY": [(SENDING, [OPUS], ()), (SENDING, [VP9, VP8, H264, AV1], ())],
    "firefox153_camera_mic_datachannel": [
        (SENDING, [OPUS], ()),
        (SENDING, FIREFOX_VIDEO, ()),
        (REJECTED, [], ()),
    ],
    "chrome156_page": page([VP8, H264]),
    "firefox153_page": page([VP8]),
    "firefox153_vp8_simulcast": [(SENDING, [OPUS], ()), (SENDING, FIREFOX_VIDEO, CAMERA)],
}


def test_every_fixture_has_a_row() -> None:
    assert sorted(SHAPES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_roles_codecs_and_layers_of_real_offers(name: str) -> None:
    lines = negotiate(parse_offer(read(name)))
    found = [
        (line.role, [chosen.rule.codec for chosen in line.codecs], line.media.layers)
        for line in lines
    ]
    assert found == SHAPES[name]


@pytest.mark.parametrize("name", NAMES)
def test_answers_to_real_offers_keep_the_rules(name: str) -> None:
    offer = parse_offer(read(name))
    lines = negotiate(offer)
    session, *media = sections(answer(offer, lines))
    assert "a=ice-lite" in session
    kept = [line.media.mid for line in lines if line.role is not REJECTED]
    assert f"a=group:BUNDLE {' '.join(kept)}" in session
    assert len(media) == len(lines)
    for line, section in zip(lines, media, strict=True):
        if line.role is REJECTED:
            assert section[0].split()[1] == "0"
            continue
        assert section[0].split()[1] == "7882"
        assert {"a=rtcp-mux", "a=setup:passive", f"a=mid:{line.media.mid}"} <= set(section)
        assert f"a=ice-ufrag:{LOCAL.credentials.ufrag}" in section
        assert "a=candidate:1 1 udp 2130706431 192.0.2.9 7882 typ host" in section
        assert "a=candidate:2 1 udp 2130706175 2001:db8::9 7882 typ host" in section


@pytest.mark.parametrize("transport_cc", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_answers_offer_nothing_that_was_not_offered(name: str, transport_cc: bool) -> None:
    offered = sections(read(name))
    answered = sections(answer_to(read(name), transport_cc=transport_cc))
    for theirs, ours in zip(offered[1:], answered[1:], strict=True):
        promises = [
            line
            for line in ours
            if line.startswith(("a=rtcp-fb", "a=extmap")) or re.match(r"a=fmtp:\d+ apt", line)
        ]
        mirrored = {line.replace("/recvonly", "/sendonly") for line in promises}
        assert mirrored <= set(theirs)
        numbers = {line.split()[0] for line in ours if line.startswith("a=rtpmap")}
        assert numbers <= {line.split()[0] for line in theirs}
        assert transport_cc or not any("transport" in line for line in promises)


@pytest.mark.parametrize("name", NAMES)
def test_transport_wide_feedback_goes_with_its_extension(name: str) -> None:
    offer = parse_offer(read(name))
    for line in negotiate(offer, transport_cc=True):
        agreed = Extension.TRANSPORT_CC in line.extension_ids
        assert agreed == any("transport-cc" in line.feedback(chosen) for chosen in line.codecs)
        assert agreed or line.media.kind != "video"


def test_only_codecs_that_need_it_get_a_dependency_descriptor() -> None:
    text = read("chrome156_vp8_simulcast")
    assert "dependency-descriptor" in answer_to(text)
    vp8 = re.sub(r"a=rtpmap:(\d+) (VP9|AV1)/90000", r"a=rtpmap:\1 other/90000", text)
    assert "dependency-descriptor" not in answer_to(vp8)


def test_redundant_sound_is_answered_where_it_is_around_opus() -> None:
    text = read("chrome156_1send_3recv")
    line = negotiate(parse_offer(text))[2]
    assert line.payload_types[OPUS] == PayloadTypes(111, None, 63)
    section = sections(answer_to(text))[3]
    assert section[0].split()[3:] == ["111", "63"]
    assert {"a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111"} <= set(section)
    other = text.replace("a=fmtp:63 111/111", "a=fmtp:63 111/9")
    assert negotiate(parse_offer(other))[2].payload_types[OPUS] == PayloadTypes(111)


def test_redundancy_comes_first_where_the_offer_prefers_it() -> None:
    text = read("chrome156_1send_3recv").replace("SAVPF 111 63", "SAVPF 63 111")
    assert sections(answer_to(text))[3][0].split()[3:] == ["63", "111"]


def test_who_publishes_sound_is_asked_to_be_still_in_silence() -> None:
    _, microphone, _, slot, *_ = sections(answer_to(read("chrome156_1send_3recv")))
    assert "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1" in microphone
    assert "a=fmtp:111 minptime=10;useinbandfec=1" in slot


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_understood_by_another_parser(name: str) -> None:
    offer = parse_offer(read(name))
    lines = negotiate(offer)
    parsed = aiortc_sdp.SessionDescription.parse(answer(offer, lines))
    assert parsed.media[0].ice is not None
    for line, media in zip(lines, parsed.media, strict=True):
        assert media.rtp.muxId == line.media.mid
        if line.role is not REJECTED:
            named = {codec.payloadType: codec.name for codec in media.rtp.codecs}
            for codec, types in line.payload_types.items():
                assert named[types.media] == codec
                assert types.rtx is None or named[types.rtx] == "rtx"


def test_h264_keeps_constrained_baseline_in_mode_1() -> None:
    line = negotiate(parse_offer(read("chrome156_h264_simulcast")))[1]
    assert line.payload_types[H264] == PayloadTypes(108, 109)
    assert "profile-level-id=42e01f" in line.codecs[0].parameters


def test_h264_takes_plain_baseline_where_there_is_nothing_better() -> None:
    text = read("chrome156_screen").replace("profile-level-id=42e01f", "profile-level-id=640c1f")
    assert negotiate(parse_offer(text))[0].payload_types[H264] == PayloadTypes(102, 103)


def test_vp9_keeps_profile_zero() -> None:
    line = negotiate(parse_offer(read("chrome156_1send_3recv")))[3]
    assert line.payload_types[VP9] == PayloadTypes(98, 99)


def test_rtx_goes_with_nack() -> None:
    text = read("chrome156_screen").replace("a=rtcp-fb:96 nack\r\n", "")
    assert negotiate(parse_offer(text))[0].payload_types[VP8] == PayloadTypes(96, None)


def test_simulcast_is_answered_layer_by_layer() -> None:
    video = sections(answer_to(read("firefox153_vp8_simulcast")))[2]
    expected = ["a=rid:q recv", "a=rid:h recv", "a=rid:f recv", "a=simulcast:recv q;h;f"]
    assert [line for line in video if line.startswith(("a=rid", "a=simulcast"))] == expected


def test_layers_are_told_apart_by_rid_not_by_ssrc() -> None:
    media = parse_offer(read("firefox153_vp8_simulcast")).media[1]
    assert (media.ssrc, media.rtx_ssrc) == (None, None)


def test_a_single_encoding_names_its_ssrcs() -> None:
    media = parse_offer(read("chrome156_screen")).media[0]
    assert (media.ssrc, media.rtx_ssrc) == (65728946, 3150456434)


def test_slots_declare_their_streams() -> None:
    _, _, _, audio, video, *_ = sections(answer_to(read("chrome156_1send_3recv")))
    assert {"a=sendonly", "a=msid:s3 v3", "a=ssrc-group:FID 103 203"} <= set(video)
    assert {"a=ssrc:103 cname:name", "a=ssrc:203 cname:name"} <= set(video)
    assert {"a=sendonly", "a=msid:s2 a2", "a=ssrc:102 cname:name"} <= set(audio)


def test_slots_have_neither_mid_nor_rid_extensions() -> None:
    lines = negotiate(parse_offer(read("chrome156_1send_3recv")))
    assert set(lines[3].extension_ids) == {
        Extension.ABS_SEND_TIME,
        Extension.VIDEO_ORIENTATION,
    }
    assert set(lines[2].extension_ids) == {Extension.ABS_SEND_TIME, Extension.AUDIO_LEVEL}


def test_extension_ids_are_the_offers() -> None:
    assert common_extensions(negotiate(parse_offer(read("chrome156_vp8_simulcast")))) == {
        Extension.AUDIO_LEVEL: 1,
        Extension.ABS_SEND_TIME: 2,
        Extension.MID: 4,
        Extension.RID: 10,
        Extension.REPAIRED_RID: 11,
        Extension.VIDEO_ORIENTATION: 13,
        Extension.DEPENDENCY_DESCRIPTOR: 12,
    }


def test_extension_directions_are_mirrored() -> None:
    video = sections(answer_to(read("firefox153_vp8_simulcast")))[2]
    assert f"a=extmap:9/recvonly {Extension.RID}" in video
    assert f"a=extmap:3 {Extension.MID}" in video


def test_bundle_only_lines_need_not_repeat_what_is_the_transports() -> None:
    first, *others = sections(read("firefox153_page"))[1:]
    assert "a=rtcp-mux" in first
    assert all({"a=bundle-only"} <= set(lines) for lines in others)
    text = read("firefox153_page")
    audio, rest = text.split("m=video", 1)
    lines = negotiate(parse_offer(f"{audio}m=video{_without('a=rtcp-mux', rest)}"))
    assert [line.role for line in lines] == [shape[0] for shape in SHAPES["firefox153_page"]]


def test_lines_with_port_0_outside_the_bundle_are_rejected() -> None:
    text = read("firefox153_vp8_simulcast").replace("m=video 9 ", "m=video 0 ")
    text = text.replace("BUNDLE 0 1", "BUNDLE 0")
    assert [line.role for line in negotiate(parse_offer(text))] == [SENDING, REJECTED]


@pytest.mark.parametrize(
    ("direction", "role", "answered"),
    [
        (Direction.SENDONLY, SENDING, "a=recvonly"),
        (Direction.SENDRECV, SENDING, "a=recvonly"),
        (Direction.RECVONLY, SLOT, "a=sendonly"),
        (Direction.INACTIVE, Role.IDLE, "a=inactive"),
    ],
)
def test_directions(direction: Direction, role: Role, answered: str) -> None:
    text = read("chrome156_screen").replace("a=sendonly", f"a={direction}")
    offer = parse_offer(text)
    lines = negotiate(offer)
    assert lines[0].role is role
    assert answered in sections(answer(offer, lines))[1]


def test_of_rid_alternatives_the_first_counts_and_paused_ones_too() -> None:
    text = read("chrome156_vp8_simulcast").replace("send q;h;f", "send ~q;h,f")
    assert parse_offer(text).media[1].layers == ("q", "h")


def test_fingerprints_on_session_level_are_taken() -> None:
    offer = parse_offer(read("firefox153_vp8_simulcast"))
    assert [fingerprint.algorithm for fingerprint in offer.fingerprints] == ["sha-256"]
    assert offer.credentials.ufrag == "acf4f189"


CHROME = "chrome156_vp8_simulcast"

WRONG: dict[str, tuple[str, str]] = {
    # what is wrong: (the offer, part of the message)
    "empty": ("", "line 1"),
    "white": (" \r\n \r\n", "line 1"),
    "html": ("<!DOCTYPE html>", "line 1"),
    "nul": (read(CHROME).replace("s=-", "s=\0"), "line 3"),
    "truncated in a line": (read(CHROME).split("/48000")[0], "malformed rtpmap"),
    "truncated after the session": (read(CHROME).split("m=audio")[0], "no m-line"),
    "no version": (read(CHROME).removeprefix("v=0\r\n"), "v=0"),
    "no BUNDLE": (_without("a=group", read(CHROME)), "BUNDLE"),
    "not in BUNDLE": (read(CHROME).replace("BUNDLE 0 1", "BUNDLE 0"), "BUNDLE"),
    "no rtcp-mux": (_without("a=rtcp-mux", read(CHROME)), "rtcp-mux"),
    "no ufrag": (_without("a=ice-ufrag", read(CHROME)), "ice-ufrag"),
    "no password": (_without("a=ice-pwd", read(CHROME)), "ice-pwd"),
    "short password": (read(CHROME).replace("6mj2GbFOOKOvTqIN/besNYbt", "6mj2"), "ice-pwd"),
    "no fingerprint": (_without("a=fingerprint", read(CHROME)), "fingerprint"),
    "sha-1": (read(CHROME).replace("sha-256", "sha-1"), "fingerprint"),
    "no setup": (_without("a=setup", read(CHROME)), "setup"),
    "passive": (read(CHROME).replace("setup:actpass", "setup:passive"), "setup"),
    "ice-lite": (read(CHROME).replace("t=0 0", "t=0 0\r\na=ice-lite"), "ice-lite"),
    "same mid": (read(CHROME).replace("a=mid:1", "a=mid:0"), "mid"),
    "no mid": (_without("a=mid", read(CHROME)), "BUNDLE"),
    "bad m-line": (read(CHROME).replace("m=audio 9 ", "m=audio "), "malformed m="),
    "bad payload type": (read(CHROME).replace("SAVPF 111 63", "SAVPF 111 x"), "payload type"),
    "huge payload type": (read(CHROME).replace("SAVPF 111 63", "SAVPF 111 128"), "payload type"),
    "bad rtpmap": (read(CHROME).replace("opus/48000/2", "opus/many"), "malformed rtpmap"),
    "bad extension id": (read(CHROME).replace("extmap:4 ", "extmap:15 "), "extension id 15"),
    "extension id 0": (read(CHROME).replace("extmap:4 ", "extmap:0 "), "extension id 0"),
    "extension id twice": (read(CHROME).replace("extmap:10 ", "extmap:4 "), "extension id 4"),
    "rid without line": (_without("a=rid:h", read(CHROME)), "rid"),
    "rid twice": (read(CHROME).replace("send q;h;f", "send q;q;f"), "rid"),
    "five layers": (read(CHROME).replace("send q;h;f", "send q;h;f;g;e"), "simulcast"),
    "SSRC of 33 bits": (read(CHROME).replace("ssrc:349635899", "ssrc:8589934592"), "SSRC"),
    "10,000 lines": (read(CHROME) + "a=x\r\n" * 10_000, "lines"),
    "65 m-lines": ("v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 65, "m-lines"),
    "too long": ("v=0\r\n" + "a=x:" + "y" * (256 * 1024), "characters"),
    "unknown codecs": (
        re.sub(r"(opus|VP8|VP9|H264|AV1)/", r"X-\1/", read(CHROME)),
        "no supported codec",
    ),
    "only a data channel": (
        "v=0\r\na=group:BUNDLE 2\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n",
        "no media",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_named(wrong: str) -> None:
    text, part = WRONG[wrong]
    with pytest.raises(OfferError) as error:
        negotiate(parse_offer(text))
    assert part in error.value.message


def test_an_extension_id_must_mean_the_same_on_all_lines() -> None:
    text = read(CHROME).replace(f"extmap:2 {Extension.ABS_SEND_TIME}", "extmap:2 urn:x", 1)
    text = text.replace(f"extmap:1 {Extension.AUDIO_LEVEL}", f"extmap:2 {Extension.AUDIO_LEVEL}")
    with pytest.raises(OfferError, match=r"extension id [12]"):
        negotiate(parse_offer(text.replace("a=extmap:2 urn:x\r\n", "")))


def test_slots_are_limited() -> None:
    session, *media = read("chrome156_1send_3recv").split("\r\nm=")
    video = media[3].split("\r\n")
    count = MAX_VIDEO_SLOTS + 1
    lines = ["\r\n".join(video).replace("a=mid:3", f"a=mid:{number}") for number in range(count)]
    mids = " ".join(str(number) for number in range(count))
    session = re.sub("BUNDLE .*", f"BUNDLE {mids}", session)
    with pytest.raises(OfferError, match=f"more than {MAX_VIDEO_SLOTS}"):
        negotiate(parse_offer("\r\nm=".join([session, *lines])))
    kept = parse_offer("\r\nm=".join([session, *lines[:-1]]))
    assert len(negotiate(kept)) == MAX_VIDEO_SLOTS


# Mutations of real offers: success or OfferError, nothing else

LINES = sorted({line for name in NAMES for line in read(name).split("\r\n")})
NASTY = ["", "0", "-1", "99999999999999999999", "\0", "é", "٣", ":", " ", ";", "*", "a=" * 50]


@st.composite
def mutated_offers(draw: st.DrawFn) -> str:
    lines = read(draw(st.sampled_from(NAMES))).split("\r\n")
    for _ in range(draw(st.integers(1, 12))):
        position = draw(st.integers(0, len(lines) - 1))
        line = lines[position]
        match draw(st.integers(0, 5)):
            case 0:
                del lines[position]
            case 1:
                lines.insert(position, draw(st.sampled_from(LINES)))
            case 2:
                lines[position] = line[: draw(st.integers(0, len(line)))]
            case 3:
                words = re.split(r"([ :/;=])", line)
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(NASTY))
                lines[position] = "".join(words)
            case 4:
                lines[position] = line + draw(st.text(max_size=20))
            case _:
                lines = lines[: position + 1]
        lines = lines or [""]
    return "\r\n".join(lines)


@given(mutated_offers())
def test_mutated_offers_are_answered_or_refused(text: str) -> None:
    try:
        answered = answer_to(text)
    except OfferError:
        return
    assert answered.startswith("v=0\r\n")


@given(st.text(max_size=2000))
def test_random_text_is_refused(text: str) -> None:
    with pytest.raises(OfferError):
        parse_offer(text)
