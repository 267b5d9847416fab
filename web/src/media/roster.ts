/** Who is in the meeting with which tracks, as the server's events tell it. */
import type { Notice, Participant, Role, Track } from "@/signaling/messages";

/** By participant id, in the order of joining. */
export type Roster = ReadonlyMap<string, Participant>;

/** May do what hosts do. */
export function moderates(role: Role): boolean {
  return role === "host" || role === "cohost";
}

export function rosterOf(participants: readonly Participant[]): Roster {
  return new Map(participants.map((participant) => [participant.id, participant]));
}

export function follow(roster: Roster, notice: Notice): Roster {
  switch (notice.type) {
    case "participant_joined":
      return new Map([...roster, [notice.participant.id, notice.participant]]);
    case "participant_left":
      return new Map([...roster].filter(([id]) => id !== notice.participant_id));
    case "track_published":
      return withTracks(roster, notice.track.participant_id, (tracks) => [
        ...tracks.filter((track) => track.id !== notice.track.id),
        notice.track,
      ]);
    case "track_unpublished":
      return withTracks(roster, notice.participant_id, (tracks) =>
        tracks.filter((track) => track.id !== notice.track_id),
      );
    case "track_muted":
      return withTracks(roster, notice.participant_id, (tracks) =>
        tracks.map((track) =>
          track.id === notice.track_id ? { ...track, muted: notice.muted } : track,
        ),
      );
    case "tracks_muted":
      return new Map(
        [...roster].map(([id, participant]) => [id, withMuted(participant, notice.track_ids)]),
      );
    case "role_changed":
      return withParticipant(roster, notice.participant_id, { role: notice.role });
    case "hand":
      return withParticipant(roster, notice.participant_id, { hand: notice.hand });
    default:
      return roster;
  }
}

function withTracks(
  roster: Roster,
  participantId: string,
  change: (tracks: Track[]) => Track[],
): Roster {
  const participant = roster.get(participantId);
  return participant
    ? withParticipant(roster, participantId, { tracks: change(participant.tracks) })
    : roster;
}

function withParticipant(
  roster: Roster,
  participantId: string,
  changes: Partial<Participant>,
): Roster {
  const participant = roster.get(participantId);
  return participant ? new Map(roster).set(participantId, { ...participant, ...changes }) : roster;
}

function withMuted(participant: Participant, trackIds: readonly string[]): Participant {
  if (!participant.tracks.some((track) => trackIds.includes(track.id))) return participant;
  const tracks = participant.tracks.map((track) =>
    trackIds.includes(track.id) ? { ...track, muted: true } : track,
  );
  return { ...participant, tracks };
}
