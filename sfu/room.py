"""Room: who is in a live meeting, and what each of them gets of the others.

What happens in a room of hundreds concerns few of them: a track that comes or goes, those who show
it or would; a voice, only what is heard. The others are not looked at closely. What is heard
changes for all at once; pictures, and what clients are told, over some turns of the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from sfu.connection import Connection, Site
from sfu.participant import Answer, Participant, ParticipantListener
from sfu.publication import Publication, PublishedTrack
from sfu.slots import Catalog, Published
from sfu.speakers import Speakers
from sfu.tracks import TrackSource
from sfu.turns import Turns, Work, call_soon

__all__ = ["Answer", "Participant", "ParticipantListener", "Publication", "Room"]

SILENCE = 127
"""-dBov (RFC 6464, section 3)."""

NOTABLE = 3
"""dB. A smaller change of a level is not told: everybody would be woken for what nobody sees."""

PER_TURN = 8
"""Participants whose pictures are arranged, or who are told of them, in one turn of the loop: some
0.3 ms each."""


class Room:
    """`emptied` is called when the last participant has left. Everybody hears `speakers` voices.
    `later` calls what it is given in the next turn of the loop."""

    def __init__(
        self,
        room_id: str,
        site: Site,
        emptied: Callable[[], object],
        speakers: int = 3,
        later: Callable[[Work], object] = call_soon,
    ) -> None:
        self.id = room_id
        self.catalog = Catalog()
        """What is published, and its publisher connected."""
        self.turns = Turns(PER_TURN, later)
        self._site = site
        self._emptied = emptied
        self._participants: dict[str, Participant] = {}
        self._tracks: dict[str, PublishedTrack] = {}
        """Those in the catalog."""
        self._voices = speakers
        self._speakers = Speakers(speakers)
        self._audible: tuple[str, ...] = ()
        """As everybody's sound was arranged for."""
        self._dominant: str | None = None
        """As everybody was told."""
        self._levels: dict[str, int] = {}
        """As they were told last; tracks in silence are not in it."""

    @property
    def participants(self) -> Mapping[str, Participant]:
        """By id, in the order they joined."""
        return self._participants

    @property
    def connections(self) -> list[Connection]:
        """Of its participants."""
        found = (participant.connection for participant in self._participants.values())
        return [connection for connection in found if connection is not None]

    def join(self, participant_id: str, listener: ParticipantListener) -> Participant:
        """A participant of the same id is replaced."""
        participant = Participant(participant_id, listener, self._site, self)
        before = self._participants.pop(participant_id, None)
        self._participants[participant_id] = participant
        self._levels = {}  # the newcomer has been told nothing yet
        if before is not None:
            before.close("replaced")
        return participant

    def close(self, reason: str) -> None:
        """All leave at once: nobody is arranged anew for it."""
        leaving, self._participants = list(self._participants.values()), {}
        for participant in leaving:
            participant.close(reason)
        self._end()

    def tick(self, now: float) -> None:
        """To be called a few times a second."""
        for participant in list(self._participants.values()):
            participant.tick(now)

    # Called by participants

    @property
    def tracks(self) -> Mapping[str, PublishedTrack]:
        """Those in the catalog, by id."""
        return self._tracks

    @property
    def dominant(self) -> tuple[str | None, str | None]:
        """Whose voice leads the conversation: track and participant."""
        if self._dominant is None:
            return None, None
        return self._dominant, self.catalog[self._dominant].participant_id

    def audible_to(self, participant: Participant) -> list[str]:
        """The microphones it hears."""
        others = [track for track in self._audible if track not in participant.tracks]
        return others[: self._voices]

    def remove(self, participant: Participant) -> None:
        """It has withdrawn its tracks."""
        if self._participants.get(participant.id) is participant:
            del self._participants[participant.id]
            if not self._participants:
                self._end()

    def tracks_changed(self, tracks: Iterable[PublishedTrack]) -> None:
        """These are new, or gone, or fed by another line."""
        changed = [self._enter(track) for track in tracks]
        self._arrange_sound()
        for participant in self._participants.values():
            if any(participant.is_concerned(track) for track in changed):
                self.turns.do((participant, "arrange"), participant.arrange)
        self._announce()

    def mute_changed(self, track: PublishedTrack) -> None:
        """Nothing flows of what is muted, whatever its publisher sends."""
        if track.publication.source is not TrackSource.MICROPHONE:
            self.layers_changed(track.publication.id)
            return
        self._listen(track)
        self._arrange_sound()
        self._announce()

    # Called by what arrives

    def layers_changed(self, track_id: str) -> None:
        track = self._tracks.get(track_id)
        if track is None:
            return
        for participant in self._participants.values():
            if participant.has(track_id):
                key = (participant, "layers", track_id)
                self.turns.do(key, partial(participant.layers_changed, track))

    def voice_started(self, track_id: str) -> None:
        self._speakers.voice_started(track_id, self._site.switchboard.clock())
        self._arrange_sound()

    def levels_measured(self, levels: Mapping[str, int], recent: Mapping[str, bytes]) -> None:
        self._speakers.measured(recent, self._site.switchboard.clock())
        self._arrange_sound()
        self._announce()
        self._tell_levels({key: levels[key] for key in levels if self._is_audible(key)})

    def _enter(self, track: PublishedTrack) -> Published:
        """Into the catalog, or out of it."""
        publication = track.publication
        entry = Published(publication.id, publication.participant_id, publication.source)
        if track.line is not None and entry.track_id not in self._tracks:
            self._tracks[entry.track_id] = track
            self.catalog.add(entry)
        elif track.line is None and entry.track_id in self._tracks:
            del self._tracks[entry.track_id]
            self.catalog.remove(entry)
        self._listen(track)
        return entry

    def _listen(self, track: PublishedTrack) -> None:
        """A microphone that is muted is not heard, whatever it sends."""
        publication = track.publication
        if publication.source is not TrackSource.MICROPHONE:
            return
        if track.line is None:
            self._speakers.remove(publication.id)
        elif publication.muted:
            self._speakers.mute(publication.id)
        else:
            self._speakers.add(publication.id)

    def _arrange_sound(self) -> None:
        """For everybody, in one command to the engine: a first syllable does not wait."""
        if self._audible == self._speakers.audible:
            return
        self._audible = self._speakers.audible
        with self._site.switchboard.routes:
            for participant in self._participants.values():
                participant.hear()

    def _announce(self) -> None:
        """Who leads the conversation."""
        if self._dominant != self._speakers.dominant:
            self._dominant = self._speakers.dominant
            for participant in self._participants.values():
                participant.tell_speaker()

    def _is_audible(self, track_id: str) -> bool:
        if track_id in self._audible:
            return True
        track = self._tracks.get(track_id)
        publication = track.publication if track else None
        return (
            publication is not None
            and publication.source is TrackSource.SCREEN_AUDIO
            and not publication.muted
        )

    def _tell_levels(self, audible: Mapping[str, int]) -> None:
        """When they have changed; silence only once, when it begins."""
        levels = {track_id: level for track_id, level in audible.items() if level < SILENCE}
        before = self._levels
        if levels.keys() == before.keys() and all(
            abs(level - before[track_id]) < NOTABLE for track_id, level in levels.items()
        ):
            return
        told = {key: levels.get(key, SILENCE) for key in levels.keys() | before.keys()}
        self._levels = levels
        for participant in self._participants.values():
            participant.tell_levels(told)

    def _end(self) -> None:
        self.turns.clear()
        self._emptied()
