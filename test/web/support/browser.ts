import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";

/** Where Debian, Ubuntu and others put it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser to test with: `CHROMIUM`, or one that is installed. Undefined: there is none, and the specs are skipped. */
export const executable: string | undefined = [process.env["CHROMIUM"] ?? "", ...PLACES].find(
  (path) => path !== "" && existsSync(path),
);

/** Long enough for a busy machine: nothing waits for a time to pass. */
const PATIENCE_MS = 60_000;

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable ?? "",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    timeout: PATIENCE_MS,
  });

export type Looks = { width?: number; height?: number; locale?: string; colorScheme?: "light" | "dark" };

/** A browser of somebody's own. `faults`: what its pages complained of. */
export async function browserOf(browser: Browser, looks: Looks = {}): Promise<{ context: BrowserContext; faults: string[] }> {
  const { width = 1_280, height = 800, locale = "en-GB", colorScheme = "light" } = looks;
  const context = await browser.newContext({ viewport: { width, height }, locale, colorScheme });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  context.on("weberror", (fault) => faults.push(fault.error().message));
  context.on("console", (message) => {
    if (message.type() === "error" && /Content Security Policy|Warning:/.test(message.text())) faults.push(message.text());
  });
  return { context, faults };
}

/** A tab in which one has picked a name, at the list of conversations. */
export async function signedIn(context: BrowserContext, address: string, name: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole("textbox").fill(name);
  await page.locator("button[type=submit]").click();
  await page.locator(".list-head").waitFor();
  return page;
}

/** The link to a part of the page, in the bar. */
export const partOf = (page: Page, path: string): Locator => page.locator(`.rail a[href="${path}"]`);
export const rowOf = (page: Page, title: string): Locator =>
  page.locator(".row", { has: page.locator(".row-title", { hasText: title }) });
export const messageOf = (page: Page, text: string): Locator => page.locator(".chat-main .message", { hasText: text });
export const writing = (page: Page): Locator => page.locator(".chat-main .composer textarea");

export async function openChat(page: Page, title: string): Promise<void> {
  await rowOf(page, title).locator("a").click();
  await writing(page).waitFor();
}

export async function write(page: Page, text: string): Promise<void> {
  await writing(page).fill(text);
  await writing(page).press("Enter");
}

/** The messages that are drawn in the open conversation, as seq and text; those on their way have no seq. */
export const shownIn = (page: Page): Promise<{ seq: number | null; text: string | null }[]> =>
  page.locator(".chat-main .message").evaluateAll((rows) =>
    rows.map((row) => ({
      seq: row.hasAttribute("data-seq") ? Number(row.getAttribute("data-seq")) : null,
      text: row.querySelector("[data-gone=true]") ? null : (row.querySelector<HTMLElement>(".bubble-text")?.innerText ?? null),
    })),
  );

/** Opens what one can do with a message, and does it. */
export async function choose(page: Page, text: string, action: string): Promise<void> {
  await messageOf(page, text)
    .first()
    .click({ button: "right", position: { x: 5, y: 5 } });
  await page.getByRole("menuitem", { name: action, exact: true }).click();
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

type Found = { violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] };

/** What axe finds wrong with the page as it stands, of what is serious or worse: by all of its rules, or by these. */
export async function seriousFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe);
  const only = rules === undefined ? "" : `, runOnly: ${JSON.stringify(rules)}`;
  const found = await page.evaluate<Found>(`axe.run(document, { resultTypes: ['violations']${only} })`);
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}
