"""Who is shown and heard in which slot: a pure function from wishes to an assignment.

- Before a client has told its view, it wants everything: screens first, then cameras, in the order
  given. Afterwards exactly what the view lists, higher priority first.
- A picture stays in its slot as long as it is wanted; a new one takes a slot that is empty now,
  else one that becomes free.
- The sound that belongs to a picture (the microphone to a camera, the screen's sound to a screen)
  is in the audio slot of the same number: browsers keep lips and voice together only so.
- Microphones without a visible camera share the audio slots beyond the video slots, whoever began
  to speak last first, then in the order given; one that stays keeps its slot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sfu.engine.interface import Kind
from sfu.tracks import TrackSource, ViewItem

SOUND_OF = {
    TrackSource.CAMERA: TrackSource.MICROPHONE,
    TrackSource.SCREEN: TrackSource.SCREEN_AUDIO,
}


@dataclass(frozen=True, slots=True)
class Published:
    """A track a receiver may get."""

    track_id: str
    participant_id: str
    source: TrackSource


@dataclass(frozen=True, slots=True)
class Assignment:
    """Track ids by slot; None is an empty slot."""

    video: tuple[str | None, ...]
    audio: tuple[str | None, ...]


def assign(
    published: Sequence[Published],
    view: Sequence[ViewItem] | None,
    current: Assignment,
    voices: Sequence[str],
) -> Assignment:
    """`published`: everybody else's tracks, who joined first first. `voices`: participants, who
    began to speak last first. The result has as many slots as `current`."""
    wanted = _wanted_pictures(published, view)[: len(current.video)]
    video = _keep_places(wanted, current.video)
    sounds = _sounds_of(video, published, len(current.audio))
    beyond = current.audio[len(video) :]
    microphones = _extra_microphones(published, sounds.values(), voices)
    extra = _keep_places(microphones[: len(beyond)], beyond)
    paired = tuple(sounds.get(slot) for slot in range(min(len(video), len(current.audio))))
    return Assignment(video, paired + extra)


def _wanted_pictures(published: Sequence[Published], view: Sequence[ViewItem] | None) -> list[str]:
    pictures = [track for track in published if track.source.kind is Kind.VIDEO]
    if view is None:
        pictures.sort(key=lambda track: track.source is not TrackSource.SCREEN)
        return [track.track_id for track in pictures]
    known = {track.track_id for track in pictures}
    listed = sorted(view, key=lambda item: -item.priority)
    return [item for item in dict.fromkeys(item.track_id for item in listed) if item in known]


def _keep_places(wanted: Sequence[str], current: Sequence[str | None]) -> tuple[str | None, ...]:
    """Put what is wanted into slots without moving what is already there."""
    places = [track if track in wanted else None for track in current]
    free = iter(_free_slots(places, current))
    for track in wanted:
        if track not in places:
            places[next(free)] = track
    return tuple(places)


def _free_slots(places: Sequence[str | None], current: Sequence[str | None]) -> list[int]:
    """Slots empty all along first: they need no acknowledgement of the receiver."""
    free = [slot for slot, track in enumerate(places) if track is None]
    return sorted(free, key=lambda slot: current[slot] is not None)


def _sounds_of(
    video: Sequence[str | None], published: Sequence[Published], audio_slots: int
) -> Mapping[int, str]:
    tracks = {track.track_id: track for track in published}
    owned = {(track.participant_id, track.source): track.track_id for track in published}
    sounds = {}
    for slot, track_id in enumerate(video[:audio_slots]):
        if track_id is not None:
            picture = tracks[track_id]
            sound = owned.get((picture.participant_id, SOUND_OF[picture.source]))
            if sound is not None:
                sounds[slot] = sound
    return sounds


def _extra_microphones(
    published: Sequence[Published], heard: Collection[str], voices: Sequence[str]
) -> list[str]:
    ranks = {participant: rank for rank, participant in enumerate(voices)}
    return [
        track.track_id
        for track in sorted(
            _microphones(published), key=lambda track: ranks.get(track.participant_id, len(ranks))
        )
        if track.track_id not in heard
    ]


def _microphones(published: Sequence[Published]) -> Iterator[Published]:
    return (track for track in published if track.source is TrackSource.MICROPHONE)
