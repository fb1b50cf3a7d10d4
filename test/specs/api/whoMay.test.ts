import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiErrorOf } from "../../../src/transport/errors.ts";
import { type ApiWorld, apiWorld, type Json, schema } from "../../support/apiWorld.ts";
import { appendedBy, declaredEvents } from "../../support/appended.ts";
import { isRoleOf, KINDS, type Role, ROLES, type Scene, sceneOf } from "../../support/scenes.ts";
import { expectedOf, TABLE } from "../../support/whoMay.ts";

/*
 * Who may do what: every mutation, by everybody who can stand to a conversation in some way, in every kind of conversation. What
 * test/support/whoMay.ts says is what a client is told: the code, and the field.
 */

/** What a business says of many people at once, by what they are: its events are not counted. */
const UNPAID: ReadonlySet<string> = new Set(["putCircle", "importMessages", "importFacts", "importFile"]);

const mutations = schema.getMutationType()?.getFields() ?? {};

let world: ApiWorld;
beforeAll(async () => {
  world = await apiWorld();
  await world.register("operator");
});
afterAll(() => world.close());

/** "ok", or the code and the field that the caller is told. */
async function outcome(scene: Scene, role: Role, name: string, given: Json): Promise<string> {
  const [argument] = mutations[name]?.args ?? [];
  const input = { clientMutationId: world.key(), ...given };
  const call = () =>
    world.answer(
      scene.actor,
      `mutation ($input: ${String(argument?.type)}) { ${name}(input: $input) { __typename } }`,
      { input },
      role === "operator",
    );
  let answered: Awaited<ReturnType<typeof call>> = {};
  const appended = await appendedBy(world, async () => (answered = await call()));
  const { data, errors } = answered;
  const [error] = errors ?? [];
  // Nothing is appended that nobody pays for, and a refusal leaves nothing.
  if (!UNPAID.has(name)) expect(appended.length).toBeLessThanOrEqual(error ? 0 : declaredEvents(name, input));
  if (!error) return data?.[name] == null ? "null" : "ok";
  const { code, field } = apiErrorOf(error, "test", () => undefined).extensions as { code: string; field?: string };
  return field === undefined ? code : `${code} ${field}`;
}

describe("who may", () => {
  it("has a row for every mutation", () => {
    // What operators do is tried in admin.test.ts, what is not stored in typing.test.ts.
    const apart = ["replayProjection", "cancelReplay", "verifyProjection", "retryParked", "setTyping"];
    expect([...Object.keys(TABLE), ...apart].sort()).toEqual(Object.keys(mutations).sort());
  });

  for (const kind of KINDS) {
    for (const [name, row] of Object.entries(TABLE)) {
      it(`${name} in ${kind}`, async () => {
        const found: Partial<Record<Role, string>> = {};
        for (const role of ROLES.filter((one) => isRoleOf(one, kind))) {
          const scene = await sceneOf(world, kind, role);
          found[role] = await outcome(scene, role, name, await row.input(scene, world));
        }
        expect(found).toEqual(expectedOf(row, kind));
      });
    }
  }
});
