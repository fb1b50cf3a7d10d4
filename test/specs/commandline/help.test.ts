import { describe, expect, it } from "vitest";
import { runTidings } from "../../support/server.ts";

const COMMANDS = [
  "serve",
  "token",
  "import",
  "export",
  "replay",
  "verify",
  "show",
  "doctor",
  "moderate",
  "copy-log",
  "keys",
  "erase",
  "capacity",
];

describe("--help", () => {
  it("tells the commands, the settings, and how to begin, in lines that fit a terminal", async () => {
    const { code, out, err } = await runTidings(["--help"], {});
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const word of [...COMMANDS, "DATA_DIR", "PORT", "AUTH_SECRET", "FANOUT_LIMIT", "INBOX_TTL"]) expect(out).toContain(word);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(88);
    expect(await runTidings(["help"], {})).toEqual({ code: 0, out, err: "" });
  });

  it.each(COMMANDS)("tells of %s alone", async (command) => {
    const { code, out, err } = await runTidings([command, "--help"], {});
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`Usage: tidings ${command}`);
    expect(await runTidings(["help", command], {})).toEqual({ code: 0, out, err: "" });
  });

  it("tells the default of a time as one would write it", async () => {
    expect((await runTidings(["token", "--help"], {})).out).toMatch(
      /--expires <time>.*30d\s+\(1d\s+by\s+default,\s+1h\s+with\s+--admin\)/s,
    );
  });

  it("is pointed at where a command is unknown, or lacks what it needs, or has too much", async () => {
    for (const args of [["nonsense"], ["token"], ["import"], ["serve", "--port", "4000"], ["token", "ann", "bob"]]) {
      const { code, out, err } = await runTidings(args, {});
      expect({ args, code, out }).toEqual({ args, code: 1, out: "" });
      expect(err).toMatch(/^error: .*\n\(tidings --help says more\)\n$/);
    }
  });
});
