#!/usr/bin/env -S node --max-semi-space-size=16
import { Command, InvalidArgumentError, Option } from "commander";
import { pino } from "pino";
import { CAPACITY_OPTIONS, formOf, type CapacityOption } from "./commandline/capacityOptions.ts";
import { restartBounded } from "./commandline/restart.ts";
import { serverLogger } from "./commandline/serverLogger.ts";
import { readConfig } from "./config.ts";
import { Refusal } from "./domain/refusal.ts";
import { explained, Unavailable } from "./ports/faults.ts";

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A hundred years. */
const MAX_SECONDS = 36_500 * UNITS.d;

/** The seconds in a text such as 30d or 12h. */
function seconds(text: string): number {
  const match = /^(\d+)([smhd])$/.exec(text);
  const value = match?.[1] ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : 0;
  if (value < 1 || value > MAX_SECONDS)
    throw new InvalidArgumentError("give a number and s, m, h or d, such as 30d, up to 36500d.");
  return value;
}

/** The name of an option as commander gives it. */
const camelCased = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** For an option that may be repeated. */
const addTo = (text: string, others: readonly string[]): readonly string[] => [...others, text];

const terminal = {
  out: (text: string) => void process.stdout.write(`${text}\n`),
  error: (text: string) => void process.stderr.write(`${text}\n`),
  bar: process.stdout.isTTY === true,
};

/** Aborted by Ctrl-C, or whoever else ends the command. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** The server goes on even if nobody can read its output. */
let isServing = false;

// A stream's error without a listener would end the process at once, without cleaning up.
let isSilent = false;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (isServing || isSilent) return;
  isSilent = true;
  // EPIPE: the reader has seen enough, as `head` does.
  if (error.code !== "EPIPE") terminal.error(`tidings: standard output cannot be written to: ${error.message}`);
  // The exit code is 1, even if the command itself succeeds.
  process.once("exit", () => (process.exitCode ||= 1));
});
process.stderr.on("error", () => undefined);

// From here on, new files are readable by this user only.
process.umask(0o077);

// Each command loads its modules when it is called, so help comes at once.
const program = new Command("tidings")
  .description("An instant-messaging server whose every fact is an event: GraphQL over HTTP and WebSocket.")
  .showHelpAfterError("(tidings --help says more)")
  .addHelpText(
    "after",
    `
Settings are environment variables, described in the README:
  HOST, PORT                    where the server listens (127.0.0.1, 4000)
  DATA_DIR                      where everything is kept (./data)
  AUTH_SECRET or AUTH_JWKS_URL  which tokens are accepted (a secret made in DATA_DIR)
  FANOUT_LIMIT, INBOX_TTL, INBOX_MAX, GROUP_MEMBERS_MAX, RATE_LIMIT, LOG_LEVEL …

A first conversation:
  tidings serve                 then, in another terminal,
  tidings token alice           and send it as "Authorization: Bearer …" to /graphql`,
  );

program
  .command("serve")
  .description("run the server")
  .addOption(
    new Option("--role <role>", "what this process does: all of it, or a part of a cluster (the setting ROLE)").choices([
      "all",
      "api",
      "projector",
      "indexer",
    ]),
  )
  .action(async ({ role }: { role?: string }) => {
    restartBounded();
    const config = readConfig(role === undefined ? process.env : { ...process.env, ROLE: role });
    const logger = serverLogger(config.logLevel, (why) =>
      terminal.error(`tidings: the log cannot be written to standard output (${why}); the server goes on`),
    );
    const { serve } = await import("./commandline/serve.ts");
    isServing = true;
    process.exitCode = await serve(config, logger, terminal.out);
  });

