import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqliteWebhookOutbox } from "../../../src/adapters/webhookOutbox/sqlite.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { WebhookOutbox } from "../../../src/ports/webhookOutbox.ts";
import { tempDir } from "../../support/tempDir.ts";

const [FIRST, SECOND] = ["00000000.00000000001", "00000000.00000000002"];
const told = { hook: "w:a", position: SECOND, event: "MESSAGE_SENT", stream: "conversation-g:a", revision: 0, key: "g:a" };

let folder: Awaited<ReturnType<typeof tempDir>>;
let outbox: Open<WebhookOutbox>;
beforeEach(async () => {
  folder = await tempDir();
  outbox = sqliteWebhookOutbox(join(folder.path, "webhooks.db"));
  await outbox.take("me");
  await outbox.begin("w:a", FIRST, 1);
  await outbox.plan(["w:a"], SECOND, [told], 1);
});
afterEach(async () => {
  await outbox.close();
  await folder.remove();
});

describe("an outbox of webhooks", () => {
  test("does not try again what was given up during an attempt", async () => {
    const [delivery] = await outbox.due("w:a", 2, 1);
    if (!delivery) throw new Error("nothing is due");
    await outbox.giveUp("w:a", "put anew");
    await outbox.settle(delivery, { at: 3, status: 500, error: "answered 500", outcome: { due: 4 } });
    expect(await outbox.due("w:a", 5, 1)).toEqual([]);
    expect(await outbox.deliveries("w:a", 1)).toMatchObject([{ attempts: 1, status: 500, due: undefined }]);
  });

  test("does not blame a hook for what it needs not be told", async () => {
    const [delivery] = await outbox.due("w:a", 2, 1);
    if (!delivery) throw new Error("nothing is due");
    await outbox.settle(delivery, { at: 3, status: undefined, error: "there is nothing to tell", outcome: "nothing" });
    expect(await outbox.progress()).toMatchObject([{ waiting: 0, failingSince: undefined }]);
  });

  test("says of a fault of its file that it cannot be used now", async () => {
    const other = new DatabaseSync(join(folder.path, "webhooks.db"));
    other.exec("CREATE TRIGGER fails BEFORE UPDATE ON webhook_deliveries BEGIN SELECT RAISE(FAIL, 'the disk is full'); END");
    other.close();
    await expect(outbox.again("w:a", SECOND, 2)).rejects.toThrow(Unavailable);
    expect(await outbox.deliveries("w:a", 1)).toMatchObject([{ due: 1 }]);
  });
});
