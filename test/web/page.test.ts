import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchIsLive, type Server } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  browserOf,
  choose,
  executable,
  messageOf,
  openChat,
  partOf,
  rowOf,
  seriousFaults,
  shownIn,
  signedIn,
  write,
  writing,
} from "./support/browser.ts";
import { freePort, type PageWorld, pageWorld } from "./support/world.ts";

if (!executable)
  console.warn(
    "\nSKIPPED: the chat page was not tested, for there is no Chromium. Install it, or say by CHROMIUM where it is.\n",
  );

describe.skipIf(!executable)("the chat page, with three people", { timeout: 120_000 }, () => {
  let world: PageWorld;
  let server: Server;
  let browser: Browser;
  let address: string;
  let anns: BrowserContext;
  let ann: Page;
  let li: Page;
  let carol: Page;
  const faults: string[][] = [];

  beforeAll(async () => {
    // It is started again at the same place.
    world = await pageWorld({ PORT: String(await freePort()) });
    ({ server, browser, address } = world);
    const own = async (name: string, locale?: string): Promise<[BrowserContext, Page]> => {
      const { context, faults: heard } = await browserOf(browser, locale === undefined ? {} : { locale });
      faults.push(heard);
      return [context, await signedIn(context, address, name)];
    };
    [[anns, ann], [, li], [, carol]] = await Promise.all([own("Ann"), own("李雷", "zh-CN"), own("Carol")]);
  }, 180_000);
  afterAll(() => world?.close());

  type Told = { seq: number; text: string | null };
  /** The messages of a conversation, as the API gives them to Ann. */
  const toldOf = async (title: string): Promise<Told[]> => {
    type Conversations = { edges: { node: { title: string; messages: { edges: { node: Told }[] } } }[] };
    const { viewer } = await world.ask<{ viewer: { conversations: Conversations } }>(
      "Ann",
      `{ viewer { conversations { edges { node { title messages(last: 100) { edges { node { seq text } } } } } } } }`,
    );
    const found = viewer.conversations.edges.find(({ node }) => node.title === title);
    return found?.node.messages.edges.map(({ node }) => node) ?? [];
  };
  const textsOf = async (title: string): Promise<(string | null)[]> => (await toldOf(title)).map(({ text }) => text);
  /** What a page shows of a conversation is what the API says, to its end, and nothing is on its way. */
  const agrees = async (page: Page, title: string): Promise<void> => {
    const told = await toldOf(title);
    await until("the page shows the newest message", async () => {
      const end = page.locator(".float-end");
      if (await end.isVisible()) await end.click({ timeout: 1_000 }).catch(() => {});
      return (await shownIn(page)).at(-1)?.seq === told.at(-1)?.seq;
    });
    const shown = await shownIn(page);
    expect(shown).toEqual(told.filter(({ seq }) => seq >= (shown[0]?.seq ?? 0)));
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
    await li.getByRole("button", { name: "接受：Ann" }).click();
    await li.locator(".panel-card", { hasText: "好友" }).locator(".person", { hasText: "Ann" }).waitFor();
    await ann.getByRole("searchbox").fill("");
    await ann.locator(".panel-card", { hasText: "Friends" }).locator(".person", { hasText: "李雷" }).waitFor();
  });

  test("they write, see each other type and read, react, edit and recall", async () => {
    await ann.locator(".person-main", { hasText: "李雷" }).click();
    await ann.getByRole("button", { name: "Message" }).click();
    await write(ann, "Hello 李雷");
    await ann.locator(".chat-head .online").waitFor();
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
    await agrees(ann, "李雷");
    // For them the same conversation has another name.
    await agrees(li, "李雷");
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
    await dialog.locator(".code-picture svg").waitFor();
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
    // Who reads it meanwhile sees what comes, and what is changed, in the thread too.
    await choose(ann, "周日去湖边", "Open thread");
    const other = ann.getByRole("complementary", { name: "Thread" });
    await other.locator(".message", { hasText: "Yes, at nine" }).waitFor();
    await thread.getByRole("textbox").fill("Or at ten?");
    await thread.getByRole("textbox").press("Enter");
    await other.locator(".message", { hasText: "Or at ten?" }).waitFor();
    await choose(carol, "Or at ten?", "Edit");
    await write(carol, "Or at eleven?");
    await other.locator(".message", { hasText: "Or at eleven?" }).waitFor();
    await thread.getByRole("button", { name: "Close" }).click();
    await other.getByRole("button", { name: "Close" }).click();
  });

  test("one asks to join a group, and is let in", async () => {
    const made = await world.mutate<{ conversation: { code: string } }>(
      "李雷",
      "createConversation",
      "CreateConversationInput",
      { kind: "GROUP", title: "Tea", joinPolicy: "APPROVAL", public: true },
      "conversation { code }",
    );
    const at = carol.url();
    await carol.goto(`${address}/code/${encodeURIComponent(made.conversation.code)}`);
    await carol.getByRole("button", { name: "Ask to join" }).click();
    await partOf(li, "/people").click();
    await li.getByRole("button", { name: "接受：Carol" }).click();
    await rowOf(carol, "Tea").waitFor();
    await carol.goto(at);
    await openChat(li, "Hill walkers");
  });

  test("what is pinned in one page is seen in the others at once", async () => {
    await openChat(ann, "Hill walkers");
    await choose(ann, "Hello everybody", "Pin");
    await carol.locator(".pinned-line", { hasText: "Hello everybody" }).waitFor();
    await choose(ann, "Hello everybody", "Unpin");
    await carol.locator(".pinned-line").waitFor({ state: "detached" });
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

  test("a reload with an outbox that is not empty loses nothing", async () => {
    await ann.route("**/graphql", (route) => route.abort());
    for (const text of ["kept 1", "kept 2"]) await write(ann, text);
    await ann.reload();
    await messageOf(ann, "kept 2").waitFor();
    await ann.unroute("**/graphql");
    await messageOf(carol, "kept 2").waitFor();
    for (const page of [ann, li, carol]) await agrees(page, "Hill walkers");
  });

  test("the server is killed in mid-sending: nothing is lost, nothing comes twice, and the three pages agree with the API", async () => {
    const names = { ann, li, carol };
    const COUNT = 6;
    const isSend = (request: Request): boolean => request.postData()?.includes("mutation SendMessage") ?? false;
    // Ann's third message is stored, and the server is gone before it can say so: with all that the others are just sending.
    let sent = 0;
    await ann.route("**/graphql", async (route) => {
      if (!isSend(route.request()) || ++sent !== 3) return route.continue();
      await route.fetch();
      await server.kill();
      return route.abort();
    });
    await Promise.all(
      Object.entries(names).map(async ([name, page]) => {
        for (let number = 1; number <= COUNT; number++) await write(page, `${name} ${number}`);
      }),
    );
    await server.exited();
    expect(sent).toBeGreaterThanOrEqual(3);
    for (const [name, page] of Object.entries(names)) await messageOf(page, `${name} ${COUNT}`).waitFor();
    await ann.unroute("**/graphql");
    await server.start();
    const isComplete = async (): Promise<boolean> => {
      for (const page of Object.values(names)) {
        const now = page.locator(".connection-now");
        // It goes away by itself as soon as the page tries.
        if (await now.isVisible()) await now.click({ timeout: 1_000 }).catch(() => {});
      }
      return (await textsOf("Hill walkers")).filter((text) => /^(ann|li|carol) /.test(text ?? "")).length >= 3 * COUNT;
    };
    await until("all are connected again, and all has come", isComplete, 60_000);
    const texts = await textsOf("Hill walkers");
    for (const name of Object.keys(names))
      expect(texts.filter((text) => text?.startsWith(`${name} `))).toEqual(
        Array.from({ length: COUNT }, (_, index) => `${name} ${index + 1}`),
      );
    for (const page of Object.values(names)) await agrees(page, "Hill walkers");
  });

  test("a message that is refused keeps its text, to be sent again, changed or thrown away", async () => {
    await openChat(ann, "李雷");
    await world.mutate("李雷", "block", "BlockInput", { userId: "Ann", on: true });
    await write(ann, "Can you read this?");
    const row = messageOf(ann, "Can you read this?");
    await row.getByText("Not sent").waitFor();
    await ann.getByRole("log").getByText("Not sent").waitFor({ state: "attached" });
    // What is being written stays too.
    await writing(ann).fill("And this?");
    await row.getByRole("button", { name: "Edit" }).click();
    await row.waitFor({ state: "detached" });
    expect(await writing(ann).inputValue()).toBe("And this?\nCan you read this?");
    await writing(ann).fill("");
  });

  test("the keyboard alone suffices to go through the messages and to answer one", async () => {
    await openChat(ann, "Hill walkers");
    await messageOf(ann, "carol 6").waitFor();
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

  test(
    "axe finds nothing serious on any page, dialog or menu, wide and narrow, in light and in dark",
    { timeout: 300_000 },
    async () => {
      const looks = [
        { width: 1_280, height: 800, colorScheme: "light" },
        { width: 390, height: 780, colorScheme: "dark" },
        // What the colours are does not depend on the width, nor the other way round.
        { width: 1_280, height: 800, colorScheme: "dark", rules: ["color-contrast"] },
        { width: 390, height: 780, colorScheme: "light", rules: ["color-contrast"] },
      ] as const;
      for (const { width, height, colorScheme, ...more } of looks) {
        await ann.setViewportSize({ width, height });
        await ann.emulateMedia({ colorScheme });
        const isFine = async (what: string): Promise<void> =>
          expect(await seriousFaults(ann, "rules" in more ? more.rules : undefined), `${what} ${width} ${colorScheme}`).toEqual(
            [],
          );
        /** Something that opens, and goes with Escape. For the colours two of them are enough. */
        const opens = async (what: string, open: () => Promise<void>, shown: string): Promise<void> => {
          if ("rules" in more && what !== "a person" && what !== "a menu") return;
          await open();
          await ann.locator(shown).last().waitFor();
          await isFine(what);
          await ann.keyboard.press("Escape");
          await ann.locator(shown).waitFor({ state: "detached" });
        };
        const button = (name: string) => ann.getByRole("button", { name, exact: true }).last();
        await ann.goto(address);
        await ann.locator(".row").first().waitFor();
        await isFine("/");
        await opens("a new group", () => ann.locator(".list-head button").click(), "dialog");
        for (const path of ["/people", "/search", "/me"]) {
          await partOf(ann, path).click();
          await ann.locator(".main h1").first().waitFor();
          await isFine(path);
          if (path === "/people") {
            await opens("one's code", () => button("My QR code").click(), "dialog");
            await opens("a person", () => ann.locator(".page .person-main").first().click(), "dialog");
          }
        }
        await partOf(ann, "/search").click();
        await ann.getByRole("searchbox").fill("offline");
        await ann.locator(".hit").first().waitFor();
        await isFine("what is found");
        await partOf(ann, "/").click();
        await openChat(ann, "Hill walkers");
        await messageOf(ann, "carol 6").waitFor();
        await isFine("a conversation");
        await opens("a menu", () => messageOf(ann, "ann 6").click({ button: "right", position: { x: 5, y: 5 } }), ".menu");
        await opens("who has read", () => choose(ann, "ann 6", "Who has read it"), "dialog");
        await opens("forwarding", () => choose(ann, "ann 6", "Forward"), "dialog");
        await opens("recalling", () => choose(ann, "ann 6", "Recall"), "dialog");
        await opens("a menu of files", () => button("Add a picture or file").click(), ".menu");
        const byAddress = async (): Promise<void> => {
          await button("Add a picture or file").click();
          await ann.getByRole("menuitem", { name: "By its address" }).click();
        };
        await opens("a file by its address", byAddress, "dialog");
        await opens("emoji", () => button("Add an emoji").click(), ".menu");
        await opens("a thread", () => choose(ann, "ann 6", "Open thread"), ".panel");
        await button("About this conversation").click();
        await ann.locator(".panel .person").first().waitFor();
        await isFine("about a conversation");
        await opens("an invitation", () => button("Invite by a link").click(), "dialog");
        await opens("editing a group", () => button("Edit").click(), "dialog");
        await ann.locator(".panel-head button").click();
      }
      await ann.setViewportSize({ width: 1_280, height: 800 });
    },
  );

  test("no page broke its own policy, or failed", () => {
    expect(faults.flat()).toEqual([]);
  });
});
