import { afterEach, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { streams } from "../../../src/domain/ids.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import { type ApiWorld, apiWorld } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

type Projection = { name: string; state: string; cursor: string; lag: number | null };
const projections = async (): Promise<Projection[]> => {
  const { admin } = await here.ask("operator", "{ admin { projections { name state cursor lag } } }", {}, true);
  return (admin as { projections: Projection[] }).projections;
};

const limit = { type: "FanoutLimitSet", data: { limit: 100 } } as const;
const settings = (count: number) =>
  here.record(
    streams.settings,
    "configuration",
    Array.from({ length: count }, () => limit),
  );

describe("how far behind the projections are", () => {
  test("is told while they are held back, and is nothing once they have caught up", async () => {
    here = await apiWorld({ manual: true });
    await here.register("ann", "bob");
    await here.fold();
    const before = await here.log.end();
    await settings(3);
    const held = await projections();
    expect(held.map(({ name }) => name)).toEqual([...viewProjections, search].map(({ name }) => name));
    for (const projection of held) expect(projection).toMatchObject({ state: "LIVE", cursor: before, lag: 3 });
    await here.fold();
    const end = await here.log.end();
    for (const projection of await projections()) expect(projection).toMatchObject({ cursor: end, lag: 0 });
  });

  test("is null beyond 5,000 events", async () => {
    here = await apiWorld({ manual: true });
    await settings(5_000);
    for (const { lag } of await projections()) expect(lag).toBe(5_000);
    await settings(1);
    for (const { lag } of await projections()) expect(lag).toBeNull();
  });
});

test("nobody else is told, and who never registered is told to", async () => {
  here = await apiWorld();
  await here.register("ann");
  const refusal = (user: string) =>
    here.ask(user, "{ admin { __typename } }").then(
      () => expect.unreachable("it was not refused"),
      ({ code }: Refusal) => code,
    );
  expect(await refusal("ann")).toBe("FORBIDDEN");
  expect(await refusal("stranger")).toBe("NOT_FOUND");
});
