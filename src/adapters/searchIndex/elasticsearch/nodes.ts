import type { ClientOptions } from "@elastic/elasticsearch";

/**
 * The nodes of a cluster: `https://user:password@a:9200,https://b:9200`. A node without credentials gets those of another node.
 * They are removed from the addresses, because errors show addresses. Throws `TypeError` if an address is not valid; the error
 * does not contain it.
 */
export function nodesOf(urls: string): Pick<ClientOptions, "nodes" | "auth"> & { nodes: string[] } {
  const addresses = urls.split(",").map((text) => {
    const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw new TypeError(
        "an address of Elasticsearch is http://host:port or https://user:password@host:port; several are separated by commas",
      );
    const credentials = url.username === "" ? undefined : { username: textOf(url.username), password: textOf(url.password) };
    url.username = "";
    url.password = "";
    return { url: url.href, credentials };
  });
  const known = addresses.flatMap(({ credentials }) => (credentials ? [credentials] : []));
  const [auth] = known;
  if (known.some(({ username, password }) => username !== auth?.username || password !== auth.password))
    throw new TypeError("the nodes of one Elasticsearch cluster have the same user and password");
  return { nodes: addresses.map(({ url }) => url), ...(auth && { auth }) };
}

/** Decodes `%40` to `@`. A percent sign that encodes nothing stays. */
function textOf(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
