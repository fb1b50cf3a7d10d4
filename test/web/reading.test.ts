import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { png } from "../support/pictures.ts";
import { until } from "../support/until.ts";
import {
  browserOf,
  choose,
  executable,
  messageOf,
  openChat,
  partOf,
  rowOf,
  signedIn,
  write,
  writing,
} from "./support/browser.ts";
import { longConversation, type PageWorld, pageWorld } from "./support/world.ts";

const MESSAGES = 400;
const TITLE = "The long one";
/** Who reads, and the other one. */
const ME = "u000000";
const OTHER = "u000001";
/** Heights are rounded on their way. */
const SAME_PX = 3;

type Watched = Window & { painted?: (box: Element) => Promise<void> };

/**
 * In the page: `painted` waits until a frame has been painted, and nothing has changed since. What a call leaves for a moment,
 * until the heights of new rows are known, nobody sees.
 */
function watchFrames(): void {
  (window as Watched).painted = async (box) => {
    let hasChanged = true;
    const observer = new MutationObserver(() => (hasChanged = true));
    observer.observe(box, { subtree: true, childList: true, attributes: true, characterData: true });
    while (hasChanged) {
      await new Promise<void>((resolve) => {
        requestAnimationFrame(() => {
          hasChanged = false;
          setTimeout(resolve);
        });
      });
    }
    observer.disconnect();
  };
}

