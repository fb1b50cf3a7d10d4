import { describe, expect, test } from "vitest";
import { type Command, decider as user, type Event, type Profile } from "../../../src/domain/user.ts";
import { given } from "../../support/given.ts";

const today = "2024-06-15";
const profile: Profile = {
  userId: "u1",
  handle: "ada",
  name: "Ada",
  avatarUrl: "https://example.org/ada.png",
  gender: "FEMALE",
  birthday: "1990-12-10",
  signature: "hello",
  tags: [{ name: "maths", score: 2 }],
};
const registered: Event = { type: "UserRegistered", data: profile };
const register = (change: Partial<Profile> = {}): Command => ({ type: "Register", today, ...profile, ...change });
type Update = Omit<Extract<Command, { type: "UpdateProfile" }>, "type" | "userId" | "today">;
const update = (change: Update): Command => ({ type: "UpdateProfile", userId: "u1", today, ...change });
const updated = (change: Partial<Profile>): Event => ({ type: "ProfileUpdated", data: { userId: "u1", ...change } });

describe("putting", () => {
  const put = (change: Partial<Profile> = {}): Command => ({ type: "Put", today, ...profile, ...change });
  test("registers who is not registered yet", () =>
    given(user)
      .when(put({ handle: "@ADA" }))
      .then(registered));
  test("replaces what is other, and takes away what is not given", () =>
    given(user, registered)
      .when(put({ name: "Ada L.", signature: null, tags: [] }))
      .then(updated({ name: "Ada L.", signature: null, tags: [] })));
  test("the same again changes nothing", () => given(user, registered).when(put()).then());
  test("what cannot be is refused, whether they are registered or not", () => {
    for (const before of [[], [registered]])
      given(user, ...before)
        .when(put({ birthday: "2999-01-01" }))
        .refused("BAD_INPUT", { field: "birthday" });
  });
});

describe("a bot", () => {
  const hash = "a".repeat(43);
  const make = (name = "Robot"): Command => ({ type: "MakeBot", userId: "robot", handle: "robot", name, hash });
  const nothing = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
  const made: Event = {
    type: "UserRegistered",
    data: { userId: "robot", handle: "robot", name: "Robot", ...nothing, bot: true },
  };
  const token: Event = { type: "BotTokenMade", data: { userId: "robot", hash } };
  test("is registered as one, with its token", () => given(user).when(make(" Robot ")).then(made, token));
  test("that is there gets another token, and another name", () => {
    given(user, made, token).when(make()).then(token);
    given(user, made, token)
      .when(make("Helper"))
      .then(token, { type: "ProfileUpdated", data: { userId: "robot", name: "Helper" } });
  });
  test("is made of nobody who is none", () => given(user, registered).when(make()).refused("CONFLICT", { field: "id" }));
  test("that is deactivated gets no token", () =>
    given(user, made, { type: "UserDeactivated", data: { userId: "robot" } })
      .when(make())
      .refused("CONFLICT"));
  test("needs a name that can be seen", () => given(user).when(make(" ")).refused("BAD_INPUT", { field: "name" }));
});

describe("registering", () => {
  test("records the whole profile, in its normal form", () =>
    given(user)
      .when(register({ handle: "@ADA", name: "  Ada " }))
      .then(registered));
  test("takes what was not given as null", () => {
    const bare = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
    given(user)
      .when(register(bare))
      .then({ type: "UserRegistered", data: { ...profile, ...bare } });
  });
  test("a second time is refused", () =>
    given(user, registered)
      .when(register())
      .refused("CONFLICT", { saying: /updateProfile/ }));
  test("with an ill-formed handle is refused", () =>
    given(user)
      .when(register({ handle: "a b" }))
      .refused("BAD_INPUT", { field: "handle" }));
  test("with a blank name is refused", () =>
    given(user)
      .when(register({ name: "  " }))
      .refused("BAD_INPUT", { field: "name" }));
  test("born tomorrow is refused", () =>
    given(user)
      .when(register({ birthday: "2024-06-16" }))
      .refused("BAD_INPUT", { field: "birthday" }));
  test("born today is fine", () =>
    given(user)
      .when(register({ birthday: today }))
      .then({ type: "UserRegistered", data: { ...profile, birthday: today } }));
  test("on no day of the calendar is refused", () =>
    given(user)
      .when(register({ birthday: "2023-02-29" }))
      .refused("BAD_INPUT", { field: "birthday" }));
  test("with a tag given twice is refused", () => {
    const tags = [
      { name: "maths", score: 1 },
      { name: " maths", score: 2 },
    ];
    given(user).when(register({ tags })).refused("BAD_INPUT", { field: "tags" });
  });
  test("with what is no address is refused", () =>
    given(user)
      .when(register({ avatarUrl: "javascript:alert(1)" }))
      .refused("BAD_INPUT", { field: "avatarUrl" }));
  test("with half a character in a text is refused, by the text's name", () => {
    given(user)
      .when(register({ signature: "\ud800" }))
      .refused("BAD_INPUT", { field: "signature" });
    given(user)
      .when(register({ name: "a\0b" }))
      .refused("BAD_INPUT", { field: "name" });
    given(user)
      .when(register({ tags: [{ name: "\udc00", score: 1 }] }))
      .refused("BAD_INPUT", { field: "tags.0.name" });
  });
});