program
  .command("token")
  .description("print a bearer token for a user, by id or by @handle")
  .argument(
    "<user>",
    "a user's id, or their name at an identity provider (auth0|123), or @ and a handle (or a sender's name in an imported archive)",
  )
  .option("--admin", "with the scope admin")
  .option("--device <id>", "for the device with this id")
  .addOption(
    new Option("--expires <time>", "valid for so long: 45s, 30m, 12h or 30d (1d by default, 1h with --admin)").argParser(seconds),
  )
  .action(async (user: string, options: { admin?: boolean; device?: string; expires?: number }) => {
    const { admin = false, device, expires } = options;
    const { makeToken } = await import("./commandline/token.ts");
    terminal.out(await makeToken(readConfig(process.env), user, { admin, device, expiresInSeconds: expires }));
  });

program
  .command("import")
  .description("import an archive: of Tidings, or of another messenger (docs/archives.md says which). Nobody is told of it")
  .argument("<file>", "a file or a folder: what it is, is seen from its content")
  .option("--dry-run", "say what would come, and import nothing")
  .option("--token <token>", "a token with the scope admin: needed if a server runs and an identity provider makes its tokens")
  .action(async (file: string, { token, dryRun }: { token?: string; dryRun?: true }) => {
    const config = readConfig(process.env);
    const logger = pino({ level: config.logLevel === "info" ? "warn" : config.logLevel, base: null }, process.stderr);
    const { importArchive } = await import("./commandline/import.ts");
    const { refused } = await importArchive(config, file, logger, terminal, token, dryRun);
    process.exitCode = refused > 0 ? 1 : 0;
  });

program
  .command("export")
  .description("write an archive that `tidings import` reads, from the log as it is now; also while a server runs")
  .argument("<file>", "a file that is not there yet: JSON Lines, compressed if its name ends with .gz")
  .option("--files", "with the bytes of uploaded files: <file> is a folder then")
  .addOption(new Option("--all", "everything that people did").conflicts(["user", "conversation"]))
  .addOption(new Option("--user <id>", "what one user did, and may see").conflicts(["conversation"]))
  .option("--conversation <id>", "one conversation: g:…, c:… or d:…~…")
  .action(async (file: string, options: { all?: true; user?: string; conversation?: string; files?: true }) => {
    const { all, user, conversation, files: withFiles } = options;
    if (!all && user === undefined && conversation === undefined)
      throw new Error("what of it? Give --all, --user ID or --conversation ID");
    const scope = user !== undefined ? { user } : conversation !== undefined ? { conversation } : { all: true as const };
    const { exportArchive } = await import("./commandline/export.ts");
    await exportArchive(readConfig(process.env), file, scope, terminal, { withFiles });
  });

program
  .command("moderate")
  .description(
    "say what a file of rules would have done with messages that were sent; also while a server runs; nothing is written",
  )
  .requiredOption("--rules <file>", "the file of rules (MODERATION_RULES)")
  .option("--since <span>", "only messages of so long ago at most, such as 30d or 12h; without it, all", seconds)
  .option("--json", "one line of JSON")
  .action(async ({ rules, since, json = false }: { rules: string; since?: number; json?: boolean }) => {
    const { moderate } = await import("./commandline/moderate.ts");
    await moderate(readConfig(process.env), { rules, sinceMs: since === undefined ? undefined : since * 1_000, json }, terminal);
  });

program
  .command("show")
  .description(
    "show how a conversation stood at a time, and then, event by event, what happened and who was told; also while a server runs",
  )
  .requiredOption("--conversation <id>", "g:…, c:… or d:…~…")
  .requiredOption("--at <time>", "such as 2024-05-31T12:00:00Z")
  .option("--until <time>", "the end of what is told event by event; without it, only how it stood")
  .option("--json", "lines of JSON")
  .action(
    async ({ conversation, at, until, json = false }: { conversation: string; at: string; until?: string; json?: boolean }) => {
      const { show } = await import("./commandline/show.ts");
      await show(readConfig(process.env), { conversation, at, until, json }, terminal, interruption());
    },
  );

