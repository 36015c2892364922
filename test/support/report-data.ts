/** A report with known numbers. */
import type { ReportData } from '../../src/callbacks/report/report-data.js';

const pass = (loss: number | null, acc: number, samplesPerSecond = 800) => ({
  loss,
  metrics: { acc },
  seconds: 65,
  samplesPerSecond,
});

/** A run of four epochs of which two are done. */
export function reportData(changes: Partial<ReportData> = {}): ReportData {
  return {
    title: 'ResNet',
    status: 'running',
    startedAt: Date.UTC(2026, 2, 1, 12, 0, 0),
    updatedAt: Date.UTC(2026, 2, 1, 12, 3, 0),
    seconds: 180,
    epochs: 4,
    steps: 10,
    globalStep: 20,
    metricNames: ['acc'],
    higherIsBetter: { acc: true },
    passes: [
      { epoch: 0, x: 1, learningRate: 0.1, train: pass(2, 0.25), val: pass(1.75, 0.5, 1600) },
      { epoch: 1, x: 2, learningRate: 0.05, train: pass(1, 0.625), val: pass(1.5, 0.375, 1700) },
    ],
    curve: [
      Array.from({ length: 20 }, (_, index) => (index + 1) / 10),
      Array.from({ length: 20 }, (_, index) => 2.5 - index / 10),
      Array.from({ length: 20 }, (_, index) => (index < 10 ? 0.1 : 0.05)),
      Array.from({ length: 20 }, () => 800),
      Array.from({ length: 20 }, (_, index) => index / 40),
    ],
    settings: [['Network', 'ResNet']],
    environment: [['Device', 'cpu']],
    ...changes,
  };
}
