import { collectDefaultMetrics, Counter, Gauge, type Registry } from "prom-client";
import type { Connections } from "./connections.ts";
import type { Executor } from "./execution/execute.ts";
import { durationMetric } from "./durationMetric.ts";
import type { EventStreams } from "./eventStreams.ts";
import type { Sockets } from "./socket/socket.ts";
import type { Subscriptions } from "./subscriptions.ts";

export type Measured = {
  executor: Executor;
  sockets: Sockets;
  streams: EventStreams;
  subscriptions: Subscriptions;
  connections: Connections;
};

/**
 * Adds the metrics of the process and of the transports. They are plain numbers and are read only when /metrics is asked for,
 * so requests do not pay for them.
 */
export function addMetrics(registry: Registry, { executor, sockets, streams, subscriptions, connections }: Measured): void {
  const registers = [registry];
  if (registry.getSingleMetric("process_cpu_user_seconds_total") === undefined) collectDefaultMetrics({ register: registry });

  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge("tidings_sockets", "WebSockets that are open", () => sockets.counts.sockets);
  gauge("tidings_event_streams", "streams of server-sent events that are open", () => streams.counts.streams);
  gauge("tidings_connections", "TCP connections that are open", () => connections.counts.connections);
  gauge("tidings_waiting_bytes", "bytes that wait to be sent", () => connections.waiting.bytes);
  gauge("tidings_subscriptions", "subscriptions that are running", () => subscriptions.running);

  total("tidings_sockets_opened_total", "WebSockets opened so far", [], () => [[{}, sockets.counts.opened]]);
  total("tidings_sockets_dropped_total", "WebSockets closed for overload or slow reading", [], () => [
    [{}, sockets.counts.dropped],
  ]);
  total("tidings_event_streams_opened_total", "streams of server-sent events opened so far", [], () => [
    [{}, streams.counts.opened],
  ]);
  total("tidings_event_streams_dropped_total", "streams of server-sent events cut off for overload or slow reading", [], () => [
    [{}, streams.counts.dropped],
  ]);
  total("tidings_connections_refused_total", "TCP connections that were refused because there were too many", [], () => [
    [{}, connections.counts.refused],
  ]);
  total("tidings_deliveries_shared_total", "deliveries whose result was there already", [], () => [[{}, executor.counts.shared]]);
  total("tidings_operations_total", "operations run", ["kind"], () =>
    Object.entries(executor.counts.operations).map(([kind, count]) => [{ kind }, count]),
  );
  total("tidings_errors_total", "errors shown to clients", ["code"], () =>
    Object.entries(executor.counts.errors).map(([code, count]) => [{ code }, count]),
  );

  const { query, mutation, subscription } = executor.counts.took;
  durationMetric(registry, "tidings_operation_seconds", "how long operations took; that of a subscription, until it began", [
    [{ kind: "query" }, query],
    [{ kind: "mutation" }, mutation],
    [{ kind: "subscription" }, subscription],
  ]);
  durationMetric(
    registry,
    "tidings_delivery_seconds",
    "how long it took from the moment a message was sent to the message that told a subscriber of it",
    [[{}, subscriptions.deliveries]],
  );

  function total(name: string, help: string, labelNames: string[], values: () => [Record<string, string>, number][]): void {
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.inc(labels, value);
      },
    });
  }
}
