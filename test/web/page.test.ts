import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchIsLive, type Server, startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  browserOf,
  choose,
  executable,
  launch,
  messageOf,
  openChat,
  partOf,
  rowOf,
  seriousFaults,
  signedIn,
  write,
  writing,
} from "./support/browser.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PORT = String(42_000 + (process.pid % 5_000));

if (!executable)
  console.warn(
    "\nSKIPPED: the chat page was not tested, for there is no Chromium. Install it, or say by CHROMIUM where it is.\n",
  );

describe.skipIf(!executable)("the chat page, with three people", { timeout: 120_000 }, () => {
  let server: Server;
  let browser: Browser;
  let anns: BrowserContext;
  let ann: Page;
  let li: Page;
  let carol: Page;
  let address: string;
  const faults: string[][] = [];

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ["src/web/build.mjs"], { cwd: ROOT });
    [server, browser] = await Promise.all([startServer({ settings: { PORT, NODE_ENV: "development" } }), launch()]);
    address = await server.address();
    const own = async (name: string, locale?: string): Promise<[BrowserContext, Page]> => {
      const { context, faults: heard } = await browserOf(browser, locale === undefined ? {} : { locale });
      faults.push(heard);
      return [context, await signedIn(context, address, name)];
    };
    [[anns, ann], [, li], [, carol]] = await Promise.all([own("Ann"), own("李雷", "zh-CN"), own("Carol")]);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.remove();
  });

  const ask = async (user: string, query: string, variables = {}): Promise<Record<string, never>> => {
    const response = await fetch(`${address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await server.token(user)}` },
      body: JSON.stringify({ query, variables }),
    });
    return ((await response.json()) as { data: Record<string, never> }).data;
  };
  /** The texts of a conversation with a title, as the API gives them to Ann. */
  const textsOf = async (title: string): Promise<(string | null)[]> => {
    const { viewer } = (await ask(
      "Ann",
      `{ viewer { conversations { edges { node { title messages(last: 100) { edges { node { text } } } } } } } }`,
    )) as unknown as {
      viewer: {
        conversations: { edges: { node: { title: string; messages: { edges: { node: { text: string | null } }[] } } }[] };
      };
    };
    const found = viewer.conversations.edges.find(({ node }) => node.title === title);
    return found?.node.messages.edges.map(({ node }) => node.text) ?? [];
  };

  test("they find each other and become friends", async () => {
    await partOf(ann, "/people").click();
    await ann.getByRole("searchbox").fill("李雷");
    await ann.locator(".person-main", { hasText: "李雷" }).click();
    await ann.getByLabel("What to say").fill("We met at the fair");
    await ann.getByRole("button", { name: "Add friend" }).click();
    await ann.getByRole("button", { name: "Withdraw" }).waitFor();
    await ann.getByRole("button", { name: "Close" }).click();

    await partOf(li, "/people").click();
    await li.getByText("We met at the fair").waitFor();
    await li.getByRole("button", { name: "接受: Ann" }).click();
    await li.locator(".panel-card", { hasText: "好友" }).locator(".person", { hasText: "Ann" }).waitFor();
    await ann.getByRole("searchbox").fill("");
    await ann.locator(".panel-card", { hasText: "Friends" }).locator(".person", { hasText: "李雷" }).waitFor();
  });

  test("they write, see each other type and read, react, edit and recall", async () => {
    await ann.locator(".person-main", { hasText: "李雷" }).click();
    await ann.getByRole("button", { name: "Message" }).click();
    await write(ann, "Hello 李雷");
    await openChat(li, "Ann");
    await messageOf(li, "Hello 李雷").waitFor();
    await li.bringToFront();
    await messageOf(ann, "Hello 李雷").locator(".receipt[data-read=true]").waitFor();

    await writing(li).pressSequentially("今天下午三点");
    await ann.getByText("李雷 is typing").waitFor();
    // While an input method composes, Enter is its own; Safari tells of it by the code alone.
    await writing(li).evaluate((box) => {
      for (const init of [{ isComposing: true }, { keyCode: 229 }])
        box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init }));
    });
    expect(await writing(li).inputValue()).toBe("今天下午三点");
    await writing(li).press("Shift+Enter");
    await writing(li).pressSequentially("在办公室见");
    await writing(li).press("Enter");
    await messageOf(ann, "今天下午三点").waitFor();
    expect(await textsOf("李雷")).toEqual(["Hello 李雷", "今天下午三点\n在办公室见"]);

    await choose(ann, "今天下午三点", "React with 👍");
    await messageOf(li, "今天下午三点").locator(".reaction", { hasText: "👍" }).waitFor();
    await choose(li, "Hello 李雷", "回复");
    await write(li, "你好！");
    await messageOf(ann, "你好！").locator(".quote", { hasText: "Hello" }).waitFor();

    await write(ann, "See you at thre");
    await ann.locator(".message[data-seq]", { hasText: "See you at thre" }).waitFor();
    await writing(ann).press("ArrowUp");
    await until("the last message is edited", async () => (await writing(ann).inputValue()) === "See you at thre");
    await write(ann, "See you at three");
    await messageOf(li, "See you at three").getByText("已编辑").waitFor();

    await write(ann, "This was a mistake");
    await messageOf(li, "This was a mistake").waitFor();
    await choose(ann, "This was a mistake", "Recall");
    await ann.getByRole("dialog").getByRole("button", { name: "Recall" }).click();
    await li.locator(".message", { hasText: "此消息已撤回" }).waitFor();
    await messageOf(li, "This was a mistake").waitFor({ state: "detached" });
    expect((await textsOf("李雷")).at(-1)).toBeNull();
  });

  test("a group is made, and joined by a link; one names somebody, and answers in a thread", async () => {
    await partOf(ann, "/people").click();
    await ann.locator(".page").getByRole("button", { name: "New group" }).click();
    const dialog = ann.getByRole("dialog");
    await dialog.getByLabel("Title").fill("Hill walkers");
    await dialog.getByLabel("李雷").check();
    await dialog.getByRole("button", { name: "Create" }).click();
    await ann.getByText("2 members").waitFor();
    await ann.getByRole("button", { name: "About this conversation" }).click();
    await ann.getByRole("button", { name: "Invite by a link" }).click();
    await ann.getByRole("button", { name: "Make an invitation" }).click();
    const link = await dialog.getByLabel("Invitation").inputValue();
    await dialog.getByRole("button", { name: "Close" }).click();
    await ann.getByRole("complementary").getByRole("button", { name: "Close" }).click();

    await carol.goto(link);
    await carol.getByRole("heading", { name: "Hill walkers" }).waitFor();
    await carol.getByRole("button", { name: "Join" }).click();
    await write(carol, "Hello everybody");
    await messageOf(ann, "Hello everybody").waitFor();

    await openChat(li, "Hill walkers");
    await writing(li).pressSequentially("@An");
    await li.getByRole("option", { name: "Ann" }).waitFor();
    await writing(li).press("Enter");
    await writing(li).pressSequentially("周日去湖边走走吗？");
    await writing(li).press("Enter");
    await messageOf(ann, "周日去湖边").locator(".mention", { hasText: "@Ann" }).waitFor();

    await choose(carol, "周日去湖边", "Open thread");
    const thread = carol.getByRole("complementary", { name: "Thread" });
    await thread.getByRole("textbox").fill("Yes, at nine");
    await thread.getByRole("textbox").press("Enter");
    await thread.locator(".message", { hasText: "Yes, at nine" }).waitFor();
    await messageOf(ann, "周日去湖边").getByRole("button", { name: "1 reply" }).waitFor();
  });

  test("old messages are found in Chinese, and shown in their place", async () => {
    await searchIsLive(server);
    await partOf(carol, "/search").click();
    await carol.getByRole("searchbox").fill("湖边");
    await until("it is found", async () => {
      await carol.getByRole("searchbox").press("End");
      return (await carol.locator("mark", { hasText: "湖边" }).count()) > 0;
    });
    await carol.locator(".hit").first().click();
    await carol.locator(".message[data-flash=true]", { hasText: "湖边" }).waitFor();
  });

  test("a second tab of the same person shows the same; what is read in one is read in the other", async () => {
    const second = await signedIn(anns, address, "Ann");
    await ann.bringToFront();
    await partOf(ann, "/people").click();
    await partOf(second, "/people").click();
    await write(carol, "Are you both there?");
    for (const tab of [ann, second]) await rowOf(tab, "Hill walkers").locator(".badge").waitFor();
    await second.bringToFront();
    await openChat(second, "Hill walkers");
    await messageOf(second, "Are you both there?").waitFor();
    for (const tab of [ann, second]) await rowOf(tab, "Hill walkers").locator(".badge").waitFor({ state: "detached" });
    await second.close();
    await ann.bringToFront();
  });

  test("offline it says so; what was written goes out in order once it is back", async () => {
    await openChat(ann, "Hill walkers");
    await anns.setOffline(true);
    await ann.getByText("You are offline").waitFor();
    for (const text of ["offline 1", "offline 2", "offline 3"]) await write(ann, text);
    await messageOf(ann, "offline 3").waitFor();
    await anns.setOffline(false);
    await messageOf(carol, "offline 3").waitFor();
    await ann.getByText("You are offline").waitFor({ state: "detached" });
    const sent = (await textsOf("Hill walkers")).filter((text) => text?.startsWith("offline"));
    expect(sent).toEqual(["offline 1", "offline 2", "offline 3"]);
  });

  test("a reload with an outbox that is not empty, and a server that is killed meanwhile: nothing is lost, nothing comes twice", async () => {
    await ann.route("**/graphql", (route) => route.abort());
    for (const text of ["kept 1", "kept 2"]) await write(ann, text);
    await ann.reload();
    await messageOf(ann, "kept 2").waitFor();
    await ann.unroute("**/graphql");
    await server.kill();
    for (const text of ["kept 3", "kept 4"]) await write(ann, text);
    await messageOf(ann, "kept 4").waitFor();
    await server.start();
    await until(
      "both are connected again, and all has come",
      async () => {
        for (const page of [ann, carol]) {
          const now = page.getByRole("button", { name: "Try now" });
          // It goes away by itself as soon as the page tries.
          if (await now.isVisible()) await now.click({ timeout: 1_000 }).catch(() => {});
        }
        return messageOf(carol, "kept 4").isVisible();
      },
      60_000,
    );
    const kept = async (): Promise<(string | null)[]> =>
      (await textsOf("Hill walkers")).filter((text) => text?.startsWith("kept"));
    expect(await kept()).toEqual(["kept 1", "kept 2", "kept 3", "kept 4"]);
    for (const page of [ann, carol]) {
      const shown = await page.locator(".chat-main .message .bubble-text").allInnerTexts();
      expect(shown.filter((text) => text.startsWith("kept"))).toEqual(["kept 1", "kept 2", "kept 3", "kept 4"]);
    }
  });

  test("a message that is refused keeps its text, to be sent again, changed or thrown away", async () => {
    await openChat(ann, "李雷");
    await ask("李雷", `mutation { block(input: { clientMutationId: "b", userId: "Ann", on: true }) { cursor } }`);
    await write(ann, "Can you read this?");
    const row = messageOf(ann, "Can you read this?");
    await row.getByText("Not sent").waitFor();
    await row.getByRole("button", { name: "Edit" }).click();
    await row.waitFor({ state: "detached" });
    expect(await writing(ann).inputValue()).toBe("Can you read this?");
    await writing(ann).fill("");
  });

  test("the keyboard alone suffices to go through the messages and to answer one", async () => {
    await openChat(ann, "Hill walkers");
    await messageOf(ann, "kept 4").waitFor();
    await writing(ann).press("Escape");
    await ann.keyboard.press("ArrowUp");
    await ann.keyboard.press("Enter");
    await ann.getByRole("menu").waitFor();
    await ann.keyboard.press("Escape");
    await ann.keyboard.press("r");
    await ann.getByText("Reply to").waitFor();
    await ann.keyboard.press("Escape");
    await ann.getByText("Reply to").waitFor({ state: "detached" });
  });

  test("axe finds nothing serious on any page, in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await ann.emulateMedia({ colorScheme });
      for (const path of ["/", "/people", "/search?q=offline", "/me"]) {
        await ann.goto(address + path);
        await ann
          .locator(path === "/" ? ".nothing-open" : "h1")
          .first()
          .waitFor();
        expect(await seriousFaults(ann), `${path} ${colorScheme}`).toEqual([]);
      }
      await openChat(ann, "Hill walkers");
      await messageOf(ann, "kept 4").waitFor();
      await ann.getByRole("button", { name: "About this conversation" }).click();
      expect(await seriousFaults(ann), `a conversation ${colorScheme}`).toEqual([]);
    }
  });

  test("no page broke its own policy, or failed", () => {
    expect(faults.flat()).toEqual([]);
  });
});
