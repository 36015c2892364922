/**
 * Reports for people.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
import { checkNumber, checkOptions, checkPath, describeValue } from '../common/options.js';
import type { CallbackState } from './callback.js';
import { Curve, type CurveState } from './report/curve.js';
import { environmentFacts, settingFacts, type Fact } from './report/facts.js';
import { renderReport } from './report/page.js';
import { firstNumber, reportPass, type ReportData, type ReportEpoch, type RunStatus } from './report/report-data.js';
import { RunRecorder, type PassRecord, type StepRecord } from './run-recorder.js';

/** Options of {@link HtmlReport}. */
export interface HtmlReportOptions {
  /** Headline. @defaultValue the name of the network's class */
  readonly title?: string;
  /** Further rows for the table of settings, such as the data set and its augmentation. @defaultValue {} */
  readonly settings?: Readonly<Record<string, string | number | boolean | null>>;
  /** Seconds from one writing of the page to the next within an epoch, at least 0. @defaultValue 10 */
  readonly interval?: number;
}

/** Seconds between two writings at the ends of epochs and evaluations, which may be short. */
const shortestInterval = 1;

/**
 * Writes a page with the curves of a training: loss, metrics, learning rate and throughput, of training and validation,
 * with a table of the epochs, the settings and the environment.
 *
 * The page is one file that opens without a network, in light and dark. It is written while training runs, whole or not
 * at all, and an open page reloads itself. Long runs are thinned to about a thousand points a curve.
 *
 * @example
 * ```ts
 * const report = new HtmlReport('./output/report.html', { settings: { data: 'CIFAR-10', batchSize: 128 } });
 * await model.fit(trainDataset, valDataset, { epochs: 50, batchSize: 128, callbacks: report });
 * ```
 */
export class HtmlReport extends RunRecorder {
  readonly #file: string;
  readonly #title: string | undefined;
  readonly #extraSettings: readonly Fact[];
  readonly #interval: number;
  #curve = new Curve(0);
  #passes: ReportEpoch[] = [];
  #settings: readonly Fact[] = [];
  #environment: readonly Fact[] = [];
  #isFit = false;
  #startedAt = 0;
  /** Seconds of the runs before this one. */
  #earlierSeconds = 0;
  #runStart = 0;
  #writtenAt = 0;

  /** @param file - path of the page, created with its folders; an existing one is replaced */
  constructor(file: string, options: HtmlReportOptions = {}) {
    checkOptions('HtmlReport', options, ['title', 'settings', 'interval']);
    super(1);
    this.#file = checkPath('file', file);
    const { title, settings = {} } = options;
    if (title !== undefined && typeof title !== 'string') {
      throw new InvalidArgumentError(`title must be a text, got ${describeValue(title)}`);
    }
    if (settings === null || typeof settings !== 'object' || Array.isArray(settings)) {
      throw new InvalidArgumentError(`settings must be an object of names and values, got ${describeValue(settings)}`);
    }
    this.#title = title;
    this.#extraSettings = Object.entries(settings).map(([name, value]) => [name, String(value)]);
    this.#interval = checkNumber('interval', options.interval ?? 10, 0);
  }

  protected override async recordBegin(): Promise<void> {
    this.#curve = new Curve(4 + this.#metricNames.length);
    this.#passes = [];
    this.#settings = [...settingFacts(this.model, this.params), ...this.#extraSettings];
    this.#environment = environmentFacts();
    this.#isFit = true;
    this.#startedAt = Date.now();
    this.#earlierSeconds = 0;
    this.#runStart = performance.now();
    await this.#write('running');
  }

  protected override async recordStep(record: StepRecord): Promise<void> {
    const { loss = NaN, learningRate = NaN, samplesPerSecond, metrics } = record;
    const values = this.#metricNames.map((name) => firstNumber(metrics[name]) ?? NaN);
    this.#curve.add([this.#positionOf(record), loss, learningRate, samplesPerSecond, ...values]);
    await this.#writeAfter(this.#interval);
  }

  protected override async recordPass(record: PassRecord): Promise<void> {
    const { kind, epoch, learningRate = NaN, globalStep } = record;
    if (!this.#isFit || epoch === undefined) return;
    const last = this.#passes.at(-1);
    if (kind === 'train') {
      const x = this.params.steps === undefined ? globalStep : epoch + 1;
      const rate = Number.isFinite(learningRate) ? learningRate : null;
      this.#passes.push({ epoch, x, learningRate: rate, train: reportPass(record) });
    } else if (kind === 'eval' && last) {
      this.#passes.splice(-1, 1, { ...last, val: reportPass(record) });
    }
    await this.#writeAfter(Math.min(shortestInterval, this.#interval));
  }

  protected override async recordEnd(): Promise<void> {
    this.#isFit = false;
    await this.#write('finished');
  }

  protected override async recordFailure(): Promise<void> {
    this.#isFit = false;
    await this.#write('failed');
  }

  /** The state, with all that the page shows of the run so far. */
  override stateDict(): CallbackState {
    return {
      ...super.stateDict(),
      startedAt: this.#startedAt,
      seconds: this.#seconds,
      passes: [...this.#passes],
      curve: this.#curve.state(),
    };
  }

  /** Takes back a state, and with it the curves of the run before. */
  override setStateDict(state: CallbackState): void {
    const seconds = checkNumber('seconds', state.seconds, 0);
    const startedAt = checkNumber('startedAt', state.startedAt, 0);
    if (!Array.isArray(state.passes) || typeof state.curve !== 'object') {
      throw new InvalidArgumentError(`state of HtmlReport must hold passes and curve, got ${describeValue(state)}`);
    }
    super.setStateDict(state);
    this.#earlierSeconds = seconds;
    this.#runStart = performance.now();
    this.#startedAt = startedAt;
    this.#passes = [...(state.passes as readonly ReportEpoch[])];
    this.#curve.setState(state.curve as CurveState);
  }

  get #metricNames(): readonly string[] {
    return this.params.metrics.filter((name) => name !== 'loss');
  }

  get #seconds(): number {
    return this.#earlierSeconds + (performance.now() - this.#runStart) / 1000;
  }

  #positionOf({ epoch, step, globalStep }: StepRecord): number {
    const { steps } = this.params;
    return steps === undefined ? globalStep : epoch + (step + 1) / steps;
  }

  async #writeAfter(seconds: number): Promise<void> {
    if (performance.now() - this.#writtenAt >= seconds * 1000) await this.#write('running');
  }

  async #write(status: RunStatus): Promise<void> {
    const { epochs, steps } = this.params;
    const data: ReportData = {
      title: this.#title ?? this.model.network.constructor.name,
      status,
      startedAt: this.#startedAt,
      updatedAt: Date.now(),
      seconds: this.#seconds,
      epochs,
      steps,
      globalStep: this.globalStep,
      metricNames: this.#metricNames,
      higherIsBetter: Object.fromEntries(
        this.model.metrics.flatMap((metric) => [metric.name()].flat().map((name) => [name, metric.higherIsBetter])),
      ),
      passes: this.#passes,
      curve: this.#curve.columns(),
      settings: this.#settings,
      environment: this.#environment,
    };
    await writeFileAtomic(this.#file, Buffer.from(renderReport(data)));
    this.#writtenAt = performance.now();
  }
}
