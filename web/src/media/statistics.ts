/** What the browser measures of a connection, as rates between two of its reports. */

/** https://www.w3.org/TR/webrtc-stats/: what is read here of one entry. */
interface Entry {
  id: string;
  type: string;
  timestamp: number;
  kind?: "audio" | "video";
  codecId?: string;
  mimeType?: string;
  bytesReceived?: number;
  bytesSent?: number;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
  localId?: string;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  totalFreezesDuration?: number;
  totalSamplesReceived?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  trackIdentifier?: string;
  mid?: string;
  rid?: string;
  active?: boolean;
  qualityLimitationReason?: "none" | "cpu" | "bandwidth" | "other";
  selectedCandidatePairId?: string;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
}

export type Report = ReadonlyMap<string, unknown>;

interface Flow {
  kind: "audio" | "video";
  /** bit/s. */
  bitrate: number;
  /** Part of the packets, 0 to 1; null: nothing is known. */
  loss: number | null;
  width: number | null;
  height: number | null;
  frameRate: number | null;
  codec: string | null;
}

export interface Inbound extends Flow {
  /** Whose track the receiver carries now; null: nobody's. */
  trackId: string | null;
  /** Part of the time in which the picture stood, or of the sound that had to be made up. */
  gaps: number;
}

export interface Outbound extends Flow {
  mid: string;
  /** Of several encodings of one picture. */
  rid: string | null;
  /** Why it is smaller than it might be. */
  limited: "cpu" | "bandwidth" | null;
}

export interface Figures {
  /** To the server and back, ms. */
  roundTrip: number | null;
  /** What the way to the server is thought to carry, bit/s. */
  available: number | null;
  received: number;
  sent: number;
  lossIn: number | null;
  lossOut: number | null;
  inbound: readonly Inbound[];
  outbound: readonly Outbound[];
}

/** Track ids by the ids of the receivers' own tracks, which is all that reports know. */
export type Carried = ReadonlyMap<string, string>;

/** What happened from one report to the next. */
export function compare(before: Report, after: Report, carried: Carried): Figures {
  const inbound = ofType(after, "inbound-rtp").map((entry) => ({
    ...inboundFlow(entry, before, after),
    trackId: carried.get(entry.trackIdentifier ?? "") ?? null,
  }));
  const outbound = ofType(after, "outbound-rtp").map((entry) => outboundFlow(entry, before, after));
  const pair = selectedPair(after);
  return {
    roundTrip: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1_000,
    available: pair?.availableOutgoingBitrate ?? null,
    received: sum(inbound.map((flow) => flow.bitrate)),
    sent: sum(outbound.map((flow) => flow.bitrate)),
    lossIn: lossIn(before, after),
    lossOut: mean(outbound.filter(({ bitrate }) => bitrate > 0).flatMap(({ loss }) => loss ?? [])),
    inbound,
    outbound,
  };
}

function inboundFlow(entry: Entry, before: Report, after: Report): Omit<Inbound, "trackId"> {
  const grown = growth(entry, before);
  const seconds = grown("timestamp") / 1_000;
  const frozen = ratio(grown("totalFreezesDuration"), seconds);
  const concealed = grown("concealedSamples") - grown("silentConcealedSamples");
  return {
    ...flow(entry, after, ratio(8 * grown("bytesReceived"), seconds)),
    loss: lossOf(grown),
    gaps: entry.kind === "video" ? frozen : ratio(concealed, grown("totalSamplesReceived")),
  };
}

function outboundFlow(entry: Entry, before: Report, after: Report): Outbound {
  const grown = growth(entry, before);
  const reason = entry.qualityLimitationReason;
  const heard = ofType(after, "remote-inbound-rtp").find(({ localId }) => localId === entry.id);
  return {
    ...flow(entry, after, ratio(8 * grown("bytesSent"), grown("timestamp") / 1_000)),
    loss: heard?.fractionLost ?? null,
    mid: entry.mid ?? "",
    rid: entry.rid ?? null,
    limited: reason === "cpu" || reason === "bandwidth" ? reason : null,
  };
}

function flow(entry: Entry, report: Report, bitrate: number): Omit<Flow, "loss"> {
  const codec = report.get(entry.codecId ?? "") as Entry | undefined;
  return {
    kind: entry.kind ?? "audio",
    bitrate,
    width: entry.frameWidth ?? null,
    height: entry.frameHeight ?? null,
    frameRate: entry.framesPerSecond ?? null,
    codec: codec?.mimeType?.split("/")[1] ?? null,
  };
}

type Counter = {
  [K in keyof Entry]-?: NonNullable<Entry[K]> extends number ? K : never;
}[keyof Entry];
type Growth = (counter: Counter) => number;

/** How much a counter has grown; one that began anew, as that of another stream, has not. */
function growth(entry: Entry, before: Report): Growth {
  const earlier = before.get(entry.id) as Entry | undefined;
  return (counter) => Math.max(0, (entry[counter] ?? 0) - (earlier?.[counter] ?? 0));
}

function lossOf(grown: Growth): number | null {
  const lost = grown("packetsLost");
  const all = lost + grown("packetsReceived");
  return all === 0 ? null : lost / all;
}

function lossIn(before: Report, after: Report): number | null {
  const entries = ofType(after, "inbound-rtp").map((entry) => growth(entry, before));
  return lossOf((counter) => sum(entries.map((grown) => grown(counter))));
}

/** By way of the transport; Firefox marks the pair itself, of which there is one here. */
function selectedPair(report: Report): Entry | undefined {
  const [transport] = ofType(report, "transport");
  const chosen = report.get(transport?.selectedCandidatePairId ?? "") as Entry | undefined;
  return chosen ?? ofType(report, "candidate-pair").find((pair) => pair.currentRoundTripTime);
}

function ofType(report: Report, type: string): Entry[] {
  return ([...report.values()] as Entry[]).filter((entry) => entry.type === type);
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}
