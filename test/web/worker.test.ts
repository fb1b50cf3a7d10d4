import { expect, test } from "vitest";
import { type Scope, showPushes, type Tab } from "../../src/web/worker/pushes.ts";

const PUSH = {
  id: "1",
  tag: "tag",
  badge: 3,
  title: "Ann",
  body: "hello",
  unread: 1,
  mention: false,
  conversationId: "d:ann~bob",
  seq: 4,
};
const PATH = "/c/d%3Aann~bob";

type Note = { title: string; options: NotificationOptions & { renotify?: boolean }; isClosed: boolean };

/** What a service worker is given, with some tabs. */
function worker(tabs: Partial<Tab>[] = []) {
  const listeners = new Map<string, (event: object) => void>();
  const [notes, badges, opened, subscribed]: [Note[], number[], string[], unknown[]] = [[], [], [], []];
  const said: { url: string; message: unknown; focused: boolean }[] = [];
  const all = tabs.map(({ url = "https://chat.example.org/", ...more }): Tab => {
    const heard = { url, message: undefined as unknown, focused: false };
    said.push(heard);
    return {
      url,
      focused: false,
      visibilityState: "hidden",
      focus: async () => (heard.focused = true),
      postMessage: (message) => (heard.message = message),
      ...more,
    };
  });
  const shown = (note: Note) => ({ ...note.options, title: note.title, close: () => (note.isClosed = true) });
  const scope = {
    registration: {
      showNotification: async (title: string, options: NotificationOptions = {}) => {
        for (const note of notes) if (note.options.tag === options.tag) note.isClosed = true;
        notes.push({ title, options, isClosed: false });
      },
      getNotifications: async ({ tag }: { tag?: string } = {}) =>
        notes.filter(({ isClosed, options }) => !isClosed && (tag === undefined || options.tag === tag)).map(shown),
      pushManager: { subscribe: async (options: unknown) => subscribed.push(options) },
    },
    clients: { matchAll: async () => all, openWindow: async (url: string) => opened.push(url), claim: async () => undefined },
    navigator: { setAppBadge: async (count: number) => void badges.push(count) },
    skipWaiting: async () => undefined,
    addEventListener: (type: string, listener: (event: object) => void) => void listeners.set(type, listener),
  } as unknown as Scope;
  showPushes(scope);
  const happens = async (type: string, event: object = {}): Promise<void> => {
    const work: Promise<unknown>[] = [];
    listeners.get(type)?.({ ...event, waitUntil: (one: Promise<unknown>) => work.push(one) });
    expect(work).toHaveLength(1);
    await Promise.all(work);
  };
  const pushed = (content: unknown) => happens("push", { data: { json: () => content } });
  const clicked = (data: unknown) => happens("notificationclick", { notification: { data, close: () => undefined } });
  return { happens, pushed, clicked, notes, badges, opened, said, subscribed };
}

test("a push is shown with what it says, and the app's number is put right", async () => {
  const { pushed, notes, badges } = worker([{}]);
  await pushed(PUSH);
  expect(notes).toEqual([
    {
      title: "Ann",
      options: { body: "hello", tag: "tag", data: { conversationId: "d:ann~bob", seq: 4 }, renotify: true },
      isClosed: false,
    },
  ]);
  expect(badges).toEqual([3]);
});

test.each([
  ["no JSON", { json: () => JSON.parse("{") as unknown }],
  ["nothing", null],
  ["no object", { json: () => "text" }],
])("a push of %s shows something: a browser forbids pushes that show nothing", async (_, data) => {
  const { happens, notes } = worker();
  await happens("push", { data });
  expect(notes).toMatchObject([{ title: "Tidings", options: { body: "" } }]);
});

test("a newer one replaces the older one and is heard, the same again is not, and one that is late is not shown", async () => {
  const { pushed, notes } = worker();
  for (const seq of [4, 5, 5, 3]) await pushed({ ...PUSH, seq });
  expect(notes.map(({ options }) => [(options.data as { seq: number }).seq, options.renotify])).toEqual([
    [4, true],
    [5, true],
    [5, false],
  ]);
  expect(notes.filter(({ isClosed }) => !isClosed)).toHaveLength(1);
});

test.each([
  ["its conversation is on the screen", PATH, true, 0],
  ["one of its messages is", `${PATH}/3`, true, 0],
  ["its conversation is, by an address that was written by hand", "/c/d:ann~bob", true, 0],
  ["what is on the screen has no name", "/c/%E0%A4%A", true, 1],
  ["another one is", "/c/d%3Aann~bobby", true, 1],
  ["its conversation is in a tab that nobody looks at", PATH, false, 1],
])("where %s", async (_, path, focused, shown) => {
  const tab = { url: `https://chat.example.org${path}`, focused, visibilityState: focused ? "visible" : "hidden" };
  const { pushed, notes } = worker([tab]);
  await pushed(PUSH);
  expect(notes).toHaveLength(shown);
});

test("one that says nothing of where is shown although the list is on the screen", async () => {
  const { pushed, notes } = worker([{ focused: true, visibilityState: "visible" }]);
  await pushed({ tag: "tag", title: "💬", body: "", badge: 1 });
  expect(notes).toMatchObject([{ title: "💬", options: { data: {} } }]);
});

test("a click opens the conversation, in a tab that is there already", async () => {
  const none = worker();
  await none.clicked({ conversationId: "d:ann~bob", seq: 4 });
  await none.clicked({});
  expect(none.opened).toEqual([PATH, "/"]);
  const some = worker([{}, { url: `https://chat.example.org${PATH}` }]);
  await some.clicked({ conversationId: "d:ann~bob", seq: 4 });
  expect(some.opened).toEqual([]);
  expect(some.said).toMatchObject([
    { message: undefined, focused: false },
    { message: { type: "open", path: PATH }, focused: true },
  ]);
});

test("a conversation's name leads nowhere else", async () => {
  const { clicked, opened } = worker();
  await clicked({ conversationId: "//evil.example.org/../x?y#z" });
  expect(opened).toEqual(["/c/%2F%2Fevil.example.org%2F..%2Fx%3Fy%23z"]);
});

test("where the browser ends its subscription it makes another one, and open pages tell the server", async () => {
  const { happens, said, subscribed } = worker([{}, {}]);
  const options = { userVisibleOnly: true, applicationServerKey: new ArrayBuffer(65) };
  await happens("pushsubscriptionchange", { oldSubscription: { options } });
  expect(subscribed).toEqual([options]);
  expect(said.map(({ message }) => message)).toEqual([{ type: "renew" }, { type: "renew" }]);
  await happens("pushsubscriptionchange", {});
  expect(subscribed).toHaveLength(1);
});
