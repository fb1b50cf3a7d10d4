import { createDecipheriv, createECDH, createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2, type Http2Server, type ServerHttp2Session } from "node:http2";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { importJWK, importSPKI, jwtVerify } from "jose";
import { CERTIFICATE, CERTIFICATE_KEY } from "./ownCertificate.ts";

/*
 * What plays the services of pushes: by the documents of the services, and by nothing that the server's own code has.
 */

/** A push as a device gets it. `content`: what its app is given. */
export type Arrived = {
  token: string;
  id: string;
  tag: string;
  badge: number;
  title: string | undefined;
  body: string | undefined;
  unread: number | undefined;
  seq: number | undefined;
  conversationId: string | undefined;
  headers: Readonly<Record<string, unknown>>;
  at: number;
};

/** What a service says instead of taking a push. `hang`: nothing, ever. */
export type Said = { status: number; body?: string; headers?: Record<string, string> } | "hang";

export type PushServer = {
  readonly port: number;
  readonly url: string;
  /** A device that has a token, which `addDevice` takes. */
  newDevice(): { pushService: "WEB_PUSH" | "APNS" | "FCM"; pushToken: string; token: string };
  readonly arrived: Arrived[];
  /** How many requests came, whatever was said. */
  asked(): number;
  /** What is said from now on to pushes for a token, or for any. Undefined: they are taken. */
  say(said: Said | undefined, token?: string): void;
  /** Is it away, nothing listens and all connections are lost. */
  away(isAway: boolean): Promise<void>;
  /** What was wrong with what came: must be nothing. */
  readonly faults: string[];
  close(): Promise<void>;
};

type Handling = { server: Server; sessions: Set<{ destroy(): void }> };

const bodyOf = async (request: AsyncIterable<Buffer | string>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });

/** What all of them have. */
function playing() {
  const arrived: Arrived[] = [];
  const faults: string[] = [];
  const sayings = new Map<string, Said>();
  let asked = 0;
  return {
    arrived,
    faults,
    asked: () => asked,
    say: (said: Said | undefined, token = "*") => void (said === undefined ? sayings.delete(token) : sayings.set(token, said)),
    answerTo: (token: string): Said | undefined => {
      asked += 1;
      return sayings.get(token) ?? sayings.get("*");
    },
  };
}

async function opened(make: () => Handling) {
  let now = make();
  await listen(now.server, 0);
  const { port } = now.server.address() as AddressInfo;
  const end = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => now.server.close(() => resolve()));
    for (const session of now.sessions) session.destroy();
    await closed;
  };
  return {
    port,
    away: async (isAway: boolean) => {
      if (isAway) return end();
      now = make();
      await listen(now.server, port);
    },
    close: async () => {
      if (now.server.listening) await end();
    },
  };
}

const tracked = (server: Server): Handling => {
  const sessions = new Set<Socket>();
  const track = (socket: Socket): void => {
    sessions.add(socket);
    socket.on("close", () => sessions.delete(socket));
  };
  server.on("connection", track);
  return { server, sessions };
};

const hkdf = (salt: Buffer, secret: Buffer, info: Buffer, length: number): Buffer => {
  const key = createHmac("sha256", salt).update(secret).digest();
  return createHmac("sha256", key)
    .update(Buffer.concat([info, Buffer.from([1])]))
    .digest()
    .subarray(0, length);
};