describe("updating the profile", () => {
  test("before registering is refused", () =>
    given(user)
      .when(update({ name: "X" }))
      .refused("NOT_FOUND", { saying: /register/ }));
  test("records only what changes", () =>
    given(user, registered)
      .when(update({ name: "Ada L.", signature: "hello", gender: "FEMALE" }))
      .then(updated({ name: "Ada L." })));
  test("null takes away", () =>
    given(user, registered)
      .when(update({ avatarUrl: null, gender: null, birthday: null, signature: null }))
      .then(updated({ avatarUrl: null, gender: null, birthday: null, signature: null })));
  test("what is away already does not change", () =>
    given(user, registered, updated({ signature: null }))
      .when(update({ signature: null }))
      .nothing());
  test("the same again is nothing", () =>
    given(user, registered)
      .when(update({ handle: "ADA", name: " Ada", tags: [{ score: 2, name: "maths" }] }))
      .nothing());
  test("nothing given is nothing", () =>
    given(user, registered)
      .when(update({ name: undefined }))
      .nothing());
  test.each(["name", "handle", "tags"] as const)("%s cannot be taken away", (field) =>
    given(user, registered)
      .when(update({ [field]: null }))
      .refused("BAD_INPUT", { field }),
  );
  test("tags are replaced as a whole", () =>
    given(user, registered)
      .when(update({ tags: [] }))
      .then(updated({ tags: [] })));
  test("the handle is recorded in its normal form", () =>
    given(user, registered)
      .when(update({ handle: "@Countess" }))
      .then(updated({ handle: "countess" })));
  test.each([
    ["handle", { handle: "" }],
    ["name", { name: "n".repeat(129) }],
    ["birthday", { birthday: "2025-01-01" }],
    ["signature", { signature: "s".repeat(1_025) }],
    ["signature", { signature: "\0" }],
    ["tags", { tags: [0, 1].map((score) => ({ name: "t", score })) }],
    ["tags.0.score", { tags: [{ name: "t", score: -1 }] }],
  ])("a %s that is none is refused", (field, change) =>
    given(user, registered).when(update(change)).refused("BAD_INPUT", { field }),
  );
});

describe("the place", () => {
  const point = { latitude: 51.5, longitude: -0.1 };
  const set = (to: typeof point | null): Command => ({ type: "SetLocation", userId: "u1", point: to });
  const moved = (to: typeof point | null): Event => ({ type: "LocationChanged", data: { userId: "u1", point: to } });

  test("before registering is refused", () =>
    given(user)
      .when(set(point))
      .refused("NOT_FOUND", { saying: /register/ }));
  test("is given", () => given(user, registered).when(set(point)).then(moved(point)));
  test("is moved", () =>
    given(user, registered, moved({ latitude: 0, longitude: 0 }))
      .when(set(point))
      .then(moved(point)));
  test("that it is already does not change", () =>
    given(user, registered, moved(point), updated({ name: "Countess" }))
      .when(set({ ...point }))
      .nothing());
  test("is taken back", () => given(user, registered, moved(point)).when(set(null)).then(moved(null)));
  test("that was never given, or taken back, cannot be again", () => {
    given(user, registered).when(set(null)).nothing();
    given(user, registered, moved(point), moved(null)).when(set(null)).nothing();
  });
  test.each([
    ["point.latitude", { latitude: 90.1, longitude: 0 }],
    ["point.latitude", { latitude: NaN, longitude: 0 }],
    ["point.longitude", { latitude: 0, longitude: -180.1 }],
  ])("a %s that is none is refused", (field, to) => given(user, registered).when(set(to)).refused("BAD_INPUT", { field }));
});

test("the state is the whole profile as it is, and the place", () => {
  const named = given(user, registered, updated({ name: "Countess", signature: null }), updated({ tags: [] }));
  expect(named.state).toEqual({ ...profile, name: "Countess", signature: null, tags: [], point: null });
  const point = { latitude: 1, longitude: 2 };
  const { state } = given(user, registered, { type: "LocationChanged", data: { userId: "u1", point } });
  expect(state).toEqual({ ...profile, point });
});
