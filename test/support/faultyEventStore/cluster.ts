import { faultyEventStore, type FaultyEventStore } from "./faultyEventStore.ts";
import { eventLog } from "./log.ts";

export type FaultyCluster = {
  readonly nodes: readonly FaultyEventStore[];
  readonly leader: FaultyEventStore;
  /** A connection string by which a client finds the leader. */
  readonly url: string;
  /** Another node leads from now on. */
  elect(leader: FaultyEventStore): void;
  close(): Promise<void>;
};

/** Three nodes over one log; the first leads. Followers pass appends on, except those that ask for the leader. */
export async function faultyCluster(): Promise<FaultyCluster> {
  const log = eventLog();
  const nodes: FaultyEventStore[] = [];
  for (let count = 0; count < 3; count++) nodes.push(await faultyEventStore({ log, members: () => nodes }));
  let leader = nodes[0] as FaultyEventStore;
  const elect = (elected: FaultyEventStore): void => {
    leader = elected;
    log.forget();
    for (const node of nodes) node.follow(node === elected ? undefined : elected);
  };
  elect(leader);
  return {
    nodes,
    get leader() {
      return leader;
    },
    url: `esdb+discover://${nodes.map(({ host, port }) => `${host}:${port}`).join(",")}?tls=false&discoveryInterval=10`,
    elect,
    close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
  };
}
