/**
 * One person's part in one meeting: signaling, the peer connection, what is given and received.
 * Everything follows from three sources: the server's notices, the local devices, and the state of
 * the connections; whatever breaks is built up again from them.
 */
import { SignalingError } from "@/signaling/errors";
import { type LinkOptions, MeetingLink, type Place } from "@/signaling/meeting-link";
import type {
  ClosingReason,
  Encodings,
  IceServer,
  Joined,
  LobbyPerson,
  MediaPolicy,
  Meeting,
  Notice,
  Refused,
  Replaces,
  RequestBody,
  RequestType,
  Result,
  Role,
  Slots,
  TrackSource,
} from "@/signaling/messages";
import { Notices } from "@/signaling/notices";
import type { ConnectionState } from "@/signaling/socket";
import { Observable } from "@/store/observable";
import type { Layout } from "./arrangement";
import { ConnectionWatch } from "./connection-watch";
import { Conversation } from "./conversation";
import type { LocalMedia } from "./local";
import { Peer } from "./peer";
import { SizeWatch, sizeOf } from "./picture-size";
import { Publications } from "./publications";
import { Recovery } from "./recovery";
import { clearResume, loadResume, saveResume } from "./resume-store";
import { follow, moderates, type Roster, rosterOf } from "./roster";
import { SlotBoard } from "./slots";
import { ViewReport } from "./view-report";

export interface SessionState {
  phase: "joining" | "waiting" | "joined" | "left" | "failed";
  /** Why it failed. */
  failure: SignalingError["code"] | ClosingReason | "refused" | null;
  selfId: string | null;
  selfName: string;
  /** Of the meeting, which whoever waits knows too. */
  title: string;
  meeting: Meeting | null;
  /** What is said in it; null: there is no chat. */
  conversationId: number | null;
  /** One's own. */
  role: Role;
  /** One's own, raised; hands count up. */
  hand: number | null;
  /** Who waits to be let in, for those who may do that. */
  lobby: readonly LobbyPerson[];
  roster: Roster;
  /** Participant id of who speaks. */
  speaker: string | null;
  connection: ConnectionState["name"];
  media: "connecting" | "connected" | "interrupted";
  /** The server is about to. */
  stopping: boolean;
}

/** How this person looks at the meeting. */
export interface Outlook {
  layout: Layout;
  /** Key of the tile that is to have the large place. */
  pinned: string | null;
}

/** By track id: 0 (loudest) to 127 (-dBov). */
export type Levels = Readonly<Record<string, number>>;

/** Pause before a join is tried again where the refusal may pass, ms. */
const RETRY = 2_000;
const MAY_PASS: ReadonlySet<SignalingError["code"]> = new Set([
  "unavailable",
  "internal",
  "too_many_requests",
  "timeout",
]);

const FAILURES = {
  refused: "refused",
  removed: "removed",
  locked: "locked",
  full: "meeting_full",
  ended: "ended",
} as const satisfies Record<Refused["reason"], SessionState["failure"]>;

