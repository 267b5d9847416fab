"""Rooms on the fake engine, in virtual time, and somebody who listens."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sfu.connection import Site
from sfu.dtls import Certificate
from sfu.engine.interface import (
    AudioLevels,
    BandwidthEstimate,
    BandwidthSource,
    Codec,
    SinkId,
    SourceActive,
    SourceId,
    SourceSilent,
    StunReceived,
    TransportId,
    VoiceStarted,
)
from sfu.engine.interface import (
    Path as NetworkPath,
)
from sfu.engine_host import TICK
from sfu.ice import Credentials
from sfu.policy import DEFAULT_POLICY
from sfu.room import Participant, Room
from sfu.sdp.answer import Candidate
from sfu.switchboard import Switchboard
from sfu.tracks import SlotsState
from sfu.transport import TransportState
from sfu.turns import Work
from tests.support.engine import FakeEngine
from tests.support.ice import IceClient

OFFERS = Path(__file__).parent.parent / "sfu" / "sdp"


@functools.cache
def real_offer(name: str) -> str:
    return (OFFERS / f"{name}.offer.sdp").read_bytes().decode()


@functools.cache
def certificate() -> Certificate:
    """One for all tests: making it takes longer than they do."""
    made = Certificate.generateCertificate()
    assert isinstance(made, Certificate)
    return made


@dataclass
class Ear:
    """Notes everything a room tells: a `ParticipantListener` and a `LineListener`."""

    slots: list[SlotsState] = field(default_factory=list)
    states: list[tuple[TransportState, str | None]] = field(default_factory=list)
    told_levels: list[Mapping[str, int]] = field(default_factory=list)
    changed_tracks: list[str] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    encodings: list[dict[str, tuple[str, ...]]] = field(default_factory=list)
    speakers: list[str | None] = field(default_factory=list)

    def slots_changed(self, state: SlotsState) -> None:
        self.slots.append(state)

    def media_changed(self, state: TransportState, reason: str | None) -> None:
        self.states.append((state, reason))

    def levels(self, levels: Mapping[str, int]) -> None:
        self.told_levels.append(levels)

    def layers_changed(self, track_id: str) -> None:
        self.changed_tracks.append(track_id)

    def voice_started(self, track_id: str) -> None:
        self.voices.append(track_id)

    def levels_measured(self, levels: Mapping[str, int], recent: Mapping[str, bytes]) -> None:
        self.told_levels.append(levels)

    def encodings_changed(self, tracks: Mapping[str, Sequence[str]]) -> None:
        self.encodings.append({track_id: tuple(rids) for track_id, rids in tracks.items()})

    def speaker_changed(self, track_id: str | None, participant_id: str | None) -> None:
        self.speakers.append(participant_id)


@dataclass
class Member:
    """A participant on the fake engine."""

    participant: Participant
    ear: Ear
    answer: str = ""
    """To the last offer."""

    @property
    def shown(self) -> list[str]:
        """Track ids in the slots, as told by `slots()`."""
        return [slot.track_id for slot in self.participant.slots().slots if slot.track_id]


class FakeHouse:
    """One room on a fake engine. `now` is the time; `settle` lets the engine answer."""

    def __init__(self) -> None:
        self.now = 0.0
        self.engine = FakeEngine()
        self._soon: list[Work] = []
        self.switchboard = Switchboard(self.engine, lambda: self.now, later=self._later)
        candidates = (Candidate("192.0.2.9", 7882),)
        self.site = site = Site(
            self.switchboard, certificate(), candidates, 6_000_000, DEFAULT_POLICY
        )
        self.emptied = 0
        self.room = Room("room", site, self._room_emptied, later=self._later)

    def _room_emptied(self) -> None:
        self.emptied += 1

    def join(self, name: str) -> Member:
        ear = Ear()
        return Member(self.room.join(name, ear), ear)

    def _later(self, work: Work) -> None:
        self._soon.append(work)

    def turn(self) -> None:
        """One of the event loop."""
        soon, self._soon = self._soon, []
        for work in soon:
            work()

    def settle(self) -> None:
        while (answers := self.engine.answers()) or self._soon:
            self.switchboard.dispatch(self.now, answers)
            self.turn()

    def activate(self, *sources: SourceId, codec: Codec = Codec.VP8) -> None:
        events = [SourceActive(source, 1000 + source, codec) for source in sources]
        self.switchboard.dispatch(self.now, events)

    def estimate(self, member: Member, bitrate: int) -> None:
        """What the way to a member carries, bits/s."""
        estimate = BandwidthEstimate(self.transport(member), bitrate, BandwidthSource.TRANSPORT_CC)
        self.switchboard.dispatch(self.now, [estimate])

    def speak(self, *sources: SourceId) -> None:
        """Somebody begins to."""
        self.switchboard.dispatch(self.now, [VoiceStarted(source) for source in sources])

    def hear(self, levels: Mapping[SourceId, int]) -> None:
        """A report of levels, the same for all its packets but for a pause, and its time."""
        self.now += 0.2
        said = {source: bytes([80, *[level] * 9]) for source, level in levels.items()}
        recent = {source: packets for source, packets in said.items() if min(packets) <= 60}
        self.switchboard.dispatch(self.now, [AudioLevels(levels, recent)])

    def tick(self, seconds: float) -> None:
        """Let time pass, as an EngineHost does."""
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self.switchboard.tick(self.now)
            self.room.tick(self.now)
            self.settle()

    def silence(self, *sources: SourceId) -> None:
        self.switchboard.dispatch(self.now, [SourceSilent(source) for source in sources])

    async def offer(self, member: Member, sdp: str) -> None:
        member.answer = (await member.participant.offer(sdp)).sdp

    def transport(self, member: Member) -> TransportId:
        """By our ufrag, which is in the answer."""
        found = re.search("a=ice-ufrag:(.*)\r", member.answer)
        assert found is not None
        return next(key for key, ufrags in self.engine.ufrags.items() if found[1] in ufrags)

    def check(self, now: float, member: Member, ufrag: str) -> None:
        """A valid connectivity check; the member's offer was made `with_credentials`."""
        found = re.search("a=ice-ufrag:(.*)\r\na=ice-pwd:(.*)\r", member.answer)
        assert found is not None
        client = IceClient(credentials(ufrag))
        path = NetworkPath("192.0.2.1", sum(ufrag.encode()), "192.0.2.9")
        data = client.check(Credentials(found[1], found[2]))
        self.switchboard.dispatch(now, [StunReceived(self.transport(member), path, data)])

    def sources(self, member: Member, mid: str) -> list[SourceId]:
        """Lowest layer first."""
        transport = self.transport(member)
        return [
            source
            for source, parameters in self.engine.sources.items()
            if parameters.transport == transport and parameters.mid == mid
        ]

    def sink(self, member: Member, mid: str) -> SinkId:
        """By its SSRC, which is in the answer."""
        section = member.answer.split(f"a=mid:{mid}\r\n")[1]
        ssrc = re.search("a=ssrc:([0-9]+) ", section)
        assert ssrc is not None
        sinks = self.engine.sinks.items()
        return next(sink for sink, parameters in sinks if parameters.ssrc == int(ssrc[1]))


