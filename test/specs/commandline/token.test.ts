import { createHmac } from "node:crypto";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientOf, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { httpCalls } from "../../support/http.ts";
import { runTidings, type Settings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";

let server: ApiServer;
let settings: Settings;
let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
  server = await apiServer();
  settings = { DATA_DIR: server.config.dataDir };
  await registered(server, "ann");
  await (await clientOf(server, "i-am-bob")).act("register", { handle: "Bob.B", name: "Bob" });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

async function tokenOf(args: string[], more: Settings = {}): Promise<string> {
  const { code, out, err } = await runTidings(["token", ...args], { ...settings, ...more });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return out.trim();
}

const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown> & {
    exp: number;
    iat: number;
  };

const viewer = async (token: string) => {
  const { data, errors } = await httpCalls({ address: () => server.address, token }).post<{ viewer: { user: { id: string } } }>(
    "{ viewer { user { id } } }",
  );
  return data?.viewer.user.id ?? errors?.[0]?.extensions.code;
};

async function refusal(args: string[], more: Settings = {}): Promise<string> {
  const { code, out, err } = await runTidings(["token", ...args], { ...settings, ...more });
  expect({ args, code, out }).toEqual({ args, code: 1, out: "" });
  // In words, on one line or two, and no dump of an object.
  expect(err.trim().split("\n").length).toBeLessThanOrEqual(2);
  expect(err).not.toMatch(/[{[]\n|^\s+at /m);
  return err;
}

describe("a token", () => {
  it("is for a user by their id, and the server takes it", async () => {
    const token = await tokenOf(["ann"]);
    expect(await viewer(token)).toBe("ann");
    const { sub, scope, device, exp, iat } = claims(token);
    expect({ sub, scope, device, days: (exp - iat) / 86_400 }).toEqual({
      sub: "ann",
      scope: undefined,
      device: undefined,
      days: 1,
    });
  });

  it("is for someone who has yet to register", async () => {
    expect(await viewer(await tokenOf(["newcomer"]))).toBe("NOT_FOUND");
    expect(await viewer(await tokenOf(["newcomer"], { DATA_DIR: join(folder.path, "other") }))).toBe("UNAUTHENTICATED");
  });

  it("is for a user by their handle, however it is typed, while the server runs", async () => {
    for (const handle of ["@bob.b", "@BOB.B"]) expect(await viewer(await tokenOf([handle]))).toBe("i-am-bob");
  });

  it("is for whoever holds the handle now", async () => {
    const cat = await registered(server, "cat");
    await cat.act("updateProfile", { handle: "catherine" });
    await (await clientOf(server, "another-cat")).act("register", { handle: "cat", name: "Another" });
    expect(await viewer(await tokenOf(["@cat"]))).toBe("another-cat");
    expect(await viewer(await tokenOf(["@catherine"]))).toBe("cat");
    await cat.act("updateProfile", { handle: "cathy" });
    expect(await refusal(["@catherine"])).toContain("nobody has the handle @catherine");
  });

  it("is for a sender of an imported archive, by their name or the handle made of it", async () => {
    const dataDir = join(folder.path, "imported");
    const archive = join(folder.path, "archive.jsonl");
    const line = { conversation: "general", sender: "Ann Lee, 李", text: "hello", sentAt: null };
    await writeFile(archive, JSON.stringify(line));
    expect((await runTidings(["import", archive], { DATA_DIR: dataDir })).code).toBe(0);
    const byName = claims(await tokenOf(["@Ann Lee, 李"], { DATA_DIR: dataDir }));
    const byHandle = claims(await tokenOf(["@ann.lee.李"], { DATA_DIR: dataDir }));
    expect(byName["sub"]).toMatch(/^i-/);
    expect(byHandle["sub"]).toBe(byName["sub"]);
    expect(await refusal(["@Ann Lee"], { DATA_DIR: dataDir })).toContain("nobody has the handle @Ann Lee");
  });

  it("is for a user of an identity provider, by what that calls them, by their id or by their handle", async () => {
    const ann = await clientOf(server, "auth0|123");
    await ann.act("register", { handle: "ann.0", name: "Ann" });
    for (const who of ["auth0|123", "auth0=7C123", "@ann.0"]) {
      const token = await tokenOf([who]);
      expect(claims(token)["sub"]).toBe("auth0|123");
      expect(await viewer(token)).toBe("auth0=7C123");
    }
    for (const who of ["a b", "-a", "a:b", "a~b"]) expect(claims(await tokenOf(["--", who]))["sub"]).toBe(who);
  });

  it("names its user in the claim that AUTH_USER_CLAIM names", async () => {
    expect(claims(await tokenOf(["ann@example.org"], { AUTH_USER_CLAIM: "email" }))).toMatchObject({
      sub: "ann@example.org",
      email: "ann@example.org",
    });
  });

  it("has the scope, the device and the time that are asked for", async () => {
    const { scope, device, exp, iat } = claims(await tokenOf(["ann", "--admin", "--device", "phone:1", "--expires", "45s"]));
    expect({ scope, device, seconds: exp - iat }).toEqual({ scope: "admin", device: "phone:1", seconds: 45 });
    for (const [text, seconds] of [
      ["30m", 1_800],
      ["12h", 43_200],
      ["2d", 172_800],
    ] as const) {
      const token = claims(await tokenOf(["ann", "--expires", text]));
      expect(token.exp - token.iat).toBe(seconds);
    }
    const admin = httpCalls({ address: () => server.address, token: await tokenOf(["ann", "--admin"]) });
    const line = { key: "1", conversation: "general", sender: "somebody", text: "hello" };
    const call = `mutation ($messages: [ImportedMessage!]!) { importMessages(input: { clientMutationId: "1", messages: $messages }) { stored } }`;
    expect(await admin.ask(call, { messages: [line] })).toEqual({ importMessages: { stored: 1 } });
    const nobody = httpCalls({ address: () => server.address, token: await tokenOf(["ann"]) });
    await expect(nobody.ask(call, { messages: [line] })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("is signed with AUTH_SECRET where it is set, for the issuer and audience that are set", async () => {
    const secret = "a secret of at least thirty-two characters";
    const token = await tokenOf(["ann"], { AUTH_SECRET: secret, AUTH_ISSUER: "https://id.example.org", AUTH_AUDIENCE: "chat" });
    expect(claims(token)).toMatchObject({ iss: "https://id.example.org", aud: "chat" });
    const [head, body, signature] = token.split(".");
    expect(createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")).toBe(signature);
  });

  it("is not made where it would be none: no such person, no id, no device, no time, or an identity provider makes them", async () => {
    expect(await refusal(["@nobody"])).toContain("nobody has the handle @nobody");
    expect(await refusal(["@nobody"], { DATA_DIR: join(folder.path, "empty") })).toContain("nobody has the handle @nobody");
    expect(await refusal(["@"])).toContain("nobody has the handle @");
    expect(await refusal(["--", ""])).toContain("names no user: it is not a text of at least one character");
    expect(await refusal(["--", "x".repeat(65)])).toContain("names no user: it makes an id of 65 characters, and there are 64");
    expect(await refusal(["ann", "--device", "no device"])).toContain("device");
    for (const time of ["soon", "5", "0s", "-5m", "1.5h", "99999999d"]) {
      expect(await refusal(["ann", `--expires=${time}`])).toContain("give a number and s, m, h or d");
    }
    const provider = {
      AUTH_JWKS_URL: "https://id.example.org/jwks.json",
      AUTH_ISSUER: "https://id.example.org",
      AUTH_AUDIENCE: "tidings",
    };
    expect(await refusal(["ann"], provider)).toContain("tokens are made by your identity provider");
    expect(await refusal(["ann"], { AUTH_SECRET: "short" })).toContain("AUTH_SECRET");
  });
});
