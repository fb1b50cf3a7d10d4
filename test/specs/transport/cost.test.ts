import { expect, test } from "vitest";
import { admitted } from "../../support/rawClient.ts";
import { running } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";
import { until } from "../../support/until.ts";

const USERS = "query Users($first: Int) { users(first: $first) { id name } }";
const asks = { cost: true };
/** A page of 100: one value for the list, one for each row, and one for each of their two fields. */
const COST = { price: 301, maxPrice: 100_000, rows: 100, events: 0, units: 1 };

test("who asks is told what an operation costs, also where it is refused", async () => {
  await using server = await running();
  const body = { query: USERS, variables: { first: 100 } };
  const asked = async (more: object) => (await server.post({ ...body, ...more })).json() as Promise<Record<string, unknown>>;
  const plain = await asked({});
  expect(Object.keys(plain)).toEqual(["data"]);
  for (const extensions of [{ cost: false }, { cost: "true" }, {}]) expect(await asked({ extensions })).toEqual(plain);
  const { data, extensions } = await asked({ extensions: asks });
  expect(data).toEqual(plain["data"]);
  expect(extensions).toEqual({ cost: COST });

  const mutation = await (
    await server.post({ query: "mutation { a: step(value: 1) b: step(value: 2) }", extensions: asks })
  ).json();
  expect(mutation).toMatchObject({ extensions: { cost: { events: 2, units: 2 } } });
  await using narrow = await running({ maxCost: 100 });
  const dear = await (await narrow.post({ ...body, extensions: asks })).json();
  expect(dear).toMatchObject({
    errors: [{ extensions: { code: "BAD_INPUT" } }],
    extensions: { cost: { ...COST, maxPrice: 100 } },
  });
});

test("so are those who ask over a socket or read events, with each delivery of a subscription", async () => {
  await using server = await running();
  const query = 'subscription { feed(topic: "a") { cursor } }';
  const client = await admitted(server);
  client.send({ id: "q", type: "subscribe", payload: { query: USERS, variables: { first: 100 }, extensions: asks } });
  expect((await client.message({ id: "q", type: "next" })).payload).toMatchObject({ extensions: { cost: COST } });
  client.send({ id: "s", type: "subscribe", payload: { query, extensions: asks } });
  client.send({ id: "t", type: "subscribe", payload: { query } });
  const events = await server.post({ query, extensions: asks }, { accept: "text/event-stream" });
  await until("all listen", () => server.feedOf("a").listeners === 3);
  // A result that is the same for all.
  server.feedOf("a").publish({ ...noted("1"), shared: "1" });
  server.feedOf("a").end();
  const told = {
    data: { feed: { cursor: "1" } },
    extensions: { cost: { price: 2, maxPrice: 100_000, rows: 0, events: 0, units: 1, deliveryUnits: 0 } },
  };
  expect((await client.message({ id: "s", type: "next" })).payload).toEqual(told);
  expect((await client.message({ id: "t", type: "next" })).payload).toEqual({ data: told.data });
  expect(await events.text()).toContain(`data: ${JSON.stringify(told)}\n`);
  client.close();
});
