"""Room: who is in a live meeting, and what each of them gets of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sfu.connection import Site
from sfu.participant import Answer, Participant, ParticipantListener
from sfu.publication import Publication, PublishedTrack
from sfu.slots import Published
from sfu.tracks import TrackSource

__all__ = ["Answer", "Participant", "ParticipantListener", "Publication", "Room"]

SILENCE = 127
"""-dBov (RFC 6464, section 3)."""

NOTABLE = 3
"""dB. A smaller change of a level is not told: everybody would be woken for what nobody sees."""


class Room:
    """`emptied` is called when the last participant has left."""

    def __init__(self, room_id: str, site: Site, emptied: Callable[[], object]) -> None:
        self.id = room_id
        self._site = site
        self._emptied = emptied
        self._participants: dict[str, Participant] = {}
        self._voices: list[str] = []
        """Participants, who began to speak last first."""
        self._levels: dict[str, int] = {}
        """As they were told last; tracks in silence are not in it."""

    @property
    def participants(self) -> Mapping[str, Participant]:
        """By id, in the order they joined."""
        return self._participants

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
        for participant in list(self._participants.values()):
            participant.close(reason)

    # Called by participants

    def remove(self, participant: Participant) -> None:
        if self._participants.get(participant.id) is participant:
            del self._participants[participant.id]
            if participant.id in self._voices:
                self._voices.remove(participant.id)
        self.arrange()
        if not self._participants:
            self._emptied()

    def arrange(self) -> None:
        self.arrange_for(*self._participants.values())

    def arrange_for(self, *participants: Participant) -> None:
        tracks = self._tracks()
        published = _published(tracks)
        for participant in participants:
            participant.arrange(published, tracks, self._voices)

    # Called by what arrives

    def layers_changed(self, track_id: str) -> None:
        track = self._tracks()[track_id]
        for participant in self._participants.values():
            participant.layers_changed(track)

    def voice_started(self, track_id: str) -> None:
        publication = self._tracks()[track_id].publication
        if publication.source is not TrackSource.MICROPHONE:
            return
        speaker = publication.participant_id
        self._voices = [speaker, *(other for other in self._voices if other != speaker)]
        others = (other for other in self._participants.values() if other.id != speaker)
        self.arrange_for(*(other for other in others if not other.hears(track_id)))

    def levels_measured(self, levels: Mapping[str, int], recent: Mapping[str, bytes]) -> None:
        """Pass on who can be heard, when it has changed; silence only once, when it begins."""
        tracks = self._tracks()
        heard = {
            track_id: level
            for track_id, level in levels.items()
            if level < SILENCE and track_id in tracks and not tracks[track_id].publication.muted
        }
        before = self._levels
        if heard.keys() == before.keys() and all(
            abs(level - before[track_id]) < NOTABLE for track_id, level in heard.items()
        ):
            return
        told = {track_id: heard.get(track_id, SILENCE) for track_id in heard.keys() | before.keys()}
        self._levels = heard
        for participant in self._participants.values():
            participant.tell_levels(told)

    def _tracks(self) -> dict[str, PublishedTrack]:
        return {
            track_id: track
            for participant in self._participants.values()
            for track_id, track in participant.tracks.items()
        }


def _published(tracks: Mapping[str, PublishedTrack]) -> list[Published]:
    """Tracks whose publisher is connected; the others have nothing to show."""
    return [
        Published(track_id, track.publication.participant_id, track.publication.source)
        for track_id, track in tracks.items()
        if track.line is not None
    ]
