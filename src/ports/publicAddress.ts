import { BlockList, isIP } from "node:net";

/** What is not reached over the internet: of a network of one's own, of this machine, kept for examples, many at once. */
const RESERVED: readonly (readonly [address: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

const reserved = new BlockList();
for (const [address, prefix] of RESERVED) reserved.addSubnet(address, prefix, "ipv4");

/** All that is given out of IPv6 lies in 2000::/3. Some of it holds an address of IPv4, or is for examples. */
const given = new BlockList();
given.addSubnet("2000::", 3, "ipv6");
const tunnels = new BlockList();
for (const [address, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  tunnels.addSubnet(address, prefix, "ipv6");

/** Whether an address of IPv4 or IPv6 is one of the internet. Anything else is none. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !reserved.check(address, "ipv4");
  return family === 6 && given.check(address, "ipv6") && !tunnels.check(address, "ipv6");
}

/**
 * Whether the host of an address (`URL.hostname`) may be of the internet, as far as its name tells. What a name leads to is known
 * only once it was looked up: that is checked again then.
 */
export function mayBePublic(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes(".") && !/\.(localhost|local|internal|home\.arpa|lan|intranet|onion)\.?$/i.test(host);
}