for (const [order, description] of [
  ["replay", "rebuild a projection (or all) from the log beside the one in use, and then replace that"],
  [
    "verify",
    "compare a projection (or all) with what it was made from, or read every event of the log, and say how many differences or faults there are",
  ],
] as const)
  (order === "replay"
    ? program
        .command(order)
        .option("--conversation <id>", "only the rows of this conversation, in place: g:…, c:… or d:…~…")
        .addOption(
          new Option(
            "--with <file>",
            "replace nothing: say which rows would differ if the projection were the one that this module exports",
          ).conflicts(["conversation", "token"]),
        )
    : program.command(order)
  )
    .description(description)
    .argument("<projection>", order === "replay" ? "its name, or all" : "its name, log, or all")
    .option("--token <token>", "a token with the scope admin: needed if a server runs and an identity provider makes its tokens")
    .action(async (name: string, options: { token?: string; conversation?: string; with?: string }) => {
      const config = readConfig(process.env);
      if (options.with !== undefined) {
        const { replayWith } = await import("./commandline/whatIf.ts");
        return void (process.exitCode = await replayWith(config, name, options.with, terminal, interruption()));
      }
      const logger = pino({ level: config.logLevel === "info" ? "warn" : config.logLevel, base: null }, process.stderr);
      let code = 0;
      if (order === "verify" && (name === "log" || name === "all")) {
        const { verifyLog } = await import("./commandline/verifyLog.ts");
        code = await verifyLog(config, terminal);
        if (name === "log") return void (process.exitCode = code);
      }
      const { operate } = await import("./commandline/operate.ts");
      const stop = interruption();
      const { token, conversation } = options;
      process.exitCode = Math.max(code, await operate(config, order, name, logger, terminal, token, stop, conversation));
    });

program
  .command("doctor")
  .description("show how the server and its data are, on one page; exit code 1 for warnings, 2 for faults. It changes nothing")
  .option("--token <token>", "a token with the scope admin: needed if a server runs and an identity provider makes its tokens")
  .action(async ({ token }: { token?: string }) => {
    const { doctor } = await import("./commandline/doctor.ts");
    process.exitCode = await doctor(() => readConfig(process.env), terminal, token);
  });

program
  .command("backup")
  .description("copy the log embedded in DATA_DIR, and the secret made for it, into a new file; also while a server runs")
  .argument("<file>", "a file that is not there yet")
  .action(async (file: string) => {
    const { backUpTo } = await import("./commandline/backups.ts");
    process.exitCode = await backUpTo(readConfig(process.env), file, terminal);
  });

program
  .command("restore")
  .description("replace the log embedded in DATA_DIR by a backup; the old log is set aside. No server may run there")
  .argument("<file>", "what `tidings backup` made, or any copy of a log.sqlite")
  .action(async (file: string) => {
    const config = readConfig(process.env);
    const logger = pino({ level: config.logLevel === "info" ? "warn" : config.logLevel, base: null }, process.stderr);
    const { restoreFrom } = await import("./commandline/backups.ts");
    await restoreFrom(config, file, logger, terminal);
  });

program
  .command("copy-log")
  .description("copy the log embedded in DATA_DIR to an EventStoreDB, and verify the copy; a second run continues the first")
  .option("--to <url>", "esdb://… or esdb+discover://… (default: EVENTSTORE_URL)")
  .option("--encrypt", "seal what people wrote in the copy")
  .action(async ({ to = process.env["EVENTSTORE_URL"], encrypt = false }: { to?: string; encrypt?: boolean }) => {
    if (!to) throw new Error("where to? Give --to esdb://host:2113, or set EVENTSTORE_URL");
    const { copyLogTo } = await import("./commandline/copyLog.ts");
    await copyLogTo(readConfig({ ...process.env, EVENTSTORE_URL: to }), to, terminal, encrypt);
  });

const auditing = program
  .command("audit")
  .description("prove that nothing in the log was changed, taken out, put in or moved (docs/audit.md); also while a server runs");

auditing
  .command("verify")
  .description("compare every event with the tree over the log and with all signed heads; exit code 1 if anything differs")
  .option("--head <file>", "a head that you kept elsewhere, too; may be repeated", addTo, [] as readonly string[])
  .option("--key <key>", "who must have signed: a head's `key`")
  .action(async ({ head, key }: { head: readonly string[]; key?: string }) => {
    const { verifyAudit } = await import("./commandline/audit.ts");
    process.exitCode = await verifyAudit(readConfig(process.env), head, key, terminal);
  });

