import fc from "fast-check";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { readUserId } from "../../../src/domain/ids.ts";
import { tokens } from "../../../src/transport/auth.ts";
import { closeReason, REASON_BYTES } from "../../../src/transport/socket/closeReason.ts";
import { runs } from "../../support/property.ts";
import { SECRET } from "../../support/runningApp.ts";

const CLAIM = `https://example.org/${"c".repeat(76)}`;

test("a reason that fits is told whole; of a longer one its last parts are left out", () => {
  for (const reason of ["", "the token expired", "x".repeat(123), "名".repeat(41)]) expect(closeReason(reason)).toBe(reason);
  expect(closeReason(`the token is wrong: ${"why".repeat(60)}; what to do`)).toBe("the token is wrong");
  expect(closeReason(`what: why; ${"x".repeat(123)}`)).toBe("what: why");
  expect(closeReason("x".repeat(124))).toBe(`${"x".repeat(120)}…`);
  expect(closeReason(`a${"名".repeat(41)}`)).toBe(`a${"名".repeat(39)}…`);
  expect(closeReason(`a${"👍".repeat(41)}`)).toBe(`a${"👍".repeat(29)}…`);
});

test("a reason fits a close frame, and ends with a whole character", () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(": ", "; ", ", ")), { maxLength: 60 });
  fc.assert(
    fc.property(texts, (parts) => {
      const message = parts.join("").replace(/\p{Surrogate}/gu, "");
      const reason = closeReason(message);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(REASON_BYTES);
      expect(reason).not.toMatch(/\p{Surrogate}/u);
      expect(message.startsWith(reason.replace(/…$/, "")) || message.startsWith(reason)).toBe(true);
    }),
    { numRuns: runs(500) },
  );
});

test("what is wrong with a token is told whole, also where the claim that names users has the longest name", async () => {
  expect(CLAIM).toHaveLength(96);
  const { verify } = tokens({ secret: SECRET, userClaim: CLAIM, issuer: "i", audience: "a", userOf: readUserId });
  const good = { [CLAIM]: "ann", iss: "i", aud: "a", exp: 9_999_999_999 };
  const made = (claims: object, secret = SECRET) =>
    new SignJWT(claims as never).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
  expect(await verify(await made(good))).toMatchObject({ userId: "ann" });
  const bad = [
    undefined,
    "nonsense",
    await made({ ...good, exp: 1 }),
    await made({ ...good, exp: "soon" }),
    await made({ ...good, exp: undefined }),
    await made({ ...good, iss: "other" }),
    await made({ ...good, aud: "other" }),
    await made({ ...good, nbf: 9_999_999_999 }),
    await made({ ...good, device: "<script>" }),
    await made(good, "another secret, just as long as the first"),
  ];
  for (const token of bad) {
    const fault = await (async () => verify(token))().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Error);
    const { message } = fault as Error;
    expect(closeReason(message), message).toBe(message);
  }
  for (const [name, reason] of [
    ["x".repeat(65), `the token's ${CLAIM} names no user`],
    [undefined, `the token has no ${CLAIM}`],
  ]) {
    const nobody = await (async () => verify(await made({ ...good, [CLAIM]: name })))().catch((error: unknown) => error);
    expect(closeReason((nobody as Error).message)).toBe(reason);
  }
});
