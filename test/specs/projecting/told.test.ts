import { describe, expect, it } from "vitest";
import { createPageNews } from "../../../src/projecting/pageNews.ts";
import { del, type Projection, put, putEach } from "../../../src/projecting/projection.ts";

const projection = (told?: readonly string[]): Projection => ({
  name: "rights",
  version: 1,
  reads: [],
  topics: { entries: "users" },
  handlers: {},
  ...(told && { told }),
});
const nobody = () => false;

describe("rows that are told with each commit", () => {
  it("are those of the tables that the projection names, whoever listens, each as it was written last", () => {
    const news = createPageNews();
    const of = projection(["members", "groups"]);
    news.note(of, "1", [
      put("members", "g:a", "ann", 1),
      put("entries", "ann", "1", "hello"),
      putEach("groups", ["g:a", "g:b"], "", 1),
    ]);
    news.note(of, "2", [put("members", "g:a", "ann", 2), del("groups", "g:b", "")]);
    expect(news.take(nobody)).toEqual({
      items: [],
      told: [
        { table: "members", partition: "g:a", sort: "ann", row: 2 },
        { table: "groups", partition: "g:a", sort: "", row: 1 },
        { table: "groups", partition: "g:b", sort: "", row: null },
      ],
    });
    expect(news.take(nobody)).toEqual({ items: [] });
  });

  it("are not told where there are none, or where the page was not committed", () => {
    const news = createPageNews();
    news.note(projection(), "1", [put("members", "g:a", "ann", 1)]);
    expect(news.take(nobody)).toEqual({ items: [] });
    news.note(projection(["members"]), "2", [put("members", "g:a", "ann", 1)]);
    news.clear();
    expect(news.take(nobody)).toEqual({ items: [] });
  });

  it("are not told one by one where they are many", () => {
    const news = createPageNews();
    const of = projection(["members"]);
    const members = (count: number) => Array.from({ length: count }, (_, index) => put("members", "g:a", `user${index}`, 1));
    news.note(of, "1", members(1_024));
    expect(news.take(nobody).told).toHaveLength(1_024);
    news.note(of, "2", members(1_025));
    news.note(of, "3", members(1));
    expect(news.take(nobody).told).toBe("many");
    expect(news.take(nobody).told).toBeUndefined();
  });
});

describe("rows that are carried by the news of their events", () => {
  const messages: Projection = { name: "messages", version: 1, reads: [], carried: ["messages"], handlers: {} };
  const inbox = projection();
  const bob = (topic: string) => topic === "users/bob";

  it("come as the page leaves them, with what somebody listens to", () => {
    const news = createPageNews();
    news.note(messages, "1", [put("messages", "c", "1", "one"), put("heads", "c", "", 1)]);
    news.note(inbox, "1", [put("entries", "bob", "1", "received 1")]);
    news.note(inbox, "2", [put("entries", "ann", "2", "received 2")]);
    news.note(messages, "2", [put("messages", "c", "2", "two")]);
    news.note(messages, "3", [put("messages", "c", "1", "one, edited")]);
    news.note(inbox, "3", [put("entries", "bob", "3", "changed 1")]);
    news.note(inbox, "4", [put("entries", "bob", "4", "something else")]);
    const item = (position: string, row: string) => ({ table: "entries", position, row, topics: ["users/bob"] });
    expect(news.take(bob)).toEqual({
      items: [
        { ...item("1", "received 1"), carried: "one, edited" },
        { ...item("3", "changed 1"), carried: "one, edited" },
        item("4", "something else"),
      ],
    });
  });

  it("do not come with a later page, nor if they are gone", () => {
    const news = createPageNews();
    news.note(messages, "1", [put("messages", "c", "1", "one")]);
    news.clear();
    news.note(inbox, "1", [put("entries", "bob", "1", "received 1")]);
    news.note(messages, "2", [put("messages", "c", "2", "two")]);
    news.note(inbox, "2", [put("entries", "bob", "2", "received 2")]);
    news.note(messages, "3", [del("messages", "c", "2")]);
    expect(news.take(bob).items.map(({ carried }) => carried)).toEqual([undefined, undefined]);
  });
});
