import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { faultOf } from "../../../src/adapters/outbox/sqlite.ts";
import { PUSHES } from "../../../src/adapters/pushOutbox/outbox.ts";
import { sqliteOutbox } from "../../../src/adapters/pushOutbox/sqlite.ts";
import { sqliteWebhookOutbox } from "../../../src/adapters/webhookOutbox/sqlite.ts";
import { explained, Unavailable } from "../../../src/ports/faults.ts";
import { tempDir } from "../../support/tempDir.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
let file: string;
beforeEach(async () => {
  folder = await tempDir();
  file = join(folder.path, "outbox.db");
});
afterEach(() => folder.remove());

const OUTBOXES = [
  ["pushes", sqliteOutbox, "what waits in it is not pushed"],
  ["webhooks", sqliteWebhookOutbox, "hooks are told again all since they were put"],
] as const;

describe.each(OUTBOXES)("a file of %s", (name, open, without) => {
  const refusal = (): string => {
    try {
      void open(file).close();
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error("it was opened");
  };

  test("that is no database is named, and what comes of moving it away", async () => {
    await writeFile(
      file,
      "this is a text, and longer than the head of a database would have to be, to be taken for one".repeat(9),
    );
    expect(refusal()).toContain(`the outbox of ${name} in ${file} is no database: end the server, and move it away`);
    expect(refusal()).toContain(`it is made anew, and ${without}`);
  });

  test("that cannot be written says what must be writable", async () => {
    await mkdir(file);
    expect(refusal()).toContain(`the outbox of ${name} in ${file} cannot be written: its folder, this file and those beside it`);
  });

  test.skipIf(process.getuid?.() === 0)("that is there and may only be read is refused at once", async () => {
    await open(file).close();
    await chmod(file, 0o400);
    await chmod(folder.path, 0o500);
    try {
      expect(refusal()).toMatch(/cannot be written: .* must be writable by this user/);
    } finally {
      await chmod(folder.path, 0o700);
    }
  });

  test("that another process holds is told of", async () => {
    await open(file).close();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    try {
      expect(refusal()).toContain("is locked by another process: end that one");
    } finally {
      other.close();
    }
  });

  test("is the same one after it was closed", async () => {
    const outbox = open(file);
    await outbox.take("me");
    await outbox.close();
    const again = open(file);
    expect(await again.take("you")).toBe(false);
    await again.close();
  });
});

test("a full disk, a damaged file and a disk that fails have their own advice", () => {
  const said = (errcode: number): string | undefined =>
    faultOf(file, PUSHES, Object.assign(new Error("as SQLite has it"), { errcode }))?.message;
  expect(said(13)).toMatch(/cannot be written, for its disk is full: free some space \(SQLite 13: as SQLite has it\)$/);
  expect(said(11)).toMatch(/is damaged: end the server, and move it away/);
  // With the details in the upper bytes: a file cannot be made longer.
  expect(said(4874)).toMatch(/its disk fails or is full/);
  // Of a statement that was prepared there is no code.
  const full = Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR" });
  expect(faultOf(file, PUSHES, full)?.message).toMatch(
    /its disk is full: free some space \(SQLite 13: database or disk is full\)$/,
  );
  expect(faultOf(file, PUSHES, new TypeError("a mistake"))).toBeUndefined();
});

test("a fault while it is used says that it cannot be used now, and tells operators of the file; nothing is stored", async () => {
  const [first, second] = ["00000000.00000000001", "00000000.00000000002"];
  const delivery = { hook: "w:a", position: second, event: "MESSAGE_SENT", stream: "conversation-g:a", revision: 0, key: "g:a" };
  const outbox = sqliteWebhookOutbox(file);
  await outbox.take("me");
  await outbox.begin("w:a", first, 1);
  await outbox.plan(["w:a"], second, [delivery], 1);
  const other = new DatabaseSync(file);
  other.exec("CREATE TRIGGER fails BEFORE UPDATE ON webhook_deliveries BEGIN SELECT RAISE(FAIL, 'there is no room'); END");
  other.close();
  const fault: unknown = await outbox.again("w:a", second, 2).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Unavailable);
  expect((fault as Error).message).toBe("the outbox of webhooks cannot be used now");
  expect(explained(fault)).toMatch(/there is no room/);
  expect(await outbox.deliveries("w:a", 1)).toMatchObject([{ due: 1 }]);
  await outbox.close();
});
