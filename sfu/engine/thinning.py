"""Which layers of a source a sink gets, and the numbers it gets them under.

A `Selection` changes only where a frame begins, and only for what the receiver can decode from
there on. Everything that holds from some packet of the source on, numbers and selection, is a
`Place`: so a late packet is treated as it would have been in time, and what is sent again is what
was sent. Dropped packets leave no gap in the numbers, so the constant offset of a segment becomes
piecewise constant.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from sfu.engine.interface import Codec
from sfu.engine.media import Layer, MediaPacket
from sfu.rtp.dependency import NOT_PRESENT, SWITCH, Frame, Structure

ALL_LAYERS = 255
PLACES = 64
"""Kept for late packets and for what is sent again: seconds of them."""


class Limits(NamedTuple):
    """The highest layers that a route wants."""

    spatial: int = ALL_LAYERS
    temporal: int = ALL_LAYERS


UNLIMITED = Limits()


class Selection(NamedTuple):
    """The highest layers that flow."""

    spatial: int = ALL_LAYERS
    temporal: int = ALL_LAYERS
    structure: Structure | None = None
    """With dependency descriptors: of the decode target that flows."""
    target: int = 0

    def holds(self, layer: Layer) -> bool:
        """Also what belongs to another structure, as nothing is known of it."""
        frame = layer.frame
        if frame is None:
            return layer.spatial <= self.spatial and layer.temporal <= self.temporal
        return (
            frame.structure is not self.structure or frame.indications[self.target] != NOT_PRESENT
        )

    def active(self, frame: Frame) -> int:
        """The decode targets, bit by bit, that a receiver gets all it needs for."""
        if frame.structure is not self.structure:
            return frame.active
        return frame.active & self.structure.within(self.target) or frame.active


class Place(NamedTuple):
    first: int
    """The sequence number of the source from which on it holds, unwrapped."""
    sequence_offset: int
    picture_id_offset: int
    selection: Selection = Selection()
    tells_at: int = -1
    """The packet that tells which decode targets are active from now on; -1 for none."""

    def flows(self, packet: MediaPacket) -> bool:
        return packet.layer is None or self.selection.holds(packet.layer)

    def marker(self, packet: MediaPacket) -> int:
        """0x80 or 0. The packet that ends the picture may be of a layer that does not flow."""
        layer = packet.layer
        if layer is not None and layer.ends and layer.spatial == self.selection.spatial:
            return 0x80
        return packet.marker

    def active(self, packet: MediaPacket) -> int | None:
        """What the packet's dependency descriptor shall tell that it does not."""
        frame = packet.layer.frame if packet.layer else None
        if frame is None:
            return None
        active = self.selection.active(frame)
        if frame.told is None:
            return active if packet.sequence == self.tells_at else None
        return active if active != frame.told else None


