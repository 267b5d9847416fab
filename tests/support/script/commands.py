"""What the room commands."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.engine.interface import (
    Codec,
    Kind,
    Path,
    Route,
    SinkId,
    SourceId,
    SrtpProfile,
    Switch,
    TransportId,
)
from tests.support.script.world import EXTENSION_IDS, SPARE_PATHS, Member, World, pick
from tests.support.wire import (
    PUBLISHED_EXTENSIONS,
    SrtpPeer,
)


@dataclass(frozen=True)
class Show:
    """Route a slot to an encoding, or to none."""

    slot: int
    encoding: int | None
    switch: Switch = Switch.PARTICIPANT
    paused: bool = False
    any_kind: bool = False
    spatial: int | None = None
    """The highest layers that are wanted."""
    temporal: int | None = None

    def run(self, world: World) -> None:
        slot, source = world.slot(self.slot), None
        if self.encoding is not None and self.any_kind:
            source = world.encoding(self.encoding).id
        elif self.encoding is not None:
            source = world.encoding_for(slot, self.encoding).id
        route = Route(slot.id, source, self.switch, self.paused, self.spatial, self.temporal)
        world.engine.route([route])


@dataclass(frozen=True)
class ShowAll:
    """Routes of one command: every slot its encoding."""

    first: int
    switch: Switch = Switch.PARTICIPANT

    def run(self, world: World) -> None:
        world.engine.route(
            [
                Route(slot.id, world.encoding_for(slot, self.first + index).id, self.switch)
                for index, slot in enumerate(world.slots)
            ]
        )


@dataclass(frozen=True)
class Join:
    """A member with two layers of a camera, a screen and a microphone, and three slots."""

    profile: SrtpProfile = SrtpProfile.AEAD_AES_128_GCM
    codec: Codec = Codec.VP8
    rtx: bool = True
    extension_ids: int = 0
    declared: bool = False
    narrow: bool = False
    """The second slot takes the member's own codec only."""
    red: bool = True

    def run(self, world: World) -> None:
        member = Member(world.wire, self.profile)
        world.members.append(member)
        world.encodings += [
            member.encoding(self.codec, rid="q"),
            member.encoding(self.codec, rid="f"),
            member.encoding(Codec.VP8, mid="2", declared=True, nack=False),
            member.encoding(Codec.OPUS, mid="0", declared=self.declared),
        ]
        ids = pick(EXTENSION_IDS, self.extension_ids)
        codecs = [self.codec] if self.narrow else None
        world.slots += [
            member.slot(rtx=self.rtx, extension_ids=ids),
            member.slot(extension_ids=ids, codecs=codecs),
            member.slot(Kind.AUDIO, extension_ids=ids, red=self.red),
        ]


@dataclass(frozen=True)
class Leave:
    """Steps that name the member go on to do so: commands and packets that cross."""

    member: int

    def run(self, world: World) -> None:
        member = world.member(self.member)
        world.engine.close_transport(member.transport)
        world.closed |= {one.id for one in world.encodings if one.publisher is member}


@dataclass(frozen=True)
class CloseSource:
    encoding: int

    def run(self, world: World) -> None:
        source = world.encoding(self.encoding).id
        world.engine.close_source(source)
        world.closed.add(source)


@dataclass(frozen=True)
class OpenSource:
    """The same track again, under another identifier."""

    encoding: int

    def run(self, world: World) -> None:
        encoding = world.encoding(self.encoding)
        encoding.id = SourceId(world.wire.identifier())
        world.engine.open_source(encoding.id, encoding.parameters)


@dataclass(frozen=True)
class CloseSink:
    slot: int

    def run(self, world: World) -> None:
        world.engine.close_sink(world.slot(self.slot).id)


@dataclass(frozen=True)
class OpenSink:
    member: int
    kind: Kind = Kind.VIDEO
    rtx: bool = True
    extension_ids: int = 0
    codecs: tuple[Codec, ...] | None = None
    red: bool = True

    def run(self, world: World) -> None:
        member = world.member(self.member)
        ids = pick(EXTENSION_IDS, self.extension_ids)
        codecs = self.codecs if self.kind is Kind.VIDEO else None
        slot = member.slot(self.kind, rtx=self.rtx, red=self.red, extension_ids=ids, codecs=codecs)
        world.slots[self.member % len(world.slots)] = slot


@dataclass(frozen=True)
class Rekey:
    """DTLS once more: other keys, which the member uses at once."""

    member: int
    seed: int

    def run(self, world: World) -> None:
        member = world.member(self.member)
        member.srtp = SrtpPeer(self.seed, member.profile)
        world.engine.start_srtp(member.transport, member.srtp.keys)


@dataclass(frozen=True)
class Select:
    """Send to a path: the member's own (-1), another, or none."""

    member: int
    path: int | None

    def run(self, world: World) -> None:
        world.engine.select_path(world.member(self.member).transport, self._path(world))

    def _path(self, world: World) -> Path | None:
        if self.path is None:
            return None
        return world.member(self.member).path if self.path < 0 else pick(SPARE_PATHS, self.path)


@dataclass(frozen=True)
class Validate:
    member: int
    path: int
    count: int = 1
    expect: bool = False
    """Only an answer to a check of ours is expected from it."""

    def run(self, world: World) -> None:
        transport = world.member(self.member).transport
        for number in range(self.path, self.path + self.count):
            path = pick(SPARE_PATHS, number)
            if self.expect:
                world.engine.expect_stun(transport, path)
            else:
                world.engine.validate_path(transport, path)


@dataclass(frozen=True)
class Move:
    """The member's own datagrams come from another path from now on."""

    member: int
    path: int

    def run(self, world: World) -> None:
        member, path = world.member(self.member), pick(SPARE_PATHS, self.path)
        world.engine.validate_path(member.transport, path)
        world.engine.select_path(member.transport, path)
        member.path = path
        world.wire.peers[path] = member


@dataclass(frozen=True)
class Rename:
    """Other ufrags: none, an old and a new one, or those of another member."""

    member: int
    names: tuple[str, ...]

    def run(self, world: World) -> None:
        world.engine.set_ufrags(world.member(self.member).transport, self.names)


@dataclass(frozen=True)
class Renumber:
    """Other header extension ids of a publisher; those that its packets carry, or none."""

    member: int
    known: bool

    def run(self, world: World) -> None:
        ids = PUBLISHED_EXTENSIONS if self.known else {}
        world.engine.set_extensions(world.member(self.member).transport, ids)


@dataclass(frozen=True)
class Limit:
    member: int
    bitrate: int

    def run(self, world: World) -> None:
        world.engine.set_receive_limit(world.member(self.member).transport, self.bitrate)


@dataclass(frozen=True)
class Tell:
    """STUN or DTLS that we send."""

    path: int
    data: bytes
    member: int | None = None

    def run(self, world: World) -> None:
        path = pick(SPARE_PATHS, self.path)
        if self.member is not None:
            path = world.member(self.member).path
        world.engine.send(path, self.data)


@dataclass(frozen=True)
class Astray:
    """Commands for what never was."""

    def run(self, world: World) -> None:
        engine = world.engine
        nobody = TransportId(999_999)
        engine.set_ufrags(nobody, ["x"])
        engine.close_transport(nobody)
        engine.close_source(SourceId(999_999))
        engine.close_sink(SinkId(999_999))
        engine.route([Route(SinkId(999_999), None), Route(world.slot(0).id, SourceId(999_999))])


@dataclass(frozen=True)
class Count:
    """Look at the statistics."""

    def run(self, world: World) -> None:
        world.engine.stats()
        world.engine.totals()
