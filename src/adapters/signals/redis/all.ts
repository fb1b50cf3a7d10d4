/* What a server loads that is told by Redis. Other servers start without it. */
export { redisCommits } from "./commits.ts";
export { redisAt } from "./connection.ts";
export { redisElsewhere } from "./elsewhere.ts";
export { redisEphemeral } from "./ephemeral.ts";
export { redisOrders } from "./orders.ts";
export { redisSignals } from "./signals.ts";
export { redisTurn } from "./turn.ts";
