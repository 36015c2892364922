/**
 * Names and values of several metrics.
 *
 * @module
 */
import type { Metric } from '../metric/index.js';

/** The names of all metrics; one metric may have several. */
export function metricNames(metrics: readonly Metric[]): string[] {
  return metrics.flatMap((metric) => metric.name());
}

/** What all metrics have accumulated, by name. */
export function metricValues(metrics: readonly Metric[]): Record<string, number> {
  const values = metrics.flatMap((metric) => metric.accumulate());
  return Object.fromEntries(metricNames(metrics).map((name, index) => [name, values[index] ?? NaN]));
}
