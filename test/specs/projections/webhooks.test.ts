import { describe, expect, test } from "vitest";
import { webhooks } from "../../../projections/webhooks.ts";
import { incomingHookDeleted, incomingHookPut, webhookDeleted, webhookPut, webhookSwitchedOff } from "../../support/happened.ts";
import { given, position } from "../../support/projected.ts";

const { webhookId: _, ...hook } = webhookPut("w:crm").data;
const { hookId: __, ...incoming } = incomingHookPut("h:ci").data;

describe("webhooks", () => {
  test("are told what comes after they were put first, however often they are put again", () =>
    given(webhooks, webhookPut("w:crm"), webhookPut("w:crm", { url: "https://example.net/" })).holds("hooks", "webhooks", {
      "w:crm": { ...hook, url: "https://example.net/", since: position(1), movedAt: expect.any(String) as string },
    }));
  test("that are put again where they are have not moved", () =>
    given(webhooks, webhookPut("w:crm"), webhookPut("w:crm", { events: ["USER_CHANGED"] })).holds("hooks", "webhooks", {
      "w:crm": { ...hook, events: ["USER_CHANGED"], since: position(1) },
    }));
  test("that were switched off say why, and are told what comes after they are put again", async () => {
    const off = [webhookPut("w:crm"), webhookSwitchedOff("w:crm", "gone")] as const;
    await given(webhooks, ...off).holds("hooks", "webhooks", { "w:crm": { ...hook, since: position(1), offBecause: "gone" } });
    await given(webhooks, ...off, webhookPut("w:crm")).holds("hooks", "webhooks", { "w:crm": { ...hook, since: position(3) } });
  });
  test("that are deleted are not there", async () => {
    await given(webhooks, webhookPut("w:crm"), webhookDeleted("w:crm")).holds("hooks", "webhooks", {});
    await given(webhooks, incomingHookPut("h:ci"), incomingHookDeleted("h:ci")).holds("incoming", "webhooks", {});
  });
  test("say when they were put or deleted last", async () => {
    const at = (number: number) => ({ "": { position: position(number) } });
    await given(webhooks, webhookPut("w:crm"), webhookSwitchedOff("w:crm", "gone")).holds("changed", "~webhooks", at(1));
    await given(webhooks, webhookPut("w:crm"), webhookDeleted("w:crm")).holds("changed", "~webhooks", at(2));
  });
  test("that post are known by the digest of their token", () =>
    given(webhooks, incomingHookPut("h:ci")).holds("incoming", "webhooks", { "h:ci": incoming }));
});
