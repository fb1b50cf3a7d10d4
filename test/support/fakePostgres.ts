import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** The types of columns: https://www.postgresql.org/docs/15/catalog-pg-type.html */
const OID = { number: 23, string: 25 };

/** A server that takes every login, and answers every question without parameters with the same row. `url`: `postgres://…` */
export async function fakePostgres(row: readonly (string | number)[]): Promise<AsyncDisposable & { url: string }> {
  const [ready, welcome] = [message("Z", Buffer.from("I")), message("R", int32(0))];
  const columns = row.map((value) =>
    Buffer.concat([
      Buffer.from("column\0"),
      int32(0),
      int16(0),
      int32(OID[typeof value as keyof typeof OID]),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  const values = row.map((value) => Buffer.concat([int32(Buffer.byteLength(String(value))), Buffer.from(String(value))]));
  const answer = Buffer.concat([
    message("T", int16(row.length), ...columns),
    message("D", int16(row.length), ...values),
    message("C", Buffer.from("SELECT 1\0")),
    ready,
  ]);
  const server = createServer((socket) => {
    let hasBegun = false;
    let left = Buffer.alloc(0);
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      left = Buffer.concat([left, bytes]);
      // The first message has no type.
      for (let head = hasBegun ? 1 : 0; left.length >= head + 4; head = 1) {
        const length = head + left.readInt32BE(head);
        if (left.length < length) return;
        const type = hasBegun ? left.toString("latin1", 0, 1) : "";
        left = left.subarray(length);
        if (!hasBegun) socket.write(Buffer.concat([welcome, ready]));
        hasBegun = true;
        if (type === "Q") socket.write(answer);
        if (type === "X") socket.end();
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `postgres://somebody@127.0.0.1:${(server.address() as AddressInfo).port}/tidings`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}
