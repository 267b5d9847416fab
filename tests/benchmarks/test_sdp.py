"""What a client offers and answers, and what it reads of the other side."""

from __future__ import annotations

import pytest

from benchmarks.sdp import (
    Answer,
    Credentials,
    Sending,
    Slots,
    SlotStream,
    build_answer,
    build_offer,
    build_publishing_offer,
    parse_answer,
)

LOCAL = Credentials("ours", "our-password", "AA:BB")
ANSWER = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-lite
a=group:BUNDLE 0 1 2
m=video 7882 UDP/TLS/RTP/SAVPF 96 97
a=mid:0
a=recvonly
a=ice-ufrag:theirs
a=ice-pwd:their-password
a=fingerprint:sha-256 01:02
a=setup:passive
a=candidate:1 1 udp 2130706431 127.0.0.1 7882 typ host
m=audio 7882 UDP/TLS/RTP/SAVPF 111
a=mid:1
a=sendonly
a=ssrc:11 cname:x
m=video 7882 UDP/TLS/RTP/SAVPF 96 97
a=mid:2
a=sendonly
a=ssrc-group:FID 21 22
a=ssrc:21 cname:x
a=ssrc:22 cname:x
""".replace("\n", "\r\n")


def test_an_answer() -> None:
    slots = [SlotStream("1", "audio", 11, None), SlotStream("2", "video", 21, 22)]
    assert parse_answer(ANSWER) == Answer(
        Credentials("theirs", "their-password", "01:02"), ("127.0.0.1", 7882), "passive", slots
    )


@pytest.mark.parametrize("missing", ["a=candidate", "a=ice-ufrag", "a=fingerprint", "a=ssrc:11"])
def test_an_answer_that_lacks_something(missing: str) -> None:
    lines = [line for line in ANSWER.splitlines() if not line.startswith(missing)]
    with pytest.raises(ValueError, match="no"):
        parse_answer("\r\n".join(lines))


@pytest.mark.parametrize("sending", [None, Sending(1, 2, 3)])
def test_an_offer_has_the_policys_slots(sending: Sending | None) -> None:
    offer = build_offer(LOCAL, Slots(audio=3, video=2), sending)
    assert offer.count("a=recvonly") == 5
    assert offer.count("a=sendonly") == 4
    assert "a=group:BUNDLE 0 1 2 3 4 5 6 7 8\r\n" in offer
    assert ("a=simulcast:send q;h;f" in offer) is (sending is None)


def test_a_publishers_offer_can_be_read_like_any_other() -> None:
    offer = build_publishing_offer(LOCAL, ("10.0.0.1", 4000), Sending(1, 2, 3))
    found = parse_answer(offer)
    assert (found.credentials, found.address, found.setup) == (
        LOCAL,
        ("10.0.0.1", 4000),
        "actpass",
    )
    assert found.media_ssrcs == {1, 2}
    assert offer.count("m=") == 2


def test_an_answer_takes_what_is_offered() -> None:
    offer = build_publishing_offer(LOCAL, ("10.0.0.1", 4000), Sending(1, 2, 3))
    renamed = offer.replace("a=mid:1", "a=mid:v").replace("BUNDLE 0 1", "BUNDLE 0 v")
    theirs = Credentials("theirs", "password", "01:02")
    answer = build_answer(renamed, theirs, ("10.0.0.2", 5000))
    assert parse_answer(answer) == Answer(theirs, ("10.0.0.2", 5000), "passive")
    assert "a=group:BUNDLE 0 v\r\n" in answer
    assert answer.count("a=recvonly") == 2
    assert "a=ssrc" not in answer
    assert "a=rtpmap:111 opus/48000/2" in answer
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103" in answer


def test_transport_wide_feedback_is_offered_on_every_line_for_every_codec() -> None:
    lines = build_offer(LOCAL, Slots(2, 1), transport_cc=True).splitlines()
    assert sum("transport-wide-cc" in line for line in lines) == 4 + 3
    # Opus once, VP8 and H264 on each of three video lines
    assert sum(line.endswith("transport-cc") for line in lines) == 4 + 2 * 3
    assert "transport" not in build_offer(LOCAL, Slots(2, 1))
