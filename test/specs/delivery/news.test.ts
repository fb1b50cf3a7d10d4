import { expect, test } from "vitest";
import { topicsOfStream } from "../../../src/delivery/news.ts";
import { directConversationOf, streams } from "../../../src/domain/ids.ts";

test("what is sent in a direct conversation is news of its members and of itself", () => {
  const conversation = directConversationOf("bob.b", "al=7Ci-ce");
  expect(topicsOfStream(streams.conversation(conversation))).toEqual([
    "users/al=7Ci-ce",
    "users/bob.b",
    `conversations/${conversation}`,
  ]);
});

test.each([streams.conversation("g:one"), streams.group("g:one"), streams.annotation("d:a~b", 1), streams.user("a"), "settings"])(
  "what happens on %s may be news of anybody",
  (stream) => expect(topicsOfStream(stream)).toBeUndefined(),
);
