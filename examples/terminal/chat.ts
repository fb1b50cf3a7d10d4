import { clearLine, createInterface, cursorTo } from "node:readline";
import { once } from "node:events";
import type { Client, ConversationHandle, Message, MessageItem } from "tidings-client";
import { PersonById } from "tidings-client/operations";

const HELP = "/list, /open 2, /with bob, /older and /quit; anything else is sent";

/** A chat in a terminal. It ends with Ctrl-C, Ctrl-D, /quit or `signal`, and closes the client then. */
export async function chat(
  client: Client,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal?: AbortSignal,
): Promise<void> {
  const terminal = createInterface({ input, output, signal });
  let handle: ConversationHandle | undefined;
  let leave = (): void => undefined;

  const prompt = (): void => {
    const typing = handle?.typing.get().map(({ name }) => `${name} types`) ?? [];
    const unread = client.unread.get().total;
    const waiting = client.outbox.get().length;
    const { state } = client.connection.get();
    const notes = [...typing, unread > 0 && `${unread} unread`, waiting > 0 && `${waiting} to send`, state !== "live" && state];
    terminal.setPrompt(`${[handle?.conversation.get()?.title, ...notes].filter(Boolean).join(", ")}> `);
    terminal.prompt(true);
  };
  /** Above the line that is being written. */
  const print = (line: string): void => {
    if (terminal.terminal && cursorTo(output, 0)) clearLine(output, 0);
    output.write(`${line}\n`);
    prompt();
  };
  const show = (messages: readonly Message[]): void => {
    for (const { sender, sentAt, text } of messages) print(`${sentAt.slice(11, 16)} ${sender.name}: ${text ?? "(gone)"}`);
  };

  const open = (id: string): void => {
    leave();
    const { messages, typing, markRead, release } = (handle = client.conversation(id));
    let last = 0;
    const look = (): void => {
      const { items } = messages.get();
      // Where some are on their way still, what comes after them waits.
      const gap = items.findIndex(({ type }) => type === "gap");
      const fresh = messagesIn(gap < 0 ? items : items.slice(0, gap)).filter(({ seq }) => seq > last);
      show(fresh);
      last = fresh.at(-1)?.seq ?? last;
      // Who only looks into a public group has nothing to mark.
      markRead(last).catch(() => undefined);
    };
    const ends = [messages.subscribe(look), typing.subscribe(prompt), release];
    leave = () => ends.forEach((end) => end());
    look();
  };

  const commands: Record<string, (what: string) => unknown> = {
    list: () => {
      for (const [at, { title, unreadCount, lastMessage }] of client.conversations.get().items.entries())
        print(`${at + 1} ${title}${unreadCount > 0 ? ` (${unreadCount} unread)` : ""}: ${lastMessage?.text ?? ""}`);
    },
    open: (number) => open(client.conversations.get().items[Number(number) - 1]?.id ?? none(number)),
    with: async (name) => open((await client.request(PersonById, { handle: name })).user?.directConversationId ?? none(name)),
    older: async () => {
      const first = messagesIn(handle?.messages.get().items)[0]?.seq ?? 0;
      await handle?.loadOlder();
      show(messagesIn(handle?.messages.get().items).filter(({ seq }) => seq < first));
    },
    quit: () => terminal.close(),
  };
  const typed = async (line: string): Promise<void> => {
    const [, name, what = ""] = /^\/(\w+) *(.*)/.exec(line) ?? [];
    if (name !== undefined) await (commands[name] ?? (() => print(HELP)))(what);
    else if (handle && line.trim() !== "") {
      client.send(handle.id, line);
      handle.setTyping(false);
    } else print(HELP);
  };
  terminal.on("line", (line) => void typed(line).catch((error: Error) => print(error.message)));
  input.on("keypress", () => handle?.setTyping(/^[^/]/.test(terminal.line)));

  const refused = (): void => {
    for (const { id, content, state, error } of client.outbox.get()) {
      if (state !== "failed") continue;
      client.discard(id);
      print(`not sent: ${content.text} (${error?.message})`);
    }
  };
  const watched = [client.connection, client.unread, client.outbox].map((one) => one.subscribe(prompt));
  const ends = [...watched, client.outbox.subscribe(refused)];
  print(HELP);
  await once(terminal, "close");
  for (const end of ends) end();
  leave();
  await client.close();
}

const messagesIn = (items: readonly MessageItem[] = []): Message[] => items.filter((item) => item.type === "message");

function none(what: string): never {
  throw new Error(`there is nobody and nothing called "${what}"`);
}
