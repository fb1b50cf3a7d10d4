import type { Random } from "../random.ts";

/** Bytes as one character each. */
export const noise = (random: Random, length: number): string =>
  Array.from({ length }, () => String.fromCharCode(random.below(256))).join("");

const METHODS = [
  "GET",
  "GET",
  "GET",
  "POST",
  "POST",
  "PUT",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "PRI",
  "QUERY",
  "get",
  "G ET",
  "",
  "\0",
];
const TARGETS = [
  "/graphql",
  "/graphql",
  "/graphql?query={__typename}",
  "/graphql?query=%7B",
  "/graphql?query=%ff",
  "/graphql?variables=[",
  "/live",
  "/ready",
  "/metrics",
  "//",
  "///",
  "//graphql",
  "/%",
  "/%00",
  "/graphiql",
  "/graphiql/token",
  "/graphiql/assets/..%2f..",
  "*",
  "http://",
  "http://[",
  "http://localhost/graphql",
  "",
  "?",
  "#",
  "/graphql#",
  "/../../etc/passwd",
  "/\u0080\u00ff",
  `/${"a".repeat(9_000)}`,
  "localhost:443",
] as const;
const VERSIONS = [
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/2.0",
  "HTTP/0.9",
  "HTTP/9.9",
  "http/1.1",
  "",
  "HTTP/1.1 x",
];
const BODIES = [
  "",
  "{",
  "null",
  "[]",
  '{"query":"{__typename}"}',
  '{"query":1}',
  '{"query":"{ viewer { user { id } } }"}',
  `[${"[".repeat(500)}`,
  "\u00ff\u00fe",
];

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ["Host", ["localhost", "", "[", "a b", "\u00ff"]],
  ["Connection", ["Upgrade", "upgrade, keep-alive", "close", "keep-alive", ",,", "Upgrade, HTTP2-Settings", ""]],
  ["Upgrade", ["websocket", "WebSocket", "h2c", "TLS/1.0", "websocket, h2c", "", ",", "\u00ff"]],
  ["HTTP2-Settings", ["AAMAAABkAAQAoAAAAAIAAAAA", "?"]],
  ["Sec-WebSocket-Key", ["dGhlIHNhbXBsZSBub25jZQ==", "short", "", "\u00ff"]],
  ["Sec-WebSocket-Version", ["13", "8", "0", "-1", "x"]],
  ["Sec-WebSocket-Protocol", ["graphql-transport-ws", "graphql-ws", "a,,b", "", "graphql-transport-ws, graphql-transport-ws"]],
  ["Sec-WebSocket-Extensions", ["permessage-deflate", "permessage-deflate; client_max_window_bits=99", ";;", "\u00ff"]],
  ["Origin", ["null", "https://evil.example.org", "//", "\u00ff", "http://["]],
  ["Content-Type", ["application/json", "application/json; charset=latin1", "text/plain", "", "multipart/form-data", ";"]],
  ["Content-Encoding", ["gzip", "identity", "br, gzip"]],
  ["Accept", ["*/*", "application/graphql-response+json;q=x", ",,;q=1", "text/html", "\u00ff"]],
  ["Authorization", ["Bearer", "Bearer x.y.z", "Basic a", "", `Bearer ${"a".repeat(9_000)}`]],
  ["Expect", ["100-continue", "200-ok"]],
  ["Transfer-Encoding", ["chunked", "gzip, chunked", "chunked, chunked", "identity", "x"]],
  ["Content-Length", ["0", "5", "-1", "99999999999", "x", "+1", "1, 1"]],
  ["X-Forwarded-For", ["1.2.3.4, , x", "\u00ff"]],
  ["Cookie", ["a=b".repeat(2_000)]],
];

const chunks = (random: Random, body: string): string =>
  random.pick([
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    `${body.length.toString(16)};a=b\r\n${body}\r\n0\r\nTrailer: x\r\n\r\n`,
    `ffffffffff\r\n${body}`,
    `-1\r\n${body}\r\n0\r\n\r\n`,
    `zz\r\n${body}`,
    `${body.length.toString(16)}\r\n${body}`,
  ]);

/** What a careful server is to do in the middle of other bytes, spoilt here and there. */
function spoilt(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return random.pick([
    text.slice(0, at),
    text.slice(0, at) + noise(random, 1 + random.below(8)) + text.slice(at),
    text.replaceAll("\r\n", "\n"),
    text.slice(0, at) + "\r\n\r\n" + text.slice(at),
    text.slice(0, at) + "\0" + text.slice(at + 1),
    noise(random, 1 + random.below(300)),
  ]);
}

/** One request, good or bad. */
export function oddRequest(random: Random): string {
  const first = `${random.pick(METHODS)} ${random.below(8) === 0 ? noise(random, 1 + random.below(40)) : random.pick(TARGETS)} ${random.pick(VERSIONS)}`;
  const headers = Array.from({ length: random.below(9) }, () => {
    const [name, values] = random.pick(HEADERS);
    return random.below(30) === 0 ? noise(random, 20) : `${name}: ${random.pick(values)}`;
  });
  if (random.below(3) > 0) headers.unshift("Host: localhost");
  if (random.below(4) === 0)
    headers.push(
      "Connection: Upgrade",
      `Upgrade: ${random.pick(["websocket", "h2c"])}`,
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    );
  const body = random.pick(BODIES);
  const isChunked = random.below(4) === 0;
  if (isChunked) headers.push("Transfer-Encoding: chunked");
  else if (random.below(2) === 0) headers.push(`Content-Length: ${body.length}`);
  const text = [first, ...headers, "", isChunked ? chunks(random, body) : body].join("\r\n");
  return random.below(3) === 0 ? spoilt(random, text) : text;
}