/** Decrypts as RFC 8291 and RFC 8188 say. Throws where that is not possible. */
export function decrypted(body: Buffer, secret: Buffer, auth: Buffer): Buffer {
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const length = body.readUInt8(20);
  const sender = body.subarray(21, 21 + length);
  const record = body.subarray(21 + length);
  if (record.length > recordSize) throw new Error("more than one record");
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  const info = Buffer.concat([Buffer.from("WebPush: info\0", "latin1"), ecdh.getPublicKey(), sender]);
  const input = hkdf(auth, ecdh.computeSecret(sender), info, 32);
  const key = hkdf(salt, input, Buffer.from("Content-Encoding: aes128gcm\0", "latin1"), 16);
  const nonce = hkdf(salt, input, Buffer.from("Content-Encoding: nonce\0", "latin1"), 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error("the last record has no end");
  return padded.subarray(0, end);
}

/** A push service of browsers: checks the signature, decrypts as the browser does. */
export async function webPushServer(): Promise<PushServer> {
  const playings = playing();
  const devices = new Map<string, { secret: Buffer; auth: Buffer }>();
  let origin = "";

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "";
    const body = await bodyOf(request);
    const said = playings.answerTo(path);
    if (said === "hang") return;
    if (said) return void response.writeHead(said.status, said.headers).end(said.body);
    const [, jwt = "", key = ""] = /^vapid t=([^,]+), k=([A-Za-z0-9_-]+)$/.exec(request.headers.authorization ?? "") ?? [];
    const point = Buffer.from(key, "base64url");
    const [x, y] = [point.subarray(1, 33), point.subarray(33, 65)].map((part) => part.toString("base64url"));
    const { payload } = await jwtVerify(jwt, await importJWK({ kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, "ES256"), {
      audience: origin,
    });
    if ((payload.exp ?? 0) > Date.now() / 1_000 + 86_400) throw new Error("the signature is good for more than a day");
    if (!/^(mailto:|https:)/.test(payload.sub ?? "")) throw new Error("nobody is to be written to");
    const { ttl, urgency, topic, "content-encoding": encoding } = request.headers;
    if (encoding !== "aes128gcm" || body.length > 4_096) throw new Error("the content is not as it must be");
    if (!/^\d+$/.test(String(ttl)) || urgency !== "high" || !/^[A-Za-z0-9_-]{1,32}$/.test(String(topic)))
      throw new Error(`wrong headers: ${JSON.stringify({ ttl, urgency, topic })}`);
    const device = devices.get(path);
    if (device === undefined) throw new Error("there is no such subscription");
    const content = JSON.parse(decrypted(body, device.secret, device.auth).toString("utf8")) as Partial<Arrived>;
    const { id = "", tag = "", badge = -1, title, body: text, unread, seq, conversationId } = content;
    const { headers } = request;
    playings.arrived.push({
      token: path,
      id,
      tag,
      badge,
      title,
      body: text,
      unread,
      seq,
      conversationId,
      headers,
      at: Date.now(),
    });
    response.writeHead(201).end();
  };

  const { port, away, close } = await opened(() =>
    tracked(
      createHttps({ key: CERTIFICATE_KEY, cert: CERTIFICATE }, (request, response) => {
        take(request, response).catch((error: unknown) => {
          playings.faults.push(String(error));
          response.writeHead(400).end(String(error));
        });
      }),
    ),
  );
  origin = `https://localhost:${port}`;
  return {
    ...playings,
    port,
    url: origin,
    away,
    close,
    newDevice: () => {
      const path = `/push/${randomBytes(16).toString("hex")}`;
      const ecdh = createECDH("prime256v1");
      ecdh.generateKeys();
      const auth = randomBytes(16);
      const secret = Buffer.concat([Buffer.alloc(32), ecdh.getPrivateKey()]).subarray(-32);
      devices.set(path, { secret, auth });
      const keys = { p256dh: ecdh.getPublicKey().toString("base64url"), auth: auth.toString("base64url") };
      const subscription = { endpoint: `${origin}${path}`, expirationTime: null, keys };
      return { pushService: "WEB_PUSH", pushToken: JSON.stringify(subscription), token: path };
    },
  };
}

export type ApnsServer = PushServer & { key: string; settings: { keyId: string; teamId: string; topic: string } };

/** Apple's service, without TLS. */
export async function apnsServer(): Promise<ApnsServer> {
  const playings = playing();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const settings = { keyId: "ABC1234567", teamId: "TEAM123456", topic: "org.example.chat" };
  const verifying = importSPKI(String(publicKey.export({ type: "spki", format: "pem" })), "ES256");

  const make = (): Handling => {
    const server: Http2Server = createHttp2();
    const sessions = new Set<ServerHttp2Session>();
    server.on("session", (session) => {
      sessions.add(session);
      session.on("close", () => sessions.delete(session));
    });
    server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      const token = String(headers[":path"]).replace("/3/device/", "");
      const answer = (status: number, reason?: string, more: Record<string, string> = {}): void => {
        if (stream.destroyed || stream.closed) return;
        stream.respond({ ":status": status, ...more });
        stream.end(reason === undefined ? undefined : JSON.stringify({ reason }));
      };
      void (async () => {
        const content = await bodyOf(stream);
        const said = playings.answerTo(token);
        if (said === "hang") return;
        if (said) return answer(said.status, said.body, said.headers);
        const jwt = String(headers["authorization"]).replace(/^bearer /, "");
        const { protectedHeader, payload } = await jwtVerify(jwt, await verifying, { issuer: settings.teamId });
        if (protectedHeader.kid !== settings.keyId || payload.iat === undefined) throw new Error("another key");
        if (headers["apns-topic"] !== settings.topic) throw new Error("another topic");
        if (content.length > 4_096) throw new Error("PayloadTooLarge");
        const { aps, tag, ...more } = JSON.parse(content.toString("utf8")) as {
          aps: { badge: number; alert?: { title: string; body?: string }; "content-available"?: number };
          tag: string;
        } & Partial<Arrived>;
        const isSilent = headers["apns-push-type"] === "background";
        if (isSilent !== (aps.alert === undefined) || (isSilent && headers["apns-priority"] !== "5"))
          throw new Error("its kind is not what it holds");
        const { unread, seq, conversationId } = more;
        const shown = { title: aps.alert?.title, body: aps.alert?.body };
        const named = { id: String(headers["apns-id"]), tag, badge: aps.badge, unread, seq, conversationId };
        playings.arrived.push({ token, ...named, ...shown, headers, at: Date.now() });
        answer(200);
      })().catch((error: unknown) => {
        if (stream.destroyed) return;
        playings.faults.push(String(error));
        answer(400, String(error));
      });
    });
    return { server, sessions };
  };
  const { port, away, close } = await opened(make);
  return {
    ...playings,
    port,
    url: `http://127.0.0.1:${port}`,
    away,
    close,
    settings,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    newDevice: () => {
      const token = randomBytes(32).toString("hex");
      return { pushService: "APNS", pushToken: token, token };
    },
  };
}

