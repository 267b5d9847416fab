"""Who is shown and heard in which slot: pure functions from wishes to an assignment.

- Before a client has told its view, it wants every picture: screens first, then cameras, in the
  order they were published. Afterwards exactly what the view lists, higher priority first.
- A picture stays in its slot as long as it is wanted; a new one takes a slot that is empty now,
  else one that becomes free.
- The sound that belongs to a picture (the microphone to a camera, the screen's sound to a screen)
  is in the audio slot of the same number: browsers keep lips and voice together only so.
- Audible microphones without a visible camera share the audio slots beyond the video slots; one
  that stays keeps its slot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from sfu.engine.interface import Kind
from sfu.tracks import TrackSource, ViewItem

BELONGS_TO = {
    TrackSource.CAMERA: TrackSource.MICROPHONE,
    TrackSource.SCREEN: TrackSource.SCREEN_AUDIO,
    TrackSource.MICROPHONE: TrackSource.CAMERA,
    TrackSource.SCREEN_AUDIO: TrackSource.SCREEN,
}
"""What is seen with a sound, and heard with a picture."""

Places = tuple[str | None, ...]
"""Track ids by slot; None is an empty slot."""


@dataclass(frozen=True, slots=True)
class Published:
    """A track a receiver may get."""

    track_id: str
    participant_id: str
    source: TrackSource


class Catalog:
    """All that is published, in that order."""

    def __init__(self) -> None:
        self._tracks: dict[str, Published] = {}
        self._of: dict[str, dict[TrackSource, Published]] = {}
        """By participant."""
        self._partners: dict[str, str] = {}
        """The sound of each picture and the picture of each sound."""
        self._pictures: dict[TrackSource, dict[str, Published]] = {
            TrackSource.SCREEN: {},
            TrackSource.CAMERA: {},
        }

    def add(self, track: Published) -> None:
        self._tracks[track.track_id] = track
        own = self._of.setdefault(track.participant_id, {})
        own[track.source] = track
        if partner := own.get(BELONGS_TO[track.source]):
            self._partners[track.track_id] = partner.track_id
            self._partners[partner.track_id] = track.track_id
        if track.source.kind is Kind.VIDEO:
            self._pictures[track.source][track.track_id] = track

    def remove(self, track: Published) -> None:
        del self._tracks[track.track_id]
        self._pictures.get(track.source, {}).pop(track.track_id, None)
        if partner := self._partners.pop(track.track_id, None):
            del self._partners[partner]
        own = self._of[track.participant_id]
        del own[track.source]
        if not own:
            del self._of[track.participant_id]

    def __getitem__(self, track_id: str) -> Published:
        return self._tracks[track_id]

    def __contains__(self, track_id: object) -> bool:
        return track_id in self._tracks

    def of(self, participant_id: str) -> list[Published]:
        return list(self._of.get(participant_id, {}).values())

    def is_picture(self, track_id: str) -> bool:
        track = self._tracks.get(track_id)
        return track is not None and track.source.kind is Kind.VIDEO

    def pictures(self) -> Iterator[Published]:
        """Screens first."""
        return chain.from_iterable(tracks.values() for tracks in self._pictures.values())

    def sound_of(self, picture: str) -> str | None:
        """What is heard with a picture."""
        return self._partners.get(picture)

    def picture_of(self, sound: str) -> str | None:
        """What is seen with a sound."""
        return self._partners.get(sound)


def assign_pictures(
    published: Catalog, view: Sequence[ViewItem] | None, current: Places, receiver: str
) -> Places:
    """The video slots of participant `receiver`, who gets nothing of its own. As many as `current`
    has."""
    pictures = _wanted(published, view)
    others = (track for track in pictures if published[track].participant_id != receiver)
    return _keep_places(list(islice(others, len(current))), current)


def assign_sounds(
    pictures: Places, published: Catalog, audible: Sequence[str], current: Places
) -> Places:
    """The audio slots beside these video slots. `audible`: the microphones this receiver hears."""
    paired = tuple(
        published.sound_of(picture) if picture is not None else None
        for picture in pictures[: len(current)]
    )
    beyond = current[len(paired) :]
    extra = [track for track in audible if track not in paired]
    return paired + _keep_places(extra[: len(beyond)], beyond)


def _wanted(published: Catalog, view: Sequence[ViewItem] | None) -> Iterator[str]:
    if view is None:
        return (track.track_id for track in published.pictures())
    listed = dict.fromkeys(item.track_id for item in sorted(view, key=lambda item: -item.priority))
    return filter(published.is_picture, listed)


def _keep_places(wanted: Sequence[str], current: Places) -> Places:
    """Put what is wanted into slots without moving what is already there."""
    if all(track in current for track in wanted):
        return tuple(track if track in wanted else None for track in current)
    places = [track if track in wanted else None for track in current]
    free = iter(_free_slots(places, current))
    for track in wanted:
        if track not in places:
            places[next(free)] = track
    return tuple(places)


def _free_slots(places: Sequence[str | None], current: Places) -> list[int]:
    """Slots empty all along first: they need no acknowledgement of the receiver."""
    free = [slot for slot, track in enumerate(places) if track is None]
    return sorted(free, key=lambda slot: current[slot] is not None)
