import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { searchIsLive, startServer } from "../support/server.ts";
import { browserOf, executable, launch, messageOf, openChat, signedIn, writing } from "./support/browser.ts";

/** Where the pictures of docs/web.md go; unset: none are made. */
const folder = process.env["SCREENSHOTS"];
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const PEOPLE = {
  alice: { handle: "alice", name: "Alice Meyer", signature: "Tea and mountains" },
  bob: { handle: "bob", name: "Bob Tanner", signature: "Walks in the hills on Sundays" },
  li: { handle: "xiaoli", name: "李晓丽", signature: null },
  wang: { handle: "wangwei", name: "王伟", signature: null },
  carol: { handle: "carol", name: "Carol Diaz", signature: null },
  dave: { handle: "dave", name: "Dave Okoro", signature: null },
} as const;
type Who = keyof typeof PEOPLE;

test.skipIf(!executable || !folder)("pictures of every page, wide and narrow", { timeout: 300_000 }, async () => {
  await promisify(execFile)(process.execPath, ["src/web/build.mjs"], { cwd: ROOT });
  const server = await startServer({ settings: { NODE_ENV: "development" } });
  const browser = await launch();
  try {
    const address = await server.address();
    let calls = 0;
    const ask = async (who: Who, field: string, type: string, input: object, selection = "cursor"): Promise<never> => {
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`;
      const response = await fetch(`${address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await server.token(who)}` },
        body: JSON.stringify({ query, variables: { input: { clientMutationId: `shot ${calls++}`, ...input } } }),
      });
      const { data, errors } = (await response.json()) as { data: Record<string, never>; errors?: unknown };
      expect(errors).toBeUndefined();
      return data[field] as never;
    };
    const befriend = async (one: Who, other: Who, note?: string): Promise<string> => {
      const asked: { request: { id: string } } = await ask(
        one,
        "requestFriendship",
        "RequestFriendshipInput",
        { userId: other, note },
        "request { id }",
      );
      return asked.request.id;
    };
    const send = (who: Who, to: object, text: string | null, more: object = {}) =>
      ask(who, "sendMessage", "SendMessageInput", { ...to, text, ...more });

    for (const [who, profile] of Object.entries(PEOPLE)) await ask(who as Who, "register", "RegisterInput", profile);
    for (const friend of ["bob", "li", "wang"] as const)
      await ask(friend, "answerFriendRequest", "AnswerInput", { id: await befriend("alice", friend), accept: true });
    await befriend("carol", "alice", "We met at the fair");
    await befriend("alice", "dave");
    await send("wang", { userId: "alice" }, "会议改到下午三点了。");
    await send("alice", { userId: "wang" }, "好的，谢谢！");
    await send("bob", { userId: "alice" }, "Did you get the tickets?");
    await send("alice", { userId: "bob" }, "Yes, two of them.");
    await send("bob", { userId: "alice" }, "Great, thank you! 🎉");
    await send("li", { userId: "alice" }, "你好 Alice，周日见！");
    const made: { conversation: { id: string } } = await ask(
      "alice",
      "createConversation",
      "CreateConversationInput",
      {
        kind: "GROUP",
        title: "Hill walkers · 山友",
        memberIds: ["bob", "li", "wang"],
        description: "Sunday walks around the lake",
        announcement: "Next walk: Sunday, half past seven, at the station.",
      },
      "conversation { id }",
    );
    const conversationId = made.conversation.id;
    const group = { conversationId };
    await send("bob", group, "Good morning everyone! Who is coming on Sunday?");
    await send("li", group, "我来！天气预报说周日是晴天 ☀️");
    await send("wang", group, "我也去。几点集合？");
    await send("alice", group, "Half past seven at the station, as always. I bring tea.", { replyTo: 3 });
    for (const [who, emoji] of [
      ["li", "👍"],
      ["wang", "👍"],
      ["bob", "❤️"],
    ] as const)
      await ask(who, "react", "ReactInput", { conversationId, seq: 4, emoji, on: true });
    const lake = {
      url: "https://pictures.example.org/lake.svg",
      name: "lake.svg",
      mediaType: "image/svg+xml",
      size: 2_400,
      width: 480,
      height: 220,
    };
    await send("wang", group, "去年的湖", { kind: "IMAGE", attachments: [lake] });
    await send("bob", group, "The way: https://example.org/walks/lake-round, about 14 km.", { replyTo: 4 });
    await send("li", group, "太好了，我带点心。@Alice Meyer 要不要带上次的相机？", { mentions: ["alice"] });
    await send("alice", group, "Yes, and the tripod.");
    await send("bob", group, "See you all on Sunday!");
    await ask("alice", "setPreferences", "SetPreferencesInput", { conversationId, pinned: true });
    await ask("alice", "pinMessage", "PinMessageInput", { conversationId, seq: 4, on: true });
    await searchIsLive(server);

    await mkdir(join(ROOT, folder ?? ""), { recursive: true });
    for (const [size, looks] of [
      ["wide", { width: 1_280, height: 800 }],
      ["narrow", { width: 390, height: 780, locale: "zh-CN", colorScheme: "dark" as const }],
    ] as const) {
      const { context } = await browserOf(browser, looks);
      // The pictures' host is not there: what it would give.
      await context.route("https://pictures.example.org/**", (route) =>
        route.fulfill({ contentType: "image/svg+xml", body: LAKE }),
      );
      const shoot = (page: Page, name: string) => page.screenshot({ path: join(ROOT, folder ?? "", `${name}-${size}.png`) });
      const first = await context.newPage();
      await first.goto(address);
      await first.getByRole("textbox").waitFor();
      await shoot(first, "sign-in");
      await first.close();
      const page = await signedIn(context, address, "alice");
      await page.locator(".row").nth(3).waitFor();
      await shoot(page, "chats");
      await openChat(page, "Hill walkers");
      await messageOf(page, "See you all").waitFor();
      await page.locator(".picture img").evaluate((picture: HTMLImageElement) => picture.decode());
      await writing(page).blur();
      await page.locator(".message .receipt[data-read=true]").first().waitFor();
      await shoot(page, "group");
      await page.locator(".chat-head button").last().click();
      await page.locator(".panel .person").nth(3).waitFor();
      await shoot(page, "about");
      await page.goto(`${address}/people`);
      await page.locator(".page .person").nth(3).waitFor();
      await shoot(page, "people");
      await page.goto(`${address}/search?q=周日`);
      await page.locator(".hit").first().waitFor();
      await shoot(page, "search");
      await page.goto(`${address}/me`);
      await page.locator(".code-picture svg").waitFor();
      await shoot(page, "me");
      await context.close();
    }
  } finally {
    await browser.close();
    await server.remove();
  }
});

const LAKE = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="220" viewBox="0 0 480 220"><defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#8ec5ee"/><stop offset="1" stop-color="#e8f3fb"/></linearGradient></defs><rect width="480" height="220" fill="url(#s)"/><circle cx="390" cy="52" r="22" fill="#ffe08a"/><path d="M0 140 90 60l70 60 60-80 110 100 60-40 90 60v80H0z" fill="#5f8f76"/><path d="M0 150q120-18 240 0t240 0v70H0z" fill="#3e7cb1"/><path d="M40 176h120M220 190h160M110 204h90" stroke="#7fb0da" stroke-width="3" stroke-linecap="round"/></svg>`;
