/** A metric family of one sample or more. */
export interface Metric {
  /** With the base unit, and `_total` where it counts up. */
  name: string;
  help: string;
  type: "counter" | "gauge";
  samples: readonly Sample[];
}

export interface Sample {
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** A histogram without labels. */
export interface Histogram {
  name: string;
  help: string;
  type: "histogram";
  /** Upper bounds of the buckets, rising, without infinity. */
  bounds: readonly number[];
  /** Observations by bucket, not summed up; one more than bounds. */
  counts: readonly number[];
  sum: number;
}

/**
 * Metrics in Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): what node_exporter's textfile collector reads.
 */
export function prometheusText(metrics: readonly (Metric | Histogram)[]): string {
  const lines = metrics.flatMap((metric) => [
    `# HELP ${metric.name} ${metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${metric.name} ${metric.type}`,
    ...(metric.type === "histogram"
      ? histogramLines(metric)
      : metric.samples.map(({ labels = {}, value }) => sampleLine(metric.name, labels, value))),
  ]);
  return `${lines.join("\n")}\n`;
}

function histogramLines({ name, bounds, counts, sum }: Histogram): string[] {
  let below = 0;
  const buckets = counts.map((count, bucket) => {
    below += count;
    const bound = bounds[bucket];
    return sampleLine(`${name}_bucket`, { le: bound === undefined ? "+Inf" : String(bound) }, below);
  });
  return [...buckets, sampleLine(`${name}_sum`, {}, sum), sampleLine(`${name}_count`, {}, below)];
}

function sampleLine(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
