/**
 * What a report shows.
 *
 * @module
 */
import type { LogValue } from '../../model/events.js';
import type { PassRecord } from '../run-recorder.js';
import type { Fact } from './facts.js';

/** Whether a run goes on, and how it ended. */
export type RunStatus = 'running' | 'finished' | 'failed';

/** An epoch's training or an evaluation. */
export interface ReportPass {
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, LogValue | null>>;
  readonly seconds: number;
  readonly samplesPerSecond: number | null;
}

/** An epoch. */
export interface ReportEpoch {
  /** Number from 0. */
  readonly epoch: number;
  /** Where it ends on the axis of the curves. */
  readonly x: number;
  readonly learningRate: number | null;
  readonly train: ReportPass;
  readonly val?: ReportPass;
}

/** Everything that a report shows. */
export interface ReportData {
  readonly title: string;
  readonly status: RunStatus;
  /** Moment of the first batch's beginning, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Moment of this state. */
  readonly updatedAt: number;
  /** Time that training has taken, over all resumed runs. */
  readonly seconds: number;
  readonly epochs: number | undefined;
  /** Batches of an epoch, if known: then the axis counts epochs, else batches. */
  readonly steps: number | undefined;
  /** Batches trained on. */
  readonly globalStep: number;
  /** Names of the metrics. */
  readonly metricNames: readonly string[];
  /** Whether a higher value of a metric is better, by its name. */
  readonly higherIsBetter: Readonly<Record<string, boolean>>;
  readonly passes: readonly ReportEpoch[];
  /** Columns x, loss, learning rate, samples per second and each metric. */
  readonly curve: readonly (readonly number[])[];
  readonly settings: readonly Fact[];
  readonly environment: readonly Fact[];
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);

/** A pass as a report keeps it. */
export function reportPass({ loss, metrics, seconds, samplesPerSecond }: PassRecord): ReportPass {
  const values = Object.entries(metrics).map(([name, value]) => [
    name,
    typeof value === 'number' ? finite(value) : value,
  ]);
  return {
    loss: finite(loss),
    metrics: Object.fromEntries(values) as ReportPass['metrics'],
    seconds,
    samplesPerSecond: finite(samplesPerSecond),
  };
}

/** The number of a metric that a curve shows: of several values the first. */
export function firstNumber(value: LogValue | null | undefined): number | null {
  return finite([value ?? undefined].flat()[0]);
}
