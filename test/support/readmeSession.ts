import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { until } from "./until.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where the README says that the server is. */
const PLACE = "localhost:4000";

type Block = { kind: string; text: string };

/** What the README says under a heading, in blocks of code, up to the next heading. */
async function blocksUnder(heading: string): Promise<Block[]> {
  const readme = await readFile(`${root}README.md`, "utf8");
  const [, section = ""] = new RegExp(`^#+ ${heading}\n([\\s\\S]*?)^#`, "m").exec(readme) ?? [];
  return [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = "", text = ""]) => ({ kind, text }));
}

/** The README's live example: the one command there that makes a client. */
export async function liveExample(): Promise<string> {
  const found = (await blocksUnder("A first conversation")).filter(({ text }) => text.includes("createClient"));
  const [example] = found;
  if (example === undefined || found.length > 1) throw new Error(`the README has ${found.length} live examples`);
  return example.text;
}

/** A command of the README that runs in bash. */
export type Shell = {
  /** What it has printed so far. */
  lines: string[];
  /** And what it complained of. */
  faults: string[];
  /** Throws what it complained of if it has ended. */
  isThere(): true;
  /** Resolves once it has ended by itself, and all that it printed is here. */
  ended: Promise<unknown>;
  end(): Promise<void>;
};

/** Runs a command of the README at `host`, where the README has another, with these settings for `tidings`. */
export function shell(command: string, host: string, settings: Readonly<Record<string, string | undefined>>): Shell {
  const child = spawn("bash", ["-c", command.replaceAll(PLACE, host)], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: whatever it starts ends with it.
    detached: true,
  });
  const lines: string[] = [];
  const faults: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  child.stderr.on("data", (data: Buffer) => faults.push(data.toString()));
  const ended = once(child, "close");
  return {
    lines,
    faults,
    ended,
    isThere: () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${faults.join("")}`);
      return true;
    },
    end: async () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      await ended;
    },
  };
}

/** What differs from one log to another. */
const withoutCursors = (line: string): string => line.replace(/"cursor":"[^"]+"/, '"cursor":"…"');

export type SessionOptions = {
  /** `host:port` of the server that the commands ask. */
  host: string;
  /** The same for whoever is told at once. Default: the same server. */
  liveHost?: string;
  /** By which `tidings token` makes tokens that the servers take. */
  settings: Readonly<Record<string, string | undefined>>;
};

/**
 * Does what the README's first conversation says, word by word: each command is answered as it says there, and what it says that
 * the other terminal prints is printed there. The users of it must not be known yet.
 */
export async function firstConversation({ host, liveHost = host, settings }: SessionOptions): Promise<void> {
  const blocks = await blocksUnder("A first conversation");
  const commands = blocks.flatMap(({ kind, text }) => (kind === "console" ? [...text.matchAll(/^\$ (.*)\n((?!\$ ).*)$/gm)] : []));
  const [said, ...more] = blocks.filter(({ kind }) => kind === "json");
  expect([blocks[0]?.kind, commands.length > 6, more], "what the README holds").toEqual(["sh", true, []]);
  const say = async ([, command = "", answer = ""]: readonly string[]): Promise<void> => {
    const asked = shell(`${blocks[0]?.text ?? ""}\n${command}`, host, settings);
    await asked.ended;
    expect(asked.lines, command).toEqual([answer]);
    expect(asked.faults).toEqual([]);
  };
  for (const command of commands.slice(0, -1)) await say(command);
  const live = shell(await liveExample(), liveHost, settings);
  try {
    await until("it listens", () => live.isThere() && live.lines.some((line) => line.includes("InboxCaughtUp")));
    await say(commands.at(-1) ?? []);
    const wanted = withoutCursors(said?.text.trim() ?? "");
    await until("it is told", () => live.isThere() && live.lines.some((line) => withoutCursors(line) === wanted));
    expect(live.lines.filter((line) => line.includes("MessageReceived")).map(withoutCursors)).toEqual([wanted]);
    expect(live.faults).toEqual([]);
  } finally {
    await live.end();
  }
}
