import { type Model, ok, type Outcome, pairOf, type Request, type RequestStatus } from "./model.ts";

const tellBoth = (model: Model, { from, to, number }: Request): void => {
  const users = [from, to].sort();
  model.told.push({ to: new Set([from, to]), what: `request f:${users.join("~")}:${number}` });
};
const tellOf = (model: Model, user: string, other: string): void => {
  model.told.push({ to: new Set([user]), what: `friendship ${other}` });
};

function decide(model: Model, request: Request, status: RequestStatus): void {
  request.status = status;
  tellBoth(model, request);
}

function befriend(model: Model, request: Request, aliasOfTo: string | null): void {
  const { from, to, alias } = request;
  const pair = pairOf(model, from, to);
  decide(model, request, "ACCEPTED");
  pair.friends = true;
  tellOf(model, from, to);
  tellOf(model, to, from);
  for (const [user, other, name] of [
    [from, to, alias],
    [to, from, aliasOfTo],
  ] as const) {
    if (name === null) continue;
    pair.aliases.set(user, name);
    tellOf(model, user, other);
  }
}

/** A request; or the answer to the other one's. */
export function requestFriendship(model: Model, by: string, to: string, alias: string | null): Outcome {
  if (by === to) return "BAD_INPUT";
  const pair = pairOf(model, by, to);
  if (pair.blockedBy.has(by)) return "FORBIDDEN";
  if (pair.friends) return "CONFLICT";
  const pending = pair.requests.find(({ status }) => status === "PENDING");
  if (pending?.from === by) return ok;
  if (pair.blockedBy.has(to)) return "FORBIDDEN";
  if (pending) befriend(model, pending, alias);
  else {
    const request: Request = { number: pair.requests.length + 1, from: by, to, alias, status: "PENDING" };
    pair.requests.push(request);
    tellBoth(model, request);
  }
  return ok;
}

/** The request of that number, as one of the two may act on it. */
function requestOf(model: Model, by: string, other: string, number: number): Request | Outcome {
  const { requests } = pairOf(model, by, other);
  if (number > requests.length) return "NOT_FOUND";
  return number < requests.length ? "CONFLICT" : (requests[number - 1] as Request);
}

export function answerRequest(model: Model, by: string, other: string, number: number, accept: boolean): Outcome {
  const request = requestOf(model, by, other, number);
  if (typeof request === "string") return request;
  if (request.to !== by) return "FORBIDDEN";
  if (request.status === (accept ? "ACCEPTED" : "DECLINED")) return ok;
  if (request.status !== "PENDING") return "CONFLICT";
  if (accept) befriend(model, request, null);
  else decide(model, request, "DECLINED");
  return ok;
}

export function withdrawRequest(model: Model, by: string, other: string, number: number): Outcome {
  const request = requestOf(model, by, other, number);
  if (typeof request === "string") return request;
  if (request.from !== by) return "FORBIDDEN";
  if (request.status === "WITHDRAWN") return ok;
  if (request.status !== "PENDING") return "CONFLICT";
  decide(model, request, "WITHDRAWN");
  return ok;
}

export function endFriendship(model: Model, by: string, other: string): Outcome {
  const pair = pairOf(model, by, other);
  if (!pair.friends) return ok;
  pair.friends = false;
  pair.aliases.clear();
  tellOf(model, by, other);
  tellOf(model, other, by);
  return ok;
}

export function setAlias(model: Model, by: string, other: string, alias: string | null): Outcome {
  const pair = pairOf(model, by, other);
  if (!pair.friends) return "CONFLICT";
  if ((pair.aliases.get(by) ?? null) === alias) return ok;
  if (alias === null) pair.aliases.delete(by);
  else pair.aliases.set(by, alias);
  tellOf(model, by, other);
  return ok;
}

export function block(model: Model, by: string, other: string, on: boolean): Outcome {
  if (by === other) return "BAD_INPUT";
  const pair = pairOf(model, by, other);
  if (pair.blockedBy.has(by) === on) return ok;
  const pending = pair.requests.find(({ status }) => status === "PENDING");
  if (on && pending) decide(model, pending, pending.from === by ? "WITHDRAWN" : "DECLINED");
  if (on) pair.blockedBy.add(by);
  else pair.blockedBy.delete(by);
  tellOf(model, by, other);
  return ok;
}
