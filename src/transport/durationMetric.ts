import type { Histogram, Registry } from "prom-client";
import { BOUNDS, type Durations } from "../ports/durations.ts";

type Labelled = [labels: Record<string, string>, durations: Durations];

/** Adds a histogram of durations that are counted elsewhere. They are read only when the metrics are asked for. */
export function durationMetric(registry: Registry, name: string, help: string, values: readonly Labelled[]): void {
  const lines = ([labels, { counts, sum }]: Labelled) => {
    let total = 0;
    const buckets = counts.map((count, index) => {
      total += count;
      return { labels: { ...labels, le: BOUNDS[index] ?? "+Inf" }, value: total, metricName: `${name}_bucket` };
    });
    return [...buckets, { labels, value: sum, metricName: `${name}_sum` }, { labels, value: total, metricName: `${name}_count` }];
  };
  const metric = { name, help, get: async () => ({ name, help, type: "histogram", values: values.flatMap(lines) }) };
  // A registry asks a metric for nothing else. A histogram of the library itself makes a key of its labels at each observation,
  // which costs a hundred times as much as counting.
  registry.registerMetric(metric as unknown as Histogram);
}