def with_fingerprint(sdp: str, digit: str) -> str:
    """The same offer by another peer connection."""
    return re.sub("(a=fingerprint:sha-256 )..", rf"\g<1>{digit}{digit}", sdp)


def with_more_audio(sdp: str, count: int) -> str:
    """More audio slots, appended to an offer of mids 0 to 7."""
    sdp = sdp.removesuffix("\r\n")
    slot = next(part for part in sdp.split("\r\nm=") if "a=mid:2" in part)
    mids = range(8, 8 + count)
    added = [slot.replace("a=mid:2", f"a=mid:{mid}") for mid in mids]
    bundle = " ".join(str(mid) for mid in range(8 + count))
    return re.sub("BUNDLE [0-9 ]*", f"BUNDLE {bundle}", "\r\nm=".join([sdp, *added])) + "\r\n"


def with_credentials(sdp: str, ufrag: str) -> str:
    """The same offer after an ICE restart."""
    mine = credentials(ufrag)
    sdp = re.sub("a=ice-ufrag:.*?\r", f"a=ice-ufrag:{mine.ufrag}\r", sdp)
    return re.sub("a=ice-pwd:.*?\r", f"a=ice-pwd:{mine.password}\r", sdp)


def credentials(ufrag: str) -> Credentials:
    return Credentials(ufrag, ufrag * 6)
