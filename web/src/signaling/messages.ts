/** Names for the generated types of the `/ws` messages. */
import type { components } from "@/generated/signaling";

type Schemas = components["schemas"];

export type ClientRequest = Schemas["ClientRequest"];
export type RequestType = ClientRequest["type"];
export type RequestBody<T extends RequestType> = Omit<
  Extract<ClientRequest, { type: T }>,
  "id" | "type"
>;
export type Result<T extends RequestType> = Schemas["Results"][T];

export type Failure = Schemas["Failure"];
export type ServerMessage = Schemas["ServerMessage"];
/** What the server tells unasked. */
export type Notice = Exclude<ServerMessage, Schemas["Reply"] | Failure | Schemas["Closing"]>;
export type ErrorCode = Schemas["Problem"]["code"];
export type ClosingReason = Schemas["Closing"]["reason"];

export type AuthenticateResult = Schemas["AuthenticateResult"];
export type Encodings = Schemas["Encodings"];
export type Elsewhere = Schemas["Elsewhere"];
export type Joined = Schemas["Joined"];
export type LobbyPerson = Schemas["LobbyPerson"];
export type Meeting = Schemas["Meeting"];
export type IceServer = Schemas["IceServer"];
export type MediaPolicy = Schemas["MediaPolicy"];
export type VideoPolicy = Schemas["VideoPolicy"];
export type Participant = Schemas["Participant"];
export type Refused = Schemas["Refused"];
export type Replaces = Schemas["Replaces"];
export type Role = Participant["role"];
export type Slot = Schemas["Slot"];
export type SlotLine = Schemas["SlotLine"];
export type Slots = Schemas["Slots"];
export type Track = Schemas["Track"];
export type TrackSource = Schemas["TrackSource"];
export type ViewItem = Schemas["ViewItem"];
export type Waiting = Schemas["Waiting"];
