import { clearLine, createInterface, cursorTo } from "node:readline";
import { once } from "node:events";
import { follow, onChange, onFailed, type Client, type ConversationHandle, type Message } from "tidings-client";
import { PersonById } from "tidings-client/operations";

const HELP = "/list, /open 2, /with bob, /older and /quit; anything else is sent";

/** A chat in a terminal. It ends with Ctrl-C, Ctrl-D, /quit or `signal`, and closes the client then. */
export async function chat(client: Client, input: NodeJS.ReadableStream, output: NodeJS.WritableStream, signal?: AbortSignal) {
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

  const open = (id: string | undefined, called: string): void => {
    if (id === undefined) throw new Error(`there is nobody and nothing called "${called}"`);
    leave();
    const opened = (handle = client.conversation(id));
    const read = (messages: readonly Message[]): void => {
      for (const { sender, sentAt, text } of messages) print(`${sentAt.slice(11, 16)} ${sender.name}: ${text ?? "(gone)"}`);
      void opened.markRead(messages.at(-1)?.seq ?? 0);
    };
    const ends = [follow(opened, read), onChange([opened.typing, opened.conversation], prompt), opened.release];
    leave = () => ends.forEach((end) => end());
    prompt();
  };
  const commands: Record<string, (what: string) => unknown> = {
    list: () => {
      for (const [at, { title, unreadCount, lastMessage }] of client.conversations.get().items.entries())
        print(`${at + 1} ${title}${unreadCount > 0 ? ` (${unreadCount} unread)` : ""}: ${lastMessage?.text ?? ""}`);
    },
    open: (number) => open(client.conversations.get().items[Number(number) - 1]?.id, number),
    with: async (name) => open((await client.request(PersonById, { handle: name })).user?.directConversationId, name),
    older: () => handle?.loadOlder(),
    quit: () => terminal.close(),
  };
  const typed = async (line: string): Promise<unknown> => {
    const [, name, what = ""] = /^\/(\w+) *(.*)/.exec(line) ?? [];
    if (name === undefined && handle && line.trim() !== "") return client.send(handle.id, line);
    return (commands[name ?? ""] ?? (() => print(HELP)))(what);
  };
  terminal.on("line", (line) => void typed(line).catch((error: Error) => print(error.message)));
  input.on("keypress", () => handle?.setTyping(/^[^/]/.test(terminal.line)));

  const ends = [
    onChange([client.connection, client.unread, client.outbox], prompt),
    onFailed(client, ({ id, content, error }) => {
      client.discard(id);
      print(`not sent: ${content.text} (${error?.message})`);
    }),
  ];
  print(HELP);
  await once(terminal, "close");
  for (const end of [...ends, leave]) end();
  await client.close();
}