describe.skipIf(!executable)("the chat page, for one who reads", { timeout: 120_000 }, () => {
  let world: PageWorld;
  let long: Awaited<ReturnType<typeof longConversation>>;
  let context: BrowserContext;
  let faults: string[];
  let page: Page;

  beforeAll(async () => {
    long = await longConversation(MESSAGES);
    // A server that answers nothing but documents that it was given: those of the page it knows from its build.
    const DOCUMENTS = join(long.dataDir, "mine.graphql");
    await writeFile(DOCUMENTS, "{ viewer { user { handle } } }");
    world = await pageWorld({ DOCUMENTS, DOCUMENTS_ONLY: "on" }, long.dataDir);
    ({ context, faults } = await browserOf(world.browser));
    await context.addInitScript(watchFrames);
    page = await signedIn(context, world.address, ME);
  }, 180_000);
  afterAll(async () => {
    await world?.close();
    await long?.remove();
  });

  const send = (text: string, more: object = {}) =>
    world.mutate<{ message: { seq: number } }>(
      OTHER,
      "sendMessage",
      "SendMessageInput",
      { conversationId: long.id, text, ...more },
      "message { seq }",
    );
  const scroller = () => page.locator(".timeline [data-virtuoso-scroller]");
  const row = (seq: number) => page.locator(`.chat-main .message[data-seq="${seq}"]`);
  /** The first message that is in sight, and how far below the upper edge it begins, as it was painted. */
  const inSight = () =>
    scroller().evaluate(async (box) => {
      await (window as Watched).painted?.(box);
      const { top } = box.getBoundingClientRect();
      const rows = [...box.querySelectorAll<HTMLElement>("[data-seq]")];
      const first = rows.find((one) => one.getBoundingClientRect().bottom > top + 80);
      return { seq: Number(first?.dataset["seq"]), at: (first?.getBoundingClientRect().top ?? 0) - top };
    });
  /** The same, once it was so several times in a row: rows that came into sight are measured first. */
  const settled = async () => {
    let [before, same] = [await inSight(), 0];
    await until("nothing moves", async () => {
      const now = await inSight();
      same = now.seq === before.seq && now.at === before.at ? same + 1 : 0;
      before = now;
      return same >= 5;
    });
    return before;
  };
  const placeOf = (seq: number) =>
    scroller().evaluate(async (box, number) => {
      await (window as Watched).painted?.(box);
      const found = box.querySelector(`[data-seq="${number}"]`);
      return found ? found.getBoundingClientRect().top - box.getBoundingClientRect().top : undefined;
    }, seq);
  const back = (by: number) => scroller().evaluate((box, px) => box.scrollBy(0, -px), by);
  const heightOf = () => scroller().evaluate((box) => box.scrollHeight);
  const isAtEnd = () => scroller().evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 20);
  const oldest = async () => Number(await page.locator(".chat-main .message[data-seq]").first().getAttribute("data-seq"));
  const said = () => page.getByRole("log").locator("p").allInnerTexts();

  test("what was there is not said; the unread line is where one left off, and one jump away", async () => {
    await rowOf(page, TITLE).locator(".badge").waitFor();
    await openChat(page, TITLE);
    await row(MESSAGES).waitFor();
    expect(await said()).toEqual([]);
    const jump = page.getByRole("button", { name: /unread messages: jump to the first/ });
    await jump.click();
    await page.locator(".unread-line").waitFor();
    await row(1).waitFor();
    await jump.waitFor({ state: "detached" });
    await page.getByText("This is where it begins.").waitFor();
    // It stays there, whatever is read meanwhile.
    await page.getByRole("button", { name: "To the newest message" }).click();
    await row(MESSAGES).waitFor();
    await rowOf(page, TITLE).locator(".badge").waitFor({ state: "detached" });
    await until("it is at the end", isAtEnd);
  });

  test("older messages come above without a move, and the day is said in the reader's words", async () => {
    const asked: (() => void)[] = [];
    await page.route("**/graphql", async (route) => {
      // A page before those that are loaded: it comes when the spec says so.
      if (route.request().postData()?.includes('"before":"')) await new Promise<void>((resolve) => asked.push(resolve));
      return route.continue();
    });
    for (let pages = 0; pages < 2; pages++) {
      await until("more is asked for", async () => {
        await back(300);
        return asked.length > 0;
      });
      const before = await settled();
      const height = await heightOf();
      asked.shift()?.();
      const moved: number[] = [];
      await until("it has come", async () => {
        moved.push(Math.abs(((await placeOf(before.seq)) ?? Infinity) - before.at));
        return (await heightOf()) > height;
      });
      moved.push(Math.abs(((await placeOf(before.seq)) ?? Infinity) - before.at));
      expect(Math.max(...moved)).toBeLessThanOrEqual(SAME_PX);
    }
    await page.unroute("**/graphql");
    for (const go of asked) go();
    await until("the day of the first one is said", async () => {
      await back(400);
      return (await page.locator(".day-line", { hasText: "1 January" }).count()) > 0;
    });
  });

  test("older messages that could not be loaded come once one goes on", async () => {
    await page.reload();
    await row(MESSAGES).waitFor();
    let isAway = true;
    let inVain = 0;
    await page.route("**/graphql", async (route) => {
      if (!isAway || !route.request().postData()?.includes('"before":"')) return route.continue();
      inVain++;
      return route.abort();
    });
    await until("more was asked for", async () => {
      await back(300);
      return inVain > 0;
    });
    await page.locator(".notice-fault").waitFor();
    isAway = false;
    const first = await oldest();
    await until("the oldest one has left", async () => {
      await back(-200);
      return (await oldest()) > first;
    });
    await until("older ones have come", async () => {
      await back(200);
      return (await oldest()) < first;
    });
    await page.unroute("**/graphql");
  });

  test("nothing moves while one reads back; what comes is counted below, said, and one click away", async () => {
    const before = await inSight();
    await send("Something new");
    await page.getByRole("button", { name: "1 new message", exact: true }).waitFor();
    await send("And more");
    const below = page.getByRole("button", { name: "2 new messages", exact: true });
    await below.waitFor();
    expect(Math.abs(((await placeOf(before.seq)) ?? Infinity) - before.at)).toBeLessThanOrEqual(SAME_PX);
    expect((await said()).slice(-2)).toEqual([`User ${OTHER} says: Something new`, `User ${OTHER} says: And more`]);
    await below.click();
    await messageOf(page, "And more").waitFor();
    await until("it is at the end", isAtEnd);
    // At the end it follows.
    await send("Followed");
    await messageOf(page, "Followed").waitFor();
    await until("it is at the end", isAtEnd);
  });

  test("what one writes while one reads back is shown at once, at the end", async () => {
    await page.goto(`${world.address}/c/${encodeURIComponent(long.id)}/100`);
    await row(100).waitFor();
    await write(page, "From far above");
    await messageOf(page, "From far above").waitFor();
    await until("it is at the end", isAtEnd);
  });

  test("one jumps to what was loaded already, and to what an answer is about", async () => {
    const { message } = await send("About the thirtieth", { replyTo: 30 });
    await messageOf(page, "About the thirtieth").locator(".quote").click();
    await until("it is in sight", async () => ((await placeOf(30)) ?? -1) > 0);
    await back(600);
    await page.getByRole("button", { name: "To the newest message" }).click();
    await row(message.seq).waitFor();
    await until("it is at the end", isAtEnd);
    await messageOf(page, "About the thirtieth").locator(".quote").click();
    await until("it is in sight", async () => ((await placeOf(30)) ?? -1) > 0);
    await page.getByRole("button", { name: "To the newest message" }).click();
    await until("it is at the end", isAtEnd);
  });

  test("elsewhere only where something came is said; muted, nothing is; pinned, it comes first", async () => {
    await world.mutate(OTHER, "sendMessage", "SendMessageInput", { userId: ME, text: "Just for you" });
    await rowOf(page, `User ${OTHER}`).locator(".badge").waitFor();
    expect((await said()).at(-1)).toBe(`User ${OTHER} writes in User ${OTHER}`);
    const first = () => page.locator(".row .row-title").first().innerText();
    expect(await first()).toBe(`User ${OTHER}`);
    const act = async (title: string, name: string): Promise<void> => {
      await rowOf(page, title).click({ button: "right" });
      await page.getByRole("menuitem", { name, exact: true }).click();
    };
    await act(TITLE, "Pin to the top");
    await until("the pinned one is first", async () => (await first()) === TITLE);
    await act(`User ${OTHER}`, "Mute");
    await rowOf(page, `User ${OTHER}`).locator(".badge-muted").waitFor();
    const lines = await said();
    await world.mutate(OTHER, "sendMessage", "SendMessageInput", { userId: ME, text: "Once more" });
    await rowOf(page, `User ${OTHER}`).locator(".digest", { hasText: "Once more" }).waitFor();
    expect(await said()).toEqual(lines);
    await act(`User ${OTHER}`, "Mark as read");
    await rowOf(page, `User ${OTHER}`).locator(".badge").waitFor({ state: "detached" });
  });

  test("pictures and files are given by their addresses, with their size where it is known", async () => {
    const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30"/></svg>`;
    await context.route("https://files.example.org/**", (route) =>
      route.fulfill({ contentType: "image/svg+xml", body: PICTURE, headers: { "timing-allow-origin": "*" } }),
    );
    const attach = async (address: string, kilobytes?: string): Promise<void> => {
      await page.getByRole("button", { name: "Add a picture or file" }).click();
      await page.getByRole("menuitem", { name: "By its address" }).click();
      await page.getByLabel("Address").fill(address);
      if (kilobytes !== undefined) await page.getByLabel("Size in kilobytes").fill(kilobytes);
      await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    };
    await openChat(page, TITLE);
    await attach("https://files.example.org/lake.svg");
    await page.locator(".message[data-seq] .picture img[alt='lake.svg']").waitFor();
    await attach("https://files.example.org/%E8%B7%AF%E7%BA%BF.pdf", "1.5");
    await page.locator(".message[data-seq] .file", { hasText: "路线.pdf" }).getByText("1.5 kB").waitFor();
    // It is no text in UTF-8, and goes as it is.
    await attach("https://files.example.org/%E0%A4%A.zip");
    await page.locator(".message[data-seq] .file", { hasText: "%E0%A4%A.zip" }).waitFor();
    const { conversation } = await world.ask<{
      conversation: { messages: { edges: { node: { kind: string; attachments: { size: number; width: number | null }[] } }[] } };
    }>(ME, `{ conversation(id: "${long.id}") { messages(last: 3) { edges { node { kind attachments { size width } } } } } }`);
    const sizes = conversation.messages.edges.map(({ node: { kind, attachments } }) => [kind, attachments[0]?.size]);
    expect(sizes).toEqual([
      ["IMAGE", expect.any(Number)],
      ["FILE", 1_500],
      ["FILE", 0],
    ]);
  });

  test("files of this device are uploaded, and shown to others", async () => {
    await openChat(page, TITLE);
    const picking = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Add a picture or file" }).click();
    await page.getByRole("menuitem", { name: "From this device" }).click();
    await (
      await picking
    ).setFiles([
      { name: "dot.png", mimeType: "image/png", buffer: await png(60, 40) },
      { name: "dash.png", mimeType: "image/png", buffer: await png(40, 60) },
    ]);
    await page.getByRole("dialog").getByLabel("Caption").fill("Two of them");
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const row = page.locator(".message[data-seq]", { hasText: "Two of them" });
    const isDrawn = (name: string) =>
      row.locator(`.picture img[alt='${name}']`).evaluate((image: HTMLImageElement) => image.naturalWidth > 0);
    await until("both are drawn", async () => (await isDrawn("dot.png")) && (await isDrawn("dash.png")));
  });

  test("what was closed while a picture was looked at is not sent", async () => {
    const asked: (() => void)[] = [];
    await context.route("https://slow.example.org/**", async (route) => {
      await new Promise<void>((resolve) => asked.push(resolve));
      return route.abort();
    });
    const attach = async (address: string): Promise<void> => {
      await page.getByRole("button", { name: "Add a picture or file" }).click();
      await page.getByRole("menuitem", { name: "By its address" }).click();
      await page.getByLabel("Address").fill(address);
      await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    };
    await attach("https://slow.example.org/slow.png");
    await until("it is looked at", () => asked.length > 0);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (const go of asked) go();
    await attach("https://files.example.org/map.zip");
    await page.locator(".message[data-seq] .file", { hasText: "map.zip" }).waitFor();
    expect(await page.locator(".message", { hasText: "slow.png" }).count()).toBe(0);
  });

  test("what one was editing is not what one answers another message with", async () => {
    await write(page, "To be edited");
    await messageOf(page, "To be edited").and(page.locator("[data-seq]")).waitFor();
    await send("To be answered");
    await messageOf(page, "To be answered").waitFor();
    await choose(page, "To be edited", "Edit");
    await until("it is edited", async () => (await writing(page).inputValue()) === "To be edited");
    await choose(page, "To be answered", "Reply");
    await page.getByText("Reply to").waitFor();
    expect(await writing(page).inputValue()).toBe("");
    await page.keyboard.press("Escape");
    await page.getByText("Reply to").waitFor({ state: "detached" });
  });

  test("that more of a thread could not be loaded is said", async () => {
    await page.route("**/graphql", async (route) => {
      const asked = route.request().postData();
      if (!asked?.includes("query Thread")) return route.continue();
      if (asked.includes('"after":"')) return route.abort();
      const response = await route.fetch();
      const json = (await response.json()) as { data: { node: { replies: { pageInfo: object } } } };
      Object.assign(json.data.node.replies.pageInfo, { hasNextPage: true, endCursor: "there" });
      return route.fulfill({ response, json });
    });
    await choose(page, "To be answered", "Open thread");
    await page.getByRole("button", { name: "Show more" }).click();
    await page.locator(".notice-fault").waitFor();
    await page.unroute("**/graphql");
    await page.locator(".panel-head button").click();
  });

  test("a fault in one part of the page leaves the others, and what was written", async () => {
    await page.route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("query SearchMessages")) return route.continue();
      const edges = [{ node: { highlights: null, message: null } }];
      return route.fulfill({ json: { data: { searchMessages: { totalCount: 1, pageInfo: {}, edges } } } });
    });
    await partOf(page, "/search").click();
    await page.getByRole("searchbox").fill("anything");
    const broken = page.getByRole("alert").filter({ hasText: "This part of the page has failed." });
    await broken.waitFor();
    await page.unroute("**/graphql");
    await openChat(page, TITLE);
    await broken.waitFor({ state: "detached" });
    await partOf(page, "/search").click();
    await page.getByRole("searchbox").fill("anything");
    await page.getByText("No message has these words.").waitFor();
  });

  test("a tab that slept for a day catches up, also where its token has expired and the network comes later", async () => {
    const sleeper = await browserOf(world.browser);
    const { context: bed } = sleeper;
    await bed.clock.install();
    const tab = await signedIn(bed, world.address, ME);
    await openChat(tab, TITLE);
    await writing(tab).fill("Half a thought");
    await bed.setOffline(true);
    await tab.getByText("You are offline").waitFor();
    for (let number = 1; number <= 20; number++) await send(`While it slept: ${number} of 20`);
    // The network seems to be there before it is: nobody is signed out for that.
    await tab.route("**/graphiql/token", (route) => route.abort());
    await bed.clock.fastForward("24:00:00");
    await bed.setOffline(false);
    await tab.getByText("The server cannot be reached.").waitFor();
    await tab.unroute("**/graphiql/token");
    const now = tab.locator(".connection-now");
    await until("all has come", async () => {
      // Whoever was not at the end when it came goes there.
      for (const button of [now, tab.locator(".float-end")])
        if (await button.isVisible()) await button.click({ timeout: 1_000 }).catch(() => {});
      return messageOf(tab, "While it slept: 20 of 20").isVisible();
    });
    expect(await writing(tab).inputValue()).toBe("Half a thought");
    await bed.close();
    faults.push(...sleeper.faults);
  });

  test("where a browser keeps nothing, and has only what there is without TLS, the page works all the same", async () => {
    const { context: poor, faults: heard } = await browserOf(world.browser);
    await poor.addInitScript(`
      delete Crypto.prototype.randomUUID;
      delete Navigator.prototype.locks;
      for (const place of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, place, { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
    `);
    const tab = await signedIn(poor, world.address, ME);
    await openChat(tab, TITLE);
    await write(tab, "From a poor browser");
    await messageOf(tab, "From a poor browser").and(tab.locator("[data-seq]")).waitFor();
    await poor.close();
    faults.push(...heard);
  });

  test("today is yesterday when a day has passed", async () => {
    const { context: late, faults: heard } = await browserOf(world.browser);
    await late.clock.install();
    const tab = await signedIn(late, world.address, ME);
    await openChat(tab, TITLE);
    await send("Of today");
    await messageOf(tab, "Of today").hover();
    await until("today is said", async () => {
      await tab.mouse.wheel(0, -300);
      return (await tab.locator(".day-line", { hasText: "Today" }).count()) > 0;
    });
    await late.clock.fastForward("24:00:00");
    await tab.locator(".day-line", { hasText: "Yesterday" }).waitFor();
    await late.close();
    faults.push(...heard);
  });

  test("on a narrow screen there is the list, or what is open", async () => {
    await page.setViewportSize({ width: 390, height: 780 });
    const list = page.locator(".list-pane");
    await partOf(page, "/").click();
    await openChat(page, TITLE);
    await list.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "About this conversation" }).click();
    await page.getByRole("complementary").getByRole("button", { name: "Close" }).click();
    await page.getByRole("link", { name: "Back" }).click();
    await list.waitFor();
    await writing(page).waitFor({ state: "detached" });
    await page.setViewportSize({ width: 1_280, height: 800 });
  });

  test("the language is the reader's own choice, and so are the dates", async () => {
    await partOf(page, "/me").click();
    await page.getByLabel("Language").selectOption("zh");
    await page.getByRole("heading", { name: "个人资料" }).waitFor();
    await openChat(page, TITLE);
    await until("today is said in Chinese", async () => {
      await back(300);
      return (await page.locator(".day-line", { hasText: "今天" }).count()) > 0;
    });
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
  });

  test("it is built for production, whoever built it", async () => {
    const textAt = async (path: string): Promise<string> => (await fetch(new URL(path, world.address))).text();
    const script = await textAt(/<script[^>]* src="([^"]+)"/.exec(await textAt("/"))?.[1] ?? "");
    expect(script).toContain("react.dev/errors");
    expect(script).not.toContain("for a better development experience");
  });

  test("all this was asked by the page's own documents alone", async () => {
    const answerTo = async (query: string): Promise<unknown> => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${await world.server.token(ME)}` };
      const answer = await fetch(`${world.address}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
      return answer.json();
    };
    expect(await answerTo("{ viewer { user { id } } }")).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
    expect(await answerTo("{ viewer { user { handle } } }")).toEqual({ data: { viewer: { user: { handle: ME } } } });
  });

  test("no page broke its own policy, or failed", () => {
    expect(faults).toEqual([]);
  });
});
