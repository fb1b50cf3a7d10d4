import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { parse } from "lossless-json";
import type { RulesInForce } from "../commands/judging.ts";
import { readyRules, ruleFile, type Rules } from "../domain/rules.ts";

/** The file of rules. */
export type RulesFile = RulesInForce & {
  /** Why the file as it is now is not used; undefined: it is. The rules that were read before stay in force. */
  trouble(): string | undefined;
  close(): void;
};

/** How long the file must rest before it is read again, in milliseconds: whoever writes it may write in parts. */
const REST_MS = 250;
/** So many faults are named. */
const NAMED = 10;

/** The rules in a file. Rejects with an `Error` that says what is wrong, and where. */
export async function readRules(path: string): Promise<Rules> {
  return rulesIn(path, await textOf(path));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: Error) => {
    throw new Error(`the rules cannot be read: ${error.message}`);
  });
}

function rulesIn(path: string, text: string): Rules {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`the rules in ${path} are no JSON${placeIn(text)}: ${(error as Error).message}`);
  }
  const read = ruleFile.safeParse(json);
  if (read.success) return readyRules(read.data);
  const { issues } = read.error;
  const faults = issues.slice(0, NAMED).map(({ path: at, message }) => `  ${pathText(at)}: ${message}`);
  const more = issues.length > NAMED ? [`  and ${issues.length - NAMED} more`] : [];
  throw new Error(`the rules in ${path} cannot be used:\n${[...faults, ...more].join("\n")}`);
}

/** `rules[3].words[0]`. */
const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`)).join("") ||
  "the file";

/** Where a text stops being JSON. `JSON.parse` tells it of some faults alone. */
function placeIn(text: string): string {
  try {
    parse(text);
    return "";
  } catch (error) {
    const [, at] = /at position (\d+)/.exec((error as Error).message) ?? [];
    const lines = text.slice(0, at === undefined ? text.length : Number(at)).split("\n");
    return ` (line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1})`;
  }
}

type Options = {
  info(message: string): void;
  warn(message: string, detail: string): void;
  restMs?: number;
};

/**
 * Reads the rules, and again whenever the file changes and at SIGHUP. A file that cannot be used leaves the rules as they are;
 * at the start it rejects with an `Error` that says what to do.
 */
export async function openRules(path: string, { info, warn, restMs = REST_MS }: Options): Promise<RulesFile> {
  let text = await textOf(path);
  let rules = rulesIn(path, text);
  let trouble: string | undefined;
  let resting: NodeJS.Timeout | undefined;
  let reading = Promise.resolve();

  const reread = async (): Promise<void> => {
    try {
      const now = await textOf(path);
      if (now === text && trouble === undefined) return;
      rules = rulesIn(path, now);
      text = now;
      trouble = undefined;
      info("the rules of MODERATION_RULES were read again: they are in force");
    } catch (error) {
      const why = (error as Error).message;
      if (why !== trouble)
        warn("MODERATION_RULES was changed and cannot be used: the rules that were read before stay in force", why);
      trouble = why;
    }
  };
  const changed = (): void => {
    clearTimeout(resting);
    resting = setTimeout(() => void (reading = reading.then(reread)), restMs).unref();
  };

  // Of the folder: files are replaced, and where they come from a volume, a link to a folder is (`..data`).
  const watcher = watch(dirname(path), (_, name) => {
    if (name === null || name === basename(path) || name.startsWith("..")) changed();
  });
  watcher.on("error", (error) =>
    warn("the file of MODERATION_RULES is watched no more: send SIGHUP after a change", error.message),
  );
  watcher.unref();
  process.on("SIGHUP", changed);

  return {
    now: () => rules,
    trouble: () => trouble,
    failed: (rule, error) =>
      warn(`the rule ${rule} could not report a message`, error instanceof Error ? error.message : String(error)),
    close: () => {
      clearTimeout(resting);
      watcher.close();
      process.off("SIGHUP", changed);
    },
  };
}