export type FcmServer = PushServer & { account: string };

/** Firebase's service with its server of access tokens, without TLS. */
export async function fcmServer(): Promise<FcmServer> {
  const playings = playing();
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const verifying = importSPKI(String(publicKey.export({ type: "spki", format: "pem" })), "RS256");
  const email = "push@example.iam.gserviceaccount.com";
  const granted = new Set<string>();
  let url = "";

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await bodyOf(request)).toString("utf8");
    const answer = (status: number, content: unknown, headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(content));
    if (request.url === "/token") {
      const form = new URLSearchParams(body);
      const { payload } = await jwtVerify(form.get("assertion") ?? "", await verifying, {
        issuer: email,
        audience: `${url}/token`,
      });
      if (payload["scope"] !== "https://www.googleapis.com/auth/firebase.messaging") throw new Error("another scope");
      const token = randomBytes(16).toString("hex");
      granted.add(token);
      return answer(200, { access_token: token, expires_in: 3_599, token_type: "Bearer" });
    }
    const { message } = JSON.parse(body) as {
      message: {
        token: string;
        data: Record<string, string>;
        notification?: { title: string; body?: string };
        android: { collapse_key: string; priority: string; ttl: string };
      };
    };
    const said = playings.answerTo(message.token);
    if (said === "hang") return;
    if (said) return void response.writeHead(said.status, said.headers).end(said.body);
    if (!granted.has((request.headers.authorization ?? "").replace("Bearer ", "")))
      return answer(401, { error: { code: 401, status: "UNAUTHENTICATED", message: "no access" } });
    if (request.url !== "/v1/projects/example/messages:send") throw new Error("another project");
    if (Object.values(message.data).some((value) => typeof value !== "string")) throw new Error("data holds texts only");
    if (!/^\d+s$/.test(message.android.ttl) || message.android.collapse_key !== message.data["tag"])
      throw new Error("it is not as it must be for Android");
    const { id = "", tag = "", badge, unread, seq, conversationId } = message.data;
    const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
    const shown = { title: message.notification?.title, body: message.notification?.body };
    const named = { id, tag, badge: Number(badge), unread: number(unread), seq: number(seq), conversationId };
    playings.arrived.push({ token: message.token, ...named, ...shown, headers: request.headers, at: Date.now() });
    answer(200, { name: "projects/example/messages/1" });
  };

  const { port, away, close } = await opened(() =>
    tracked(
      createHttp((request, response) => {
        take(request, response).catch((error: unknown) => {
          playings.faults.push(String(error));
          response.writeHead(400).end(String(error));
        });
      }),
    ),
  );
  url = `http://127.0.0.1:${port}`;
  return {
    ...playings,
    port,
    url,
    away,
    close,
    account: JSON.stringify({
      project_id: "example",
      client_email: email,
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `${url}/token`,
    }),
    newDevice: () => {
      const token = `${randomBytes(11).toString("base64url")}:APA91b${randomBytes(60).toString("base64url")}`;
      return { pushService: "FCM", pushToken: token, token };
    },
  };
}
