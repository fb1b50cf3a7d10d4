import { createInterface } from "node:readline";
import { CreateConversation, Join, Leave } from "tidings-client/operations";
import { signIn } from "../signIn.ts";
import { createFeed } from "./feed.ts";

const HELP = "/new TITLE makes a channel; /follow ID, /leave ID, /post ID TEXT; /more shows older posts; Ctrl-C ends it";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("say who you are: npm run example feed alice");
const client = signIn(name);
const shown = new Set<string>();
const show = (): void => {
  for (const { id, conversationId, sender, sentAt, text } of feed
    .posts()
    .filter((post) => !shown.has(post.id))
    .reverse()) {
    shown.add(id);
    console.log(`${sentAt.slice(0, 16)} ${conversationId} ${sender.name}: ${text ?? ""}`);
  }
};
const feed = createFeed(client, show);

const input = <T extends object>(rest: T) => ({ input: { clientMutationId: crypto.randomUUID(), ...rest } });
const commands: Record<string, (id: string, rest: string) => unknown> = {
  new: async (word, rest) => {
    const title = `${word} ${rest}`.trim();
    const made = await client.request(CreateConversation, input({ kind: "CHANNEL", title, public: true, joinPolicy: "OPEN" }));
    console.log(`others follow it with /follow ${made.createConversation?.conversation.id}`);
  },
  follow: (id) => client.request(Join, input({ id })),
  leave: (id) => client.request(Leave, input({ id })),
  post: (id, text) => client.send(id, text),
  more: () => feed.more(),
};

console.log(HELP);
const terminal = createInterface({ input: process.stdin });
terminal.on("line", (line) => {
  const [, command = "", id = "", rest = ""] = /^\/(\w+) *(\S*) *(.*)/.exec(line) ?? [];
  Promise.resolve((commands[command] ?? (() => console.log(HELP)))(id, rest)).catch((error: Error) => console.log(error.message));
});
const close = (): void => {
  terminal.close();
  feed.close();
  void client.close();
};
process.once("SIGINT", close);
await feed.more();