export class MediaSession {
  readonly state = new Observable<SessionState>({
    phase: "joining",
    failure: null,
    selfId: null,
    selfName: "",
    title: "",
    meeting: null,
    conversationId: null,
    role: "participant",
    hand: null,
    lobby: [],
    roster: new Map(),
    speaker: null,
    connection: "connecting",
    media: "connecting",
    stopping: false,
  });
  readonly levels = new Observable<Levels>({});
  readonly outlook = new Observable<Outlook>({ layout: "grid", pinned: null });
  readonly conversation = new Conversation();
  readonly slots = new SlotBoard();
  readonly watch = new ConnectionWatch({
    report: () => this.connection?.getStats() ?? null,
    starved: () => this.slots.view.get().paused.size > 0,
    carried: () => this.slots.carried(),
  });
  readonly view: ViewReport;
  readonly local: LocalMedia;
  readonly link: MeetingLink;
  /** What the server tells, before it is taken in here: who leaves is still known. */
  readonly events = new Notices();
  readonly #meetingId: string;
  readonly #publications: Publications;
  readonly #recovery: Recovery;
  readonly #sizes: SizeWatch;
  readonly #unfollow: () => void;
  /** Whose place an earlier load of this page left us. */
  #replaces: Replaces | null;
  #policy: MediaPolicy | null = null;
  #iceServers: IceServer[] = [];
  /** Which encodings somebody takes, by own track. */
  #encodings: Encodings["tracks"] = {};
  #peer: Peer | null = null;
  #offerDue = false;
  /** The present peer connection has its m-lines. */
  #negotiated = false;
  #offers: Promise<void> = Promise.resolve();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions, local: LocalMedia) {
    this.local = local;
    this.#meetingId = options.meetingId;
    this.#replaces = loadResume(options.meetingId);
    this.link = new MeetingLink(options, {
      online: (resumed) => void this.#online(resumed),
      notice: (notice) => this.#notice(notice),
    });
    this.#publications = new Publications({
      request: (type, body) => this.link.request(type, body),
      mid: (source) => this.#peer?.mid(source) ?? "",
    });
    this.#recovery = new Recovery({
      isConnected: () => this.connection?.connectionState === "connected",
      restartIce: () => this.#restartIce(),
      replacePeer: () => this.#replacePeer(),
    });
    this.view = new ViewReport((tracks) => {
      if (this.#peer?.reserve(tracks.length)) this.#offerAnew();
      this.#attempt(this.link.request("view", { tracks }));
    });
    this.#sizes = new SizeWatch(
      () => [local.state.get().camera.track, local.state.get().screen?.video ?? null],
      () => this.#localChanged(),
    );
    this.link.state.subscribe(() => this.#linkChanged(this.link.state.get()));
    this.#unfollow = local.state.subscribe(() => this.#localChanged());
  }

  /** Also for statistics. */
  get connection(): RTCPeerConnection | null {
    return this.#peer?.connection ?? null;
  }

  start(): void {
    window.addEventListener("online", this.#networkChanged);
    window.addEventListener("pagehide", this.#sayLeave);
    document.addEventListener("visibilitychange", this.#visibilityChanged);
    this.#visibilityChanged();
    this.link.open();
  }

  /** Leaves the meeting; devices stay as they are. */
  leave(): void {
    this.#sayLeave();
    this.#end({ phase: "left" });
  }

  request<T extends RequestType>(type: T, body: RequestBody<T>): Promise<Result<T>> {
    return this.link.request(type, body);
  }

  /** Which of one's own sources is sent there; null: none. */
  sourceAt(mid: string): TrackSource | null {
    return this.#peer?.sourceAt(mid) ?? null;
  }

  /** Which of one's own sources these tracks are. */
  sourcesOf(trackIds: readonly string[]): TrackSource[] {
    return this.#publications.sourcesOf(trackIds);
  }

  // Joining and coming back

  async #online(resumed: boolean): Promise<void> {
    if (!resumed) this.#forget();
    else if (this.state.get().phase === "waiting") return; // its place in the lobby is kept
    try {
      await this.#establish();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** From whatever there is to being in the meeting with all that is given. */
  async #establish(): Promise<void> {
    if (this.#policy) this.#remember();
    else {
      const place = await this.#join();
      if ("waiting" in place) return this.#wait(place.waiting.title);
      return this.#enter(place.joined);
    }
    await this.#takePart();
  }

  async #takePart(): Promise<void> {
    this.#watchPeer();
    await this.#negotiate();
    await this.#publish();
    this.view.forget();
    this.view.flush();
  }

  async #join(): Promise<Place> {
    try {
      return await this.link.join(this.#replaces);
    } catch (error) {
      const code = error instanceof SignalingError && error.code;
      // The reply to an earlier join was lost with its connection.
      if (code === "already_joined") await this.link.request("leave", {});
      // The secret was used up, but its successor never came.
      else if (code !== "forbidden" || !this.#replaces) throw error;
      return await this.link.join(null);
    }
  }

  #wait(title: string): void {
    this.#replaces = null;
    this.#remember();
    this.state.patch({ phase: "waiting", title });
  }

  async #admitted(joined: Joined): Promise<void> {
    try {
      await this.#enter(joined);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The offer is under way before anybody draws what it is to be in the meeting: that takes long. */
  async #enter(joined: Joined): Promise<void> {
    this.#replaces = null;
    this.#remember();
    this.#policy = joined.policy;
    this.#iceServers = joined.ice_servers;
    this.#newPeer(joined.policy);
    const takingPart = this.#takePart();
    this.state.patch({
      phase: "joined",
      selfId: joined.participant_id,
      selfName: this.link.socket.welcome?.name ?? "",
      title: joined.meeting.title,
      meeting: joined.meeting,
      conversationId: joined.conversation_id,
      role: joined.role,
      hand: null,
      lobby: [],
      roster: rosterOf(joined.participants),
    });
    this.events.anew();
    await takingPart;
  }

  #remember(): void {
    const { welcome } = this.link.socket;
    if (welcome) saveResume(this.#meetingId, welcome);
  }

  /** The server knows nothing of us any more. */
  #forget(): void {
    this.#dropPeer();
    this.#policy = null;
    this.#publications.forget();
    this.#encodings = {};
    this.levels.set({});
    this.conversation.reset();
    this.state.patch({ speaker: null, stopping: false });
  }

  #failed(error: unknown): void {
    if (!(error instanceof SignalingError)) throw error;
    if (error.code === "connection_lost" || this.#isOver) return;
    clearTimeout(this.#retryTimer);
    if (MAY_PASS.has(error.code)) {
      this.#retryTimer = setTimeout(() => void this.#online(true), RETRY);
    } else {
      this.#end({ phase: "failed", failure: error.code });
    }
  }

  #linkChanged(connection: ConnectionState): void {
    this.state.patch({ connection: connection.name });
    if (connection.name === "online") return;
    this.#recovery.stop();
    if (connection.name === "closed" && connection.reason) {
      this.#end({ phase: "failed", failure: connection.reason });
    }
  }

  get #isOver(): boolean {
    const { phase } = this.state.get();
    return phase === "left" || phase === "failed";
  }

  #end(outcome: Partial<SessionState>): void {
    if (this.#isOver) return;
    this.state.patch(outcome);
    clearResume(this.#meetingId);
    clearTimeout(this.#retryTimer);
    window.removeEventListener("online", this.#networkChanged);
    window.removeEventListener("pagehide", this.#sayLeave);
    document.removeEventListener("visibilitychange", this.#visibilityChanged);
    this.#unfollow();
    this.#sizes.stop();
    this.conversation.reset();
    this.view.stop();
    this.#dropPeer();
    this.link.close();
  }

  /** Also when the tab closes, so that the others need not look at a frozen picture. */
  readonly #sayLeave = (): void => this.#attempt(this.link.request("leave", {}));

  // What the server tells

  #notice(notice: Notice): void {
    this.events.tell(notice);
    switch (notice.type) {
      case "slots":
        this.#slotsChanged(notice);
        break;
      case "levels":
        this.levels.set(notice.levels);
        break;
      case "encodings":
        this.#encodings = notice.tracks;
        this.#encode();
        break;
      case "speaker":
        this.state.patch({ speaker: notice.participant_id });
        this.conversation.speaker(notice.participant_id);
        break;
      case "media":
        if (notice.state === "closed") this.#replacePeer();
        break;
      case "admitted":
        void this.#admitted(notice.joined);
        break;
      case "server_stopping":
        this.state.patch({ stopping: true });
        break;
      case "refused":
        this.#end({ phase: "failed", failure: FAILURES[notice.reason] });
        break;
      case "removed":
        this.#end({ phase: "failed", failure: notice.reason });
        break;
      case "meeting_changed":
        this.state.patch({ meeting: notice.meeting, title: notice.meeting.title });
        break;
      case "lobby":
        this.state.patch({ lobby: notice.people });
        break;
      case "tracks_muted":
        this.#mutedByHost(notice.track_ids);
        this.#follow(notice);
        break;
      default:
        this.#follow(notice);
    }
    if (notice.type === "track_muted" && !notice.muted) this.slots.hold(notice.track_id);
  }

  #follow(notice: Notice): void {
    const { roster, selfId } = this.state.get();
    this.state.patch({ roster: follow(roster, notice) });
    if (notice.type === "role_changed" && notice.participant_id === selfId) {
      this.state.patch({ role: notice.role });
      if (!moderates(notice.role)) this.state.patch({ lobby: [] });
    }
    if (notice.type === "hand" && notice.participant_id === selfId) {
      this.state.patch({ hand: notice.hand });
    }
  }

  /** What is off for the others is off here, too, so that nobody thinks he is heard. */
  #mutedByHost(trackIds: readonly string[]): void {
    for (const source of this.#publications.sourcesOf(trackIds)) {
      if (source === "camera" || source === "microphone") void this.local.turn(source, false);
      else this.local.stopScreen();
    }
  }

  /** Applied means applied: nothing of the earlier occupants is on the page when this is sent. */
  #slotsChanged(slots: Slots): void {
    this.slots.apply(slots);
    this.#attempt(this.link.request("slots_applied", { revision: slots.revision }));
  }

  // The peer connection

  #newPeer(policy: MediaPolicy): void {
    this.#peer = new Peer({
      policy,
      iceServers: this.#iceServers,
      onState: (state) => this.#peerChanged(state),
    });
    this.#offerDue = true;
    this.state.patch({ media: "connecting" });
    this.#localChanged();
  }

  #dropPeer(): void {
    this.#recovery.stop();
    this.#negotiated = false;
    this.slots.reset();
    this.#peer?.close();
    this.#peer = null;
  }

  #replacePeer(): void {
    if (!this.#policy) return;
    this.#dropPeer();
    this.#publications.forget();
    this.#newPeer(this.#policy);
    this.#watchPeer();
    this.#offerAnew();
  }

  #restartIce(): void {
    this.#peer?.restartIce();
    this.#offerAnew();
  }

  #offerAnew(): void {
    this.#offerDue = true;
    this.#attempt(this.#negotiate().then(() => this.#publish()));
  }

  /** One offer at a time, and only where one is due. */
  #negotiate(): Promise<void> {
    const run = this.#offers.then(() => this.#offer());
    this.#offers = run.catch(() => undefined);
    return run;
  }

  async #offer(): Promise<void> {
    const peer = this.#peer;
    if (!this.#offerDue || !peer) return;
    this.#offerDue = false;
    try {
      const lines = await peer.negotiate((sdp) => this.link.request("offer", { sdp }));
      if (peer !== this.#peer) return;
      this.#negotiated = true;
      this.slots.attach(lines, (mid) => peer.receiver(mid));
    } catch (error) {
      if (peer !== this.#peer) return;
      this.#offerDue = true;
      throw error;
    }
  }

  #peerChanged(state: RTCPeerConnectionState): void {
    if (state === "connected") this.state.patch({ media: "connected" });
    if (state === "disconnected" || state === "failed") this.state.patch({ media: "interrupted" });
    if (this.state.get().connection === "online") this.#recovery.state(state);
  }

  /** After a time without signaling, in which nothing could be mended. */
  #watchPeer(): void {
    const state = this.connection?.connectionState;
    if (state === "new" || state === "connecting") this.#recovery.begin();
    else if (state) this.#recovery.state(state);
  }

  readonly #networkChanged = (): void => {
    this.link.retryNow();
    if (this.state.get().connection === "online" && this.#peer) this.#recovery.restart();
  };

  /** For a page that cannot be seen, sound is enough. */
  readonly #visibilityChanged = (): void => this.view.seen(!document.hidden);

  // What we give

  #localChanged(): void {
    const { microphone, camera, screen } = this.local.state.get();
    this.#give("microphone", microphone.on ? microphone.track : null);
    this.#give("camera", camera.on ? camera.track : null);
    this.#give("screen", screen?.video ?? null);
    this.#give("screen_audio", screen?.audio ?? null);
    if (this.#negotiated) this.#attempt(this.#publish());
  }

  async #publish(): Promise<void> {
    await this.#publications.sync();
    this.#encode();
  }

  /** Sends what somebody takes; all of a track of which the server has said nothing yet. */
  #encode(): void {
    for (const source of ["camera", "screen"] as const) {
      const trackId = this.#publications.trackId(source);
      this.#peer?.encode(source, (trackId && this.#encodings[trackId]) || null);
    }
  }

  /** A camera or microphone once published is muted when off; a screen is taken back. */
  #give(source: TrackSource, track: MediaStreamTrack | null): void {
    this.#peer?.send(source, track);
    const isDevice = source === "camera" || source === "microphone";
    if (track) this.#publications.want(source, false, sizeOf(track));
    else if (isDevice && this.#publications.isWanted(source)) this.#publications.want(source, true);
    else this.#publications.want(source, null);
  }

  /** What fails for want of a connection is made good by the next `#establish`. */
  #attempt(request: Promise<unknown>): void {
    request.catch((error: unknown) => {
      if (!(error instanceof SignalingError)) throw error;
      if (error.code !== "connection_lost") console.warn(error.code, error.message);
    });
  }
}