class Thinning:
    """Of one segment, from the first limit on."""

    __slots__ = (
        "_active",
        "_dropped_picture",
        "_newest",
        "_places",
        "_sent_layer",
        "_timestamp",
        "_up_next",
        "missing_layers",
    )

    def __init__(self, places: deque[Place], last: MediaPacket | None) -> None:
        """`last`: the newest packet of the segment, if there is one yet."""
        self._places = places
        self._newest = last.sequence if last else places[-1].first - 1
        self._timestamp = last.timestamp if last else None
        """Of the newest packet: a picture has one, and no other."""
        self._sent_layer = last.layer if last else None
        """Of the newest packet that flowed; of `_timestamp`'s picture, or None."""
        self._up_next = False
        """All temporal layers may flow from the next picture on."""
        self._dropped_picture: int | None = None
        self._active: int | None = None
        """The decode targets last told to be active."""
        self.missing_layers = False
        """Other spatial layers are wanted than flow, which needs a keyframe; by the last packet."""

    def take(self, packet: MediaPacket, limits: Limits) -> Place | None:
        """Where the packet goes; None if it is of a layer that does not flow. It must not be older
        than all places are."""
        self.missing_layers = False
        if packet.sequence <= self._newest:
            place = find(self._places, packet.sequence)
            return place if place and place.flows(packet) else None
        if packet.layer is not None:
            self._select(packet, packet.layer, limits)
        place = self._places[-1]
        if packet.timestamp != self._timestamp:
            self._sent_layer = None
        self._newest, self._timestamp = packet.sequence, packet.timestamp
        if not place.flows(packet):
            self._drop(packet, place)
            return None
        self._note(packet, place)
        return self._places[-1]

    def _note(self, packet: MediaPacket, place: Place) -> None:
        """The packet flows, and is the newest."""
        layer = packet.layer
        if layer is None:
            return
        self._sent_layer = layer
        if layer.switch_up:
            self._up_next = True
        if layer.frame is not None and layer.begins:
            self._tell(packet.sequence, layer.frame, place)

    def _tell(self, sequence: int, frame: Frame, place: Place) -> None:
        active = place.selection.active(frame)
        before = frame.active if self._active is None else self._active
        if frame.told is None and active != before:
            self._places[-1] = place._replace(tells_at=sequence)
        self._active = active

    def _drop(self, packet: MediaPacket, place: Place) -> None:
        """What follows closes up, but not what may still come from before."""
        picture_id_offset = place.picture_id_offset
        picture = packet.picture
        if packet.codec is Codec.VP8 and picture and picture.picture_id != self._dropped_picture:
            # VP8 counts pictures, so receivers would wait for it; VP9 refers to them by number.
            self._dropped_picture = picture.picture_id
            picture_id_offset -= 1
        following = Place(
            packet.sequence + 1,
            place.sequence_offset - 1,
            picture_id_offset,
            place.selection,
        )
        if place.first == packet.sequence:
            self._places[-1] = following
        else:
            self._places.append(following)

    def _select(self, packet: MediaPacket, layer: Layer, limits: Limits) -> None:
        """What flows from this packet on."""
        place = self._places[-1]
        before = place.selection
        if not layer.begins:
            selection = before
        elif layer.frame is not None:
            selection = self._by_descriptor(packet, layer.frame, before, limits)
        else:
            selection = self._by_layer(packet, layer, before, limits)
        if layer.frame is None and not selection.holds(layer):
            self.missing_layers = selection.spatial < layer.spatial <= limits.spatial
        if selection == before:
            return
        changed = place._replace(first=packet.sequence, selection=selection, tells_at=-1)
        if place.first == packet.sequence:
            self._places[-1] = changed
        else:
            self._places.append(changed)

    def _by_layer(
        self, packet: MediaPacket, layer: Layer, before: Selection, limits: Limits
    ) -> Selection:
        if packet.joinable:
            self._up_next = False
            return Selection(limits.spatial, limits.temporal)
        spatial, temporal = before.spatial, before.temporal
        if packet.timestamp == self._timestamp:
            sent = self._sent_layer
            below = sent is not None and sent.spatial == spatial == layer.spatial - 1
            if below and layer.independent and layer.spatial <= limits.spatial:
                spatial = layer.spatial
            return Selection(spatial, temporal)
        spatial, temporal = min(spatial, limits.spatial), min(temporal, limits.temporal)
        if self._up_next:
            temporal = limits.temporal
        elif layer.sync and layer.temporal == temporal + 1 and temporal < limits.temporal:
            temporal += 1
        self._up_next = False
        return Selection(spatial, temporal)

    def _by_descriptor(
        self, packet: MediaPacket, frame: Frame, before: Selection, limits: Limits
    ) -> Selection:
        target = _best_target(frame, limits)
        if target is None:
            return Selection() if packet.joinable else before
        begins_picture = packet.timestamp != self._timestamp
        spatial, temporal = frame.structure.targets[target]
        wanted = Selection(spatial, temporal, frame.structure, target)
        if packet.joinable:
            return wanted
        if frame.structure is not before.structure:
            return wanted if begins_picture else before
        # What flows can be decoded, so a switch at a frame that flows can be, too.
        if frame.indications[before.target] != NOT_PRESENT and frame.indications[target] == SWITCH:
            return wanted
        if begins_picture and frame.structure.within(before.target) >> target & 1:
            return wanted
        self.missing_layers = spatial != before.spatial
        return before


def find(places: deque[Place], sequence: int) -> Place | None:
    """What holds for a packet of the source; None for one that is older than all of them."""
    for place in reversed(places):
        if place.first <= sequence:
            return place
    return None


def _best_target(frame: Frame, limits: Limits) -> int | None:
    """The decode target with the highest layers that are wanted and sent; None if there is none."""
    best = None
    targets = frame.structure.targets
    for target, (spatial, temporal) in enumerate(targets):
        if not frame.active >> target & 1:
            continue
        if spatial > limits.spatial or temporal > limits.temporal:
            continue
        if best is None or (spatial, temporal) > targets[best]:
            best = target
    return best
