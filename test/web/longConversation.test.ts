import type { CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserOf, executable, openChat, rowOf, signedIn } from "./support/browser.ts";
import { held, type Traced, traced } from "./support/traced.ts";
import { longConversation, type PageWorld, pageWorld } from "./support/world.ts";

/**
 * `npm run bench:page` takes 100,000 messages, goes back 5,000, and lets no task take longer than a frame of 50 ms. What counts
 * is what the page takes of the processor: the clock, which is told too, tells of all else that the machine does. On a machine
 * that does nothing else it counts too: `PAGE_BENCH=clock`. Beside other tests fewer messages are taken, and there is room for
 * what those do to the processor's caches.
 */
const isBenchmark = process.env["PAGE_BENCH"] !== undefined;
const isByClock = process.env["PAGE_BENCH"] === "clock";
const MESSAGES = isBenchmark ? 100_000 : 8_000;
const BACK = isBenchmark ? 5_000 : 500;
const FRAME_MS = 50;
const BUSY_FRAME_MS = 150;

/** What may be held more than when the conversation was opened. */
const GROWTH_MB = 40;
const NODES = 12_000;
/** Of one turn of the wheel: more than anyone turns it between two frames. */
const WHEEL_PX = 1_200;
const TITLE = "The long one";

describe.skipIf(!executable)(`a conversation of ${MESSAGES} messages`, { timeout: 300_000 }, () => {
  let world: PageWorld;
  let long: Awaited<ReturnType<typeof longConversation>>;
  let page: Page;
  let session: CDPSession;
  let atFirst: Awaited<ReturnType<typeof held>>;

  beforeAll(async () => {
    long = await longConversation(MESSAGES);
    world = await pageWorld({}, long.dataDir);
    const { context } = await browserOf(world.browser);
    page = await signedIn(context, world.address, "u000000");
    session = await context.newCDPSession(page);
    await rowOf(page, TITLE).waitFor();
  }, 300_000);
  afterAll(async () => {
    await world?.close();
    await long?.remove();
  });

  const row = (seq: number) => page.locator(`.message[data-seq="${seq}"]`);
  const frame = () => page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
  const isSmooth = async (what: string, took: Traced): Promise<void> => {
    const { heapMb, nodes } = await held(session);
    const longest = `${took.longestMs.toFixed(1)} ms (${took.longestCpuMs.toFixed(1)} of the processor)`;
    console.info(`${what}: ${took.tasks} tasks, the longest ${longest}; ${heapMb.toFixed(1)} MB, ${nodes} nodes`);
    for (const cause of took.causes) console.info(`  ${cause}`);
    atFirst ??= { heapMb, nodes };
    if (isByClock) expect(took.longestMs, took.causes.join("\n")).toBeLessThan(FRAME_MS);
    expect(took.longestCpuMs, took.causes.join("\n")).toBeLessThan(isBenchmark ? FRAME_MS : BUSY_FRAME_MS);
    expect(heapMb - atFirst.heapMb).toBeLessThan(GROWTH_MB);
    expect(nodes).toBeLessThan(NODES);
  };

  test("it opens without a long frame", async () => {
    const took = await traced(session, async () => {
      await openChat(page, TITLE);
      await row(MESSAGES).waitFor();
      await row(MESSAGES - 10).waitFor({ state: "attached" });
      for (let frames = 0; frames < 30; frames++) await frame();
    });
    await isSmooth("opening", took);
  });

  test(`one scrolls back ${BACK} messages without a long frame`, async () => {
    await page.locator(".timeline").hover();
    const first = () =>
      page.evaluate<number>("Number(document.querySelector('.chat-main .message[data-seq]')?.dataset.seq ?? Infinity)");
    const took = await traced(session, async () => {
      while ((await first()) > MESSAGES - BACK) {
        await page.mouse.wheel(0, -WHEEL_PX);
        await frame();
      }
    });
    await isSmooth(`scrolling back ${BACK}`, took);
  });

  test("one jumps to the first without a long frame", async () => {
    const took = await traced(session, async () => {
      await page.getByRole("button", { name: /jump to the first/ }).click();
      await row(1).waitFor();
      for (let frames = 0; frames < 30; frames++) await frame();
    });
    await isSmooth("jumping to the first", took);
  });
});
