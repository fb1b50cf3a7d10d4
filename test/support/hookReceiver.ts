import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { until } from "./until.ts";

/** What a receiver was told: the body, once its signature was verified, and the id of the message. */
export type Received = { id: string; type: string; timestamp: string; data: Record<string, unknown> };

/** How a receiver answers. `never`: it does not. A function answers by itself. */
export type Answer =
  { status: number; headers?: Record<string, string>; body?: string } | "never" | ((response: ServerResponse) => void);

/** A program that webhooks are told to. It counts what is not signed with its secret. */
export type Receiver = AsyncDisposable & {
  url: string;
  secret: string;
  received: Received[];
  refused: number;
  /** Asked for each message. */
  answer: (message: Received) => Answer;
  until(what: string, wanted: (received: readonly Received[]) => boolean): Promise<void>;
};

export async function hookReceiver(): Promise<Receiver> {
  const receiver: Omit<Receiver, typeof Symbol.asyncDispose> = {
    url: "",
    secret: "",
    received: [],
    refused: 0,
    answer: () => ({ status: 204 }),
    until: async (what, wanted) => {
      await until(what, () => wanted(receiver.received));
    },
  };
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      let message: Received;
      try {
        const verified = new Webhook(receiver.secret).verify(body, request.headers as Record<string, string>);
        message = { ...(verified as Omit<Received, "id">), id: String(request.headers["webhook-id"]) };
      } catch {
        receiver.refused++;
        response.writeHead(400).end();
        return;
      }
      receiver.received.push(message);
      const answer = receiver.answer(message);
      if (typeof answer === "function") answer(response);
      else if (answer !== "never") response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`;
  return Object.assign(receiver, {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
