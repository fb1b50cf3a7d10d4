// Writes generated.ts from schema.graphql: the types of resolvers, and the schema's text, so that nothing is read at run time.
// Writes src/client/operations.ts from src/client/operations.graphql: the text of each operation, with its types.
//   node src/api/codegen.mjs            writes
//   node src/api/codegen.mjs --check    only says whether it is current (exit code 1 if not)
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { codegen } from "@graphql-codegen/core";
import * as typescript from "@graphql-codegen/typescript";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import * as typescriptResolvers from "@graphql-codegen/typescript-resolvers";
import { Kind, parse, print, stripIgnoredCharacters, visit } from "graphql";

const source = new URL("schema.graphql", import.meta.url);
const target = new URL("generated.ts", import.meta.url);
const operationsSource = new URL("../client/operations.graphql", import.meta.url);
const operationsTarget = new URL("../client/operations.ts", import.meta.url);

/** What resolvers are given in place of the whole object (entities.ts). */
const mappers = {
  Node: "NodeEntity",
  User: "UserEntity",
  Conversation: "ConversationEntity",
  Member: "MemberEntity",
  Message: "MessageEntity",
  Viewer: "ViewerEntity",
  Admin: "AdminEntity",
  Audit: "AuditEntity",
  InboxEntry: "EntryEntity",
  InboxCaughtUp: "CaughtUpEntity",
  InboxReset: "ResetEntity",
  MessageReceived: "MessageReceivedEntity",
  MessageChanged: "MessageChangedEntity",
  ReadMoved: "ReadMovedEntity",
  MembershipChanged: "MembershipChangedEntity",
  Circle: "CircleEntity",
  Webhook: "WebhookEntity",
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
  Report: "ReportEntity",
  ReportedMessage: "ReportedMessageEntity",
  Invite: "InviteEntity",
  ConversationChanged: "ConversationChangedEntity",
  FriendRequestChanged: "FriendRequestChangedEntity",
  FriendshipChanged: "FriendshipChangedEntity",
  ScheduledMessage: "ScheduledMessageEntity",
  ScheduledPayload: "ScheduledPayloadEntity",
  Attachment: "AttachmentEntity",
  Upload: "UploadEntity",
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

/** The operations of the client library: types first, then the texts. */
async function generateOperations() {
  const document = parse(await readFile(operationsSource, "utf8"));
  const types = await codegen({
    documents: [{ location: "operations.graphql", document }],
    schema: parse(await readFile(source, "utf8")),
    filename: "operations.ts",
    config: {
      scalars: config.scalars,
      strictScalars: true,
      enumsAsTypes: true,
      immutableTypes: true,
      skipTypename: true,
      avoidOptionals: { field: true, inputValue: false, object: false, defaultValue: false },
    },
    plugins: [{ "typescript-operations": {} }],
    pluginMap: { "typescript-operations": typescriptOperations },
  });
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const texts = document.definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [textOf(one, fragments)] : []));
  return [
    "// Made by src/api/codegen.mjs from operations.graphql and the schema: not edited by hand.",
    'import type { TypedDocument } from "./types.ts";',
    "",
    types.trimEnd(),
    "",
    ...texts,
    "",
  ].join("\n");
}

/** An operation as one string, with the fragments that it needs. */
function textOf(operation, fragments) {
  const needed = new Set();
  const collect = (node) =>
    visit(node, {
      FragmentSpread: ({ name: { value } }) => {
        if (needed.has(value)) return;
        needed.add(value);
        collect(fragments.get(value));
      },
    });
  collect(operation);
  const parts = [operation, ...[...needed].map((name) => fragments.get(name))];
  const text = stripIgnoredCharacters(parts.map(print).join("\n"));
  const name = operation.name.value;
  const kind = `${name}${operation.operation[0].toUpperCase()}${operation.operation.slice(1)}`;
  return `export const ${name}: TypedDocument<${kind}, ${kind}Variables> = ${JSON.stringify(text)};`;
}

const files = [
  { target, made: await generate(), of: "schema.graphql" },
  { target: operationsTarget, made: await generateOperations(), of: "operations.graphql" },
];
for (const { target, made, of } of files) {
  if (process.argv.includes("--check")) {
    const found = await readFile(target, "utf8").catch(() => "");
    if (found !== made) {
      console.error(`${fileURLToPath(target)} is not what ${of} makes: run node src/api/codegen.mjs`);
      process.exitCode = 1;
    }
  } else {
    await writeFile(target, made);
  }
}
