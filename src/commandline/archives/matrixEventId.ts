import { createHash } from "node:crypto";

/*
 * The id of an event of a Matrix room. Since version 3 of rooms, events do not say it: it is the hash of what stays of an event
 * when it is redacted. https://spec.matrix.org/v1.11/rooms/v3/#event-ids, and of each version its `Redactions`.
 */

type Json = Readonly<Record<string, unknown>>;

const KEPT = [
  "type",
  "room_id",
  "sender",
  "state_key",
  "content",
  "hashes",
  "depth",
  "prev_events",
  "auth_events",
  "origin_server_ts",
];
/** Until version 10. */
const KEPT_BEFORE_11 = ["origin", "membership", "prev_state"];

const LEVELS = ["ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"];

/** A version that nobody knows counts as the newest. */
const numberOf = (version: string): number => (/^\d{1,3}$/.test(version) ? Number(version) : Number.POSITIVE_INFINITY);

/** What stays of the content of an event. */
function contentOf(type: string, content: Json, version: number): Json {
  const only = (...names: string[]): Json =>
    Object.fromEntries(names.filter((name) => Object.hasOwn(content, name)).map((name) => [name, content[name]]));
  switch (type) {
    case "m.room.member": {
      const kept = only("membership", ...(version >= 9 ? ["join_authorised_via_users_server"] : []));
      const { third_party_invite: invite } = content as { third_party_invite?: Json };
      if (version < 11 || typeof invite !== "object" || invite === null) return kept;
      return { ...kept, third_party_invite: Object.hasOwn(invite, "signed") ? { signed: invite["signed"] } : {} };
    }
    case "m.room.create":
      return version >= 11 ? content : only("creator");
    case "m.room.join_rules":
      return only("join_rule", ...(version >= 8 ? ["allow"] : []));
    case "m.room.power_levels":
      return only(...LEVELS, ...(version >= 11 ? ["invite"] : []));
    case "m.room.aliases":
      return version < 6 ? only("aliases") : {};
    case "m.room.history_visibility":
      return only("history_visibility");
    case "m.room.redaction":
      return version >= 11 ? only("redacts") : {};
    default:
      return {};
  }
}

/** `event`: as it stands in an export. `roomVersion`: as its room was created with. */
export function matrixEventId(event: Json, roomVersion: string): string {
  const { event_id: given, type, content } = event;
  const version = numberOf(roomVersion);
  if (version < 3 && typeof given === "string") return given;
  const kept = version >= 11 ? KEPT : [...KEPT, ...KEPT_BEFORE_11];
  const redacted = {
    ...Object.fromEntries(kept.filter((name) => Object.hasOwn(event, name)).map((name) => [name, event[name]])),
    content: contentOf(String(type), typeof content === "object" && content !== null ? (content as Json) : {}, version),
  };
  const hash = createHash("sha256").update(canonical(redacted)).digest("base64").replace(/=+$/, "");
  return `$${version >= 4 ? hash.replaceAll("+", "-").replaceAll("/", "_") : hash}`;
}

/** Canonical JSON: names in the order of their code points, nothing between. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}
