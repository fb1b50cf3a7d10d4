import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { clientOf, registeredAll } from "../support/client.ts";
import { CERTIFICATE } from "../support/ownCertificate.ts";
import { apnsServer, type Arrived, fcmServer, type PushServer, webPushServer } from "../support/pushServers.ts";
import { startServer } from "../support/server.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";

const KILLS = Number(process.env["FAULT_KILLS"] ?? 2);
const READERS = 9;
const ROUNDS = KILLS + 1;
/** Pushes that may be on their way when a server is killed. */
const ON_THEIR_WAY = 64;

vi.setConfig({ testTimeout: 180_000 + KILLS * 30_000 });

test("of a server that is killed while pushes leave, each device is told all, and nothing old or false", async () => {
  const folder = await tempDir();
  const [browsers, apple, google] = await Promise.all([webPushServer(), apnsServer(), fcmServer()]);
  const [certificate, keyFile, accountFile] = ["ca.pem", "apns.p8", "account.json"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([writeFile(certificate, CERTIFICATE), writeFile(keyFile, apple.key), writeFile(accountFile, google.account)]);
  const server = await startServer({
    settings: {
      NODE_EXTRA_CA_CERTS: certificate,
      WEB_PUSH_HOSTS: `localhost:${browsers.port}`,
      WEB_PUSH_CONTACT: "mailto:ops@example.org",
      APNS_KEY_FILE: keyFile,
      APNS_KEY_ID: apple.settings.keyId,
      APNS_TEAM_ID: apple.settings.teamId,
      APNS_TOPIC: apple.settings.topic,
      APNS_URL: apple.url,
      FCM_ACCOUNT_FILE: accountFile,
      FCM_URL: google.url,
      PRESENCE_GRACE: "0",
    },
  });
  onTestFinished(async () => {
    await server.remove();
    await Promise.all([browsers.close(), apple.close(), google.close(), folder.remove()]);
  });
  const reachable = { address: () => server.address(), token: server.token };
  const names = Array.from({ length: READERS }, (_, index) => `reader${index}`);
  const [, ...readers] = await registeredAll(reachable, "writer", ...names);
  // The server is killed while they send: the same call again.
  const writer = await clientOf(reachable, "writer", { patient: { patienceMs: 60_000 } });
  const services: PushServer[] = [browsers, apple, google];
  const devices = await Promise.all(
    readers.map(async (reader, index) => {
      const service = services[index % services.length] ?? browsers;
      const { pushService, pushToken, token } = service.newDevice();
      await reader.act("addDevice", { id: "phone", kind: "OTHER", name: "phone", pushService, pushToken });
      const shown = (): Arrived[] => service.arrived.filter((push) => push.token === token && push.title !== undefined);
      return { reader, shown };
    }),
  );

  // Each round has messages for everyone: the last one of each must come, whatever became of the server meanwhile.
  for (let round = 1; round <= ROUNDS; round++) {
    if (round % 2 === 0) google.say({ status: 503 });
    const sending = readers.map(async (reader) => {
      for (const part of [1, 2, 3]) await writer.act("sendMessage", { userId: reader.id, text: `${round}.${part}` });
    });
    if (round <= KILLS) {
      const before = devices.reduce((count, { shown }) => count + shown().length, 0);
      await until("pushes leave", () => devices.reduce((count, { shown }) => count + shown().length, 0) > before);
      await server.kill();
      await server.start();
    }
    await Promise.all(sending);
    google.say(undefined);
    await until(`all are told of round ${round}`, () =>
      devices.every(({ shown }) => shown().some(({ seq = 0 }) => seq >= 3 * round)),
    );
  }

  let repeats = 0;
  for (const { shown } of devices) {
    const pushes = shown();
    expect(new Set(pushes.map(({ tag }) => tag)).size).toBe(1);
    const seqs = pushes.map(({ seq = 0 }) => seq);
    // Never an older one after a newer one.
    expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    expect(seqs.at(-1)).toBe(3 * ROUNDS);
    for (const seq of new Set(seqs)) {
      const same = pushes.filter((push) => push.seq === seq);
      expect(new Set(same.map(({ id }) => id)).size).toBe(1);
      expect(same.length).toBeLessThanOrEqual(2);
      repeats += same.length - 1;
    }
  }
  expect(repeats).toBeLessThanOrEqual(KILLS * ON_THEIR_WAY);
  expect([...browsers.faults, ...apple.faults, ...google.faults]).toEqual([]);
  expect(server.faults()).toEqual([]);
});
