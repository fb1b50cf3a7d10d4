import { describe, test } from "vitest";
import { type Command, decider as webhooks, type Event, INCOMING_HOOKS_MAX, WEBHOOKS_MAX } from "../../../src/domain/webhooks.ts";
import { given } from "../../support/given.ts";

const secretOf = (sign: string) => `whsec_${sign.repeat(43)}=`;
const put = (change: object = {}): Extract<Command, { type: "Put" }> => ({
  type: "Put",
  webhookId: "w:crm",
  url: "https://example.org/",
  events: ["MESSAGE_SENT"],
  conversationId: null,
  secret: secretOf("a"),
  ...change,
});
const happened = (change: object = {}): Event => {
  const { type: _, ...data } = put(change);
  return { type: "WebhookPut", data };
};
const off: Event = { type: "WebhookSwitchedOff", data: { webhookId: "w:crm", reason: "gone" } };
const deleted: Event = { type: "WebhookDeleted", data: { webhookId: "w:crm" } };

describe("a webhook", () => {
  test("is put", () => given(webhooks).when(put()).then(happened()));
  test("that is put again keeps its secret", () => {
    given(webhooks, happened())
      .when(put({ url: "https://example.net/", secret: secretOf("b") }))
      .then(happened({ url: "https://example.net/" }));
    given(webhooks, happened())
      .when(put({ secret: secretOf("b") }))
      .then();
  });
  test("that was switched off is switched on by putting it", () => given(webhooks, happened(), off).when(put()).then(happened()));
  test("that is put after it was deleted has a new secret", () =>
    given(webhooks, happened(), deleted)
      .when(put({ secret: secretOf("b") }))
      .then(happened({ secret: secretOf("b") })));
  test("is switched off once, and only where it is there", () => {
    const command: Command = { type: "SwitchOff", webhookId: "w:crm", reason: "gone" };
    given(webhooks, happened()).when(command).then(off);
    given(webhooks, happened(), off).when(command).then();
    given(webhooks).when(command).then();
  });
  test("is deleted where it is there", () => {
    given(webhooks, happened()).when({ type: "Delete", webhookId: "w:crm" }).then(deleted);
    given(webhooks).when({ type: "Delete", webhookId: "w:crm" }).refused("NOT_FOUND", { field: "id" });
  });
  test("is told or asked something", () => {
    const beforeSend = { timeoutMs: 3_000, otherwise: "ALLOW" } as const;
    given(webhooks)
      .when(put({ events: [] }))
      .refused("BAD_INPUT", { field: "events" });
    given(webhooks)
      .when(put({ events: [], beforeSend }))
      .then(happened({ events: [], beforeSend }));
    given(webhooks, happened({ beforeSend }))
      .when(put({ beforeSend: { otherwise: "ALLOW", timeoutMs: 3_000 } }))
      .then();
    given(webhooks, happened({ beforeSend })).when(put()).then(happened());
    const stricter = { ...beforeSend, otherwise: "REFUSE" };
    given(webhooks, happened({ beforeSend }))
      .when(put({ beforeSend: stricter }))
      .then(happened({ beforeSend: stricter }));
  });
  test("is asked about a conversation beside two others at most", () => {
    const beforeSend = { timeoutMs: 3_000, otherwise: "ALLOW" } as const;
    const asked = (webhookId: string, conversationId: string | null) => ({ webhookId, conversationId, beforeSend });
    const others = [
      happened(asked("w:all", null)),
      happened(asked("w:one", "g:walks")),
      happened(asked("w:two", "g:walks")),
      happened({ webhookId: "w:told", conversationId: "g:walks" }),
    ];
    for (const conversationId of ["g:walks", null])
      given(webhooks, ...others)
        .when(put({ conversationId, beforeSend }))
        .refused("LIMIT_EXCEEDED", { field: "beforeSend" });
    for (const change of [
      { conversationId: "g:talks", beforeSend },
      { conversationId: "g:walks" },
      { ...asked("w:two", "g:walks"), url: "https://example.net/" },
    ])
      given(webhooks, ...others)
        .when(put(change))
        .then(happened(change));
  });
  test("is refused where there are too many", () => {
    const many = Array.from({ length: WEBHOOKS_MAX }, (_, index) => happened({ webhookId: `w:${index}` }));
    given(webhooks, ...many)
      .when(put())
      .refused("LIMIT_EXCEEDED", { field: "id" });
    given(webhooks, ...many)
      .when(put({ webhookId: "w:1", url: "https://example.net/" }))
      .then(happened({ webhookId: "w:1", url: "https://example.net/" }));
  });
});

describe("an incoming webhook", () => {
  const data = { hookId: "h:ci", botId: "robot", conversationId: "g:walks", hash: "a".repeat(43) };
  const made: Event = { type: "IncomingHookPut", data };
  const gone: Event = { type: "IncomingHookDeleted", data: { hookId: "h:ci" } };
  test("is put, and replaced", () => {
    given(webhooks)
      .when({ type: "PutIncoming", ...data })
      .then(made);
    const other = { ...data, hash: "b".repeat(43) };
    given(webhooks, made)
      .when({ type: "PutIncoming", ...other })
      .then({ type: "IncomingHookPut", data: other });
  });
  test("is deleted where it is there", () => {
    given(webhooks, made).when({ type: "DeleteIncoming", hookId: "h:ci" }).then(gone);
    given(webhooks, made, gone).when({ type: "DeleteIncoming", hookId: "h:ci" }).refused("NOT_FOUND", { field: "id" });
  });
  test("is refused where there are too many", () => {
    const many = Array.from({ length: INCOMING_HOOKS_MAX }, (_, index): Event => ({
      type: "IncomingHookPut",
      data: { ...data, hookId: `h:${index}` },
    }));
    given(webhooks, ...many)
      .when({ type: "PutIncoming", ...data })
      .refused("LIMIT_EXCEEDED", { field: "id" });
  });
});
