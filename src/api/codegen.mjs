// Writes generated.ts from schema.graphql: the types of resolvers, and the schema's text, so that nothing is read at run time.
//   node src/api/codegen.mjs            writes
//   node src/api/codegen.mjs --check    only says whether it is current (exit code 1 if not)
import { readFile, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as typescriptResolvers from "@graphql-codegen/typescript-resolvers";
import { parse } from "graphql";

const source = new URL("schema.graphql", import.meta.url);
const target = new URL("generated.ts", import.meta.url);

/** What resolvers are given in place of the whole object (entities.ts). */
const mappers = {
  Node: "NodeEntity",
  User: "UserEntity",
  Conversation: "ConversationEntity",
  Member: "MemberEntity",
  Message: "MessageEntity",
  Viewer: "ViewerEntity",
  Admin: "AdminEntity",
  InboxEntry: "EntryEntity",
  InboxCaughtUp: "CaughtUpEntity",
  InboxReset: "ResetEntity",
  MessageReceived: "MessageReceivedEntity",
  MessageChanged: "MessageChangedEntity",
  ReadMoved: "ReadMovedEntity",
  MembershipChanged: "MembershipChangedEntity",
  Circle: "CircleEntity",
  Device: "DeviceEntity",
  DevicePayload: "DevicePayloadEntity",
  Presence: "PresenceEntity",
  UserPresence: "UserPresenceEntity",
  Typing: "TypingEntity",
  Friendship: "FriendshipEntity",
  Friend: "FriendEntity",
  FriendRequest: "FriendRequestEntity",
  JoinRequest: "JoinRequestEntity",
  JoinRequestChanged: "JoinRequestChangedEntity",
  Invite: "InviteEntity",
  ConversationChanged: "ConversationChangedEntity",
  FriendRequestChanged: "FriendRequestChangedEntity",
  FriendshipChanged: "FriendshipChangedEntity",
  ScheduledMessage: "ScheduledMessageEntity",
  ScheduledPayload: "ScheduledPayloadEntity",
  MessagePayload: "MessagePayloadEntity",
  Reaction: "ReactionEntity",
  ConversationPayload: "ConversationPayloadEntity",
  ConversationsPayload: "ConversationsPayloadEntity",
  MessageHit: "MessageHitEntity",
  MessageHitConnection: "MessageHitsEntity",
};

const config = {
  contextType: "Context",
  mappers,
  scalars: { ID: "string", DateTime: "string", Cursor: "string", URL: "string" },
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  immutableTypes: true,
  skipTypename: true,
  avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: false },
  // What clients send: null and absent are two things.
  inputMaybeValue: "T | null | undefined",
};

async function generate() {
  const sdl = await readFile(source, "utf8");
  const code = await codegen({
    documents: [],
    schema: parse(sdl),
    filename: "generated.ts",
    config,
    plugins: [{ typescript: {} }, { "typescript-resolvers": {} }],
    pluginMap: { typescript, "typescript-resolvers": typescriptResolvers },
  });
  const entities = [...new Set(Object.values(mappers))].sort().join(", ");
  return [
    "// Made by codegen.mjs from schema.graphql: not edited by hand.",
    'import type { Context } from "./context.ts";',
    `import type { ${entities} } from "./entities.ts";`,
    code.trimEnd(),
    "",
    "/** The text of schema.graphql. */",
    `export const typeDefs = ${JSON.stringify(sdl)};`,
    "",
  ].join("\n");
}

const made = await generate();
if (process.argv.includes("--check")) {
  const found = await readFile(target, "utf8").catch(() => "");
  if (found !== made) {
    console.error("src/api/generated.ts is not what schema.graphql makes: run node src/api/codegen.mjs");
    process.exitCode = 1;
  }
} else {
  await writeFile(target, made);
}