auditing
  .command("head")
  .description("print the newest signed head, to be kept elsewhere")
  .action(async () => {
    const { showHead } = await import("./commandline/audit.ts");
    await showHead(readConfig(process.env), terminal);
  });

auditing
  .command("prove")
  .description("print a proof that the event at a cursor is in the log")
  .argument("<cursor>", "the cursor that its command returned")
  .option("--since <file>", "an earlier head: prove, too, that nothing was changed since then")
  .action(async (cursor: string, { since }: { since?: string }) => {
    const { showProof } = await import("./commandline/audit.ts");
    await showProof(readConfig(process.env), cursor, since, terminal);
  });

auditing
  .command("check")
  .description("check such a proof. It needs no server and no data; exit code 1 if it does not hold")
  .argument("<file>", "what `tidings audit prove` printed")
  .option("--key <key>", "who must have signed: a head's `key`")
  .action(async (file: string, { key }: { key?: string }) => {
    const { checkProof } = await import("./commandline/audit.ts");
    process.exitCode = await checkProof(file, key, terminal);
  });

const ofKeys = program.command("keys").description("what the log is sealed with (docs/operations.md)");

ofKeys
  .command("status")
  .description("read the whole log, and say how many of its events are sealed and how many are plain. It changes nothing")
  .action(async () => {
    const { showKeys } = await import("./commandline/keys.ts");
    await showKeys(readConfig(process.env), terminal);
  });

ofKeys
  .command("rotate")
  .description("wrap all keys by another master key; also while a server runs. No event is changed")
  .action(async () => {
    const { rotate } = await import("./commandline/keys.ts");
    await rotate(readConfig(process.env), terminal);
  });

program
  .command("erase")
  .description("destroy the keys of what a user wrote, and rebuild all views without it. There is no way back")
  .argument("<user>", "their id")
  .option("--for-good", "really; without it, it is told what would be done")
  .option("--token <token>", "a token with the scope admin: needed if a server runs and an identity provider makes its tokens")
  .action(async (user: string, { forGood = false, token }: { forGood?: boolean; token?: string }) => {
    const config = readConfig(process.env);
    const logger = pino({ level: config.logLevel === "info" ? "warn" : config.logLevel, base: null }, process.stderr);
    const { erase } = await import("./commandline/erase.ts");
    const stop = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    process.exitCode = await erase(config, user, { forGood, token, stop: stop.signal }, logger, terminal);
  });

const sizing = program
  .command("capacity")
  .description("say how many nodes, cores and GB a load takes, and which limit is reached first (docs/scaling.md)")
  .option("--json", "all of it as JSON")
  .option(
    "--with <name=value>",
    "a figure of your own in place of one of docs/scaling.md; may be repeated",
    addTo,
    [] as readonly string[],
  );
for (const option of Object.values<CapacityOption>(CAPACITY_OPTIONS))
  sizing.option(`--${option.name} ${formOf(option)}`, `${option.about}${option.usual === undefined ? "" : ` (${option.usual})`}`);
sizing.action(async ({ with: replaced, json: isJson = false }: { with: readonly string[]; json?: boolean }) => {
  const { capacity } = await import("./commandline/capacity.ts");
  const texts = sizing.opts<Record<string, string | undefined>>();
  const given: Record<string, string | undefined> = {};
  for (const [member, { name }] of Object.entries<CapacityOption>(CAPACITY_OPTIONS)) given[member] = texts[camelCased(name)];
  capacity(given, replaced, isJson, terminal);
});

try {
  await program.parseAsync();
} catch (error) {
  // Clients do not see why a part is away. The operator at this terminal does.
  const away = error instanceof Refusal && error.cause instanceof Unavailable ? error.cause : error;
  const why = away instanceof Unavailable ? explained(away) : error instanceof Error ? error.message : String(error);
  terminal.error(`tidings: ${why}`);
  process.exitCode = 1;
}
