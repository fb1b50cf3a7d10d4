import { createHistogram } from "node:perf_hooks";
import { when } from "tidings-client";
import { signIn } from "../signIn.ts";
import { createCommander } from "./commander.ts";
import { runDevice, topicOf } from "./device.ts";

const COMMANDER = "fleet";
/** So many devices begin, or are asked, at the same time. */
const AT_ONCE = 64;

const [what, count = "10", command = "temperature"] = process.argv.slice(2);
const names = Array.from({ length: Number(count) }, (_, number) => `device-${number + 1}`);
const began = performance.now();
const told = (said: string): void => {
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${said} in ${seconds} s, with ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB of memory`);
};
/** Does it for each device, `AT_ONCE` at the same time. */
async function forEach(work: (name: string) => Promise<void>): Promise<void> {
  const rest = names.values();
  let done = 0;
  const some = async (): Promise<void> => {
    for (const name of rest) {
      await work(name);
      if (++done % 1_000 === 0) told(`${done} of ${names.length}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

if (what === "run") {
  // Who commands them is there first: before that their topics are not.
  const commander = signIn(COMMANDER, { storage: "memory" });
  await when(commander.connection, ({ state }) => state === "live");
  await commander.close();
  await forEach(async (name) => {
    const client = signIn(name, { storage: "memory" });
    runDevice(client, topicOf(COMMANDER, name), (asked) => `${asked} of ${name}: ${(20 + Math.random()).toFixed(1)}`);
    await when(client.connection, ({ state }) => state === "live");
  });
  told(`${names.length} devices wait for commands`);
} else if (what === "ask") {
  const client = signIn(COMMANDER, { storage: "memory" });
  await when(client.connection, ({ state }) => state === "live");
  const { ask } = createCommander(client, COMMANDER);
  const took = createHistogram();
  let late = 0;
  await forEach(async (name) => {
    const asked = performance.now();
    const answer = await ask(name, command).catch((error: Error) => (late++, error.message));
    took.record(Math.max(1, Math.round(performance.now() - asked)));
    if (names.length <= 20) console.log(answer);
  });
  told(`${names.length - late} of ${names.length} devices answered`);
  console.log(`half of them within ${took.percentile(50)} ms, 99 of 100 within ${took.percentile(99)} ms`);
  await client.close();
} else throw new Error('npm run example devices run 10, and in another terminal: npm run example devices ask 10 "temperature"');
