import { lookup as lookUp } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import { isPublicAddress } from "../../ports/publicAddress.ts";

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<readonly { address: string; family: number }[]>;

/** `private`: also addresses that are not of the internet, and http: all of them, or those of these ranges. */
export type ReachOptions = { private: "allow" | readonly string[]; resolve?: Resolve };

/** Where webhooks may lead. */
export type Reach = {
  /** Why an address is not allowed, as far as its text tells; undefined: it may be. */
  faultIn(url: string): string | undefined;
  /** The same, once its name was looked up. A name that is not found now may be found later. */
  faultOf(url: string): Promise<string | undefined>;
  /** The addresses to connect to: what is looked up is what is checked. Rejects if one of them is not allowed. */
  addressesOf(hostname: string, isPlain: boolean): Promise<readonly { address: string; family: number }[]>;
};

const NOT_PUBLIC = "it leads to an address that is not of the internet";

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "");

/** An address of IPv4 that is written as one of IPv6, as that of IPv4. */
const unmapped = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

export function reach({ private: ranges, resolve = (name) => lookUp(name, { all: true, verbatim: true }) }: ReachOptions): Reach {
  const open = new BlockList();
  for (const range of ranges === "allow" ? [] : ranges) {
    const [address = "", prefix] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    open.addSubnet(address, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
  }
  const isOpened = (address: string): boolean =>
    ranges === "allow" || open.check(unmapped(address), isIP(unmapped(address)) === 6 ? "ipv6" : "ipv4");
  const isAllowed = (address: string, isPlain: boolean): boolean => isOpened(address) || (!isPlain && isPublicAddress(address));

  const addressesOf: Reach["addressesOf"] = async (hostname, isPlain) => {
    const host = bare(hostname);
    const family = isIP(host);
    const found = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (found.length === 0) throw new Error(`${host} has no address`);
    // One that is not allowed among others is a trap.
    if (!found.every(({ address }) => isAllowed(address, isPlain))) throw new Error(NOT_PUBLIC);
    return found;
  };

  const faultIn = (text: string): string | undefined => {
    if (!URL.canParse(text)) return "it is no address";
    const url = new URL(text);
    if (url.protocol !== "https:" && !(url.protocol === "http:" && ranges.length > 0)) return "it must begin with https://";
    if (url.username !== "" || url.password !== "") return "it must hold no password: the signature says who calls";
    const host = bare(url.hostname);
    if (isIP(host) !== 0 && !isAllowed(host, url.protocol === "http:")) return NOT_PUBLIC;
    return undefined;
  };

  return {
    faultIn,
    addressesOf,
    faultOf: async (text) => {
      const fault = faultIn(text);
      if (fault !== undefined) return fault;
      const { hostname, protocol } = new URL(text);
      return addressesOf(hostname, protocol === "http:").then(
        () => undefined,
        (error: Error) => (error.message === NOT_PUBLIC ? NOT_PUBLIC : undefined),
      );
    },
  };
}
