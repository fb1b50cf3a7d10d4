import { randomBytes } from "node:crypto";
import type { Host } from "./server.ts";
import { ran } from "./tools.ts";

/* Hosts of their own on this machine: network namespaces of Linux, each with one network cable or several that can be pulled. */

/** A network of two: this machine at `near`, the other host at `far`. */
export type Link = {
  readonly near: string;
  readonly far: string;
  /** From now on what either side sends is lost: nothing is refused, and no side is told. */
  cut(): Promise<void>;
  heal(): Promise<void>;
};

export type RemoteHost<Name extends string = string> = {
  /** What runs there. It listens at its end of the last link. */
  readonly host: Host;
  readonly links: Readonly<Record<Name, Link>>;
  remove(): Promise<void>;
};

/** The states of a port of a bridge: https://man7.org/linux/man-pages/man8/bridge.8.html */
const [DISABLED, FORWARDING] = [0, 3];

async function ip(...args: string[]): Promise<void> {
  await done("ip", args);
}

async function done(file: string, args: readonly string[]): Promise<string> {
  const { code, out, err } = await ran(file, args);
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}: ${out}${err}`);
  return out;
}

/** Why there can be no hosts; undefined: there can. */
export async function noHosts(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it takes Linux, and root";
  try {
    const made = await remoteHost("probe");
    await made.links.probe.cut();
    await made.remove();
    return undefined;
  } catch (error) {
    return `no network namespaces can be made: ${(error as Error).message}`;
  }
}

const hardwareOf = async (device: string, ...where: string[]): Promise<string> => {
  const [found] = JSON.parse(await done("ip", [...where, "-j", "link", "show", "dev", device])) as { address: string }[];
  return found?.address ?? "";
};

/** Networks that are in use here. */
const taken = new Set<number>();

/** 10.213.n.0/24, of which there may be others by other runs: whoever comes second gets another one. */
function newNetwork(): number {
  for (;;) {
    const [network = 0] = randomBytes(1);
    if (taken.has(network)) continue;
    taken.add(network);
    return network;
  }
}

/** Makes a host with a link for each name. */
export async function remoteHost<Name extends string>(...names: readonly [Name, ...Name[]]): Promise<RemoteHost<Name>> {
  const id = randomBytes(3).toString("hex");
  const namespace = `tidings-${id}`;
  const undo: (() => Promise<unknown>)[] = [];
  const remove = async (): Promise<void> => {
    for (const each of undo.splice(0).reverse()) await each().catch(() => undefined);
  };
  const inside = (...args: string[]) => ip("-n", namespace, ...args);

  /**
   * This machine's end is the address of a bridge, whose one port leads to the host. A port that does not forward lets everything
   * pass away, and both ends stay up. The ends know each other's hardware: else who is silent would be found missing.
   */
  const link = async (name: string, index: number): Promise<[string, Link]> => {
    const [bridge, port, end] = [`tdb${id}${index}`, `tdp${id}${index}`, `tde${id}${index}`];
    const network = newNetwork();
    const [near, far] = [`10.213.${network}.1`, `10.213.${network}.2`];
    await ip("link", "add", bridge, "type", "bridge", "stp_state", "0");
    undo.push(() => ip("link", "del", bridge));
    await ip("link", "add", port, "type", "veth", "peer", "name", end, "netns", namespace);
    await ip("link", "set", port, "master", bridge, "up");
    await ip("addr", "add", `${near}/24`, "dev", bridge);
    await ip("link", "set", bridge, "up");
    await inside("addr", "add", `${far}/24`, "dev", end);
    await inside("link", "set", end, "up");
    const neighbour = (of: string, lladdr: string, dev: string) => [
      "neigh",
      "replace",
      of,
      "lladdr",
      lladdr,
      "dev",
      dev,
      "nud",
      "permanent",
    ];
    await inside(...neighbour(near, await hardwareOf(bridge), end));
    await ip(...neighbour(far, await hardwareOf(end, "-n", namespace), bridge));
    const state = (now: number) => done("bridge", ["link", "set", "dev", port, "state", String(now)]);
    return [name, { near, far, cut: async () => void (await state(DISABLED)), heal: async () => void (await state(FORWARDING)) }];
  };
  try {
    await ip("netns", "add", namespace);
    undo.push(() => ip("netns", "del", namespace));
    await inside("link", "set", "lo", "up");
    const links: [string, Link][] = [];
    for (const [index, name] of names.entries()) links.push(await link(name, index));
    const [, last] = links.at(-1) as [string, Link];
    return {
      host: { address: last.far, command: ["ip", "netns", "exec", namespace] },
      links: Object.fromEntries(links) as Record<Name, Link>,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
