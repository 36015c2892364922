// Measures the engines of this package, and other frameworks beside them: npm run bench -- --help
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { checkBars } from './bars.js';
import * as contenders from './contenders.js';
import type { Contender } from './contenders.js';
import { allMeasurements, type Measurement } from './measurements.js';
import { writeMnist } from './mnist.js';
import { help, readOptions, type BenchOptions } from './options.js';
import { barTable, figureTable, kernelTable, replaceBetweenMarks, toMarkdown, toText, traceTables } from './report.js';
import { bestFigures, type Failure, type Results, type Sample } from './results.js';

/** A contender that was asked what it is. */
interface Present {
  readonly contender: Contender;
  readonly label: string;
  readonly threads: number;
}

/** All contenders that the options name. */
async function listContenders(options: BenchOptions): Promise<Contender[]> {
  const { engines, threads, tensorflow } = options;
  const found = { torch: options.pytorch, paddle: options.paddle };
  for (const python of options.pythons) {
    for (const name of await contenders.pythonPackages(python, ['torch', 'paddle'])) {
      found[name as keyof typeof found] ??= python;
    }
  }
  return [
    ...engines.map((name) => contenders.engine(name, threads)),
    ...(tensorflow === undefined ? [] : [contenders.tensorflow(path.resolve(tensorflow))]),
    ...(found.torch === undefined ? [] : [contenders.pytorch(found.torch, threads)]),
    ...(found.paddle === undefined ? [] : [contenders.paddle(found.paddle, threads)]),
  ];
}

/** Asks each contender what it is; one that cannot run is reported and left out. */
async function findPresent(list: readonly Contender[], log: (line: string) => void): Promise<Present[]> {
  const present: Present[] = [];
  for (const contender of list) {
    const variant = contender.variants.at(-1);
    if (variant === undefined) continue;
    try {
      const { label, threads } = await contenders.runTask(variant, { task: 'info' });
      log(`${contender.name}: ${String(label)}, ${String(threads)} threads`);
      present.push({ contender, label: String(label), threads: Number(threads) });
    } catch (error) {
      log(`${contender.name}: not available (${(error as Error).message})`);
    }
  }
  return present;
}

/** Runs all measurements: in each round every variant of every contender has its turn. */
async function measure(
  list: readonly Contender[],
  measurements: readonly Measurement[],
  rounds: number,
): Promise<{ samples: Sample[]; failures: Failure[] }> {
  const samples: Sample[] = [];
  const failures: Failure[] = [];
  for (const { id: measurement, task, suits } of measurements) {
    const turns = list
      .filter(suits)
      .flatMap((contender) => contender.variants.map((variant) => ({ contender: contender.name, variant })));
    for (let round = 1; round <= rounds; round++) {
      for (const { contender, variant } of turns) {
        const name = [contender, variant.name].filter(Boolean).join(', ');
        if (failures.some((one) => one.measurement === measurement && one.contender === name)) continue;
        progress(`${measurement}, round ${round} of ${rounds}: ${name}`);
        try {
          const result = await contenders.runTask(variant, task);
          samples.push({ measurement, contender, variant: variant.name, result });
        } catch (error) {
          failures.push({ measurement, contender: name, reason: (error as Error).message });
        }
      }
    }
  }
  progress('');
  return { samples, failures };
}

/** Shows what is going on in the last line of a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

async function main(options: BenchOptions): Promise<void> {
  const log = (line: string) => console.log(line);
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
  const machineLine = `${machine.processor}, ${machine.cores} cores, ${machine.memoryGB} GB, Node ${machine.node} on ${machine.platform}`;
  log(`${machineLine}\n`);
  const present = await findPresent(await listContenders(options), log);
  const names = present.map(({ contender }) => contender.name);
  const peers = present.filter(({ contender }) => contender.kind === 'peer').map(({ contender }) => contender.name);
  const folder = await mkdtemp(path.join(tmpdir(), 'paddlewheel-bench-'));
  try {
    const measurements = allMeasurements(folder, options.quick).filter(
      ({ id }) => options.only.length === 0 || options.only.some((name) => id.startsWith(name)),
    );
    if (measurements.some(({ id }) => id === 'epoch')) await writeMnist(folder);
    const list = present.map(({ contender }) => contender);
    const { samples, failures } = await measure(list, measurements, options.rounds);
    const results: Results = { figures: bestFigures(measurements, samples), samples, failures };
    const bars = checkBars(results.figures);

    const kernels = results.figures.filter(({ measurement }) => measurement === 'kernels');
    const others = results.figures.filter(({ measurement }) => measurement !== 'kernels');
    const tables = [
      ...(kernels.length > 0 ? [kernelTable(kernels, names)] : []),
      ...(others.length > 0 ? [figureTable(others, names, peers)] : []),
      ...(bars.length > 0 ? [barTable(bars)] : []),
    ];
    for (const table of tables) log(`\n${toText(table)}`);
    if (options.trace) for (const { title, table } of traceTables(results)) log(`\n${title}\n${toText(table)}`);
    for (const { measurement, contender, reason } of failures) log(`\nfailed: ${measurement}, ${contender}: ${reason}`);

    if (options.json !== undefined) {
      const contenders = present.map(({ contender: { name, kind }, label, threads }) => ({
        name,
        kind,
        label,
        threads,
      }));
      await writeFile(options.json, `${JSON.stringify({ machine, contenders, ...results, bars }, null, 2)}\n`);
    }
    if (options.markdown !== undefined) {
      const versions = present.map(
        ({ contender, label, threads }) => `${contender.name}: ${label}, ${threads} threads`,
      );
      const text = [`${machineLine}. ${versions.join('; ')}.`, ...tables.map(toMarkdown)].join('\n\n');
      const page = await readFile(options.markdown, 'utf8').catch(() => '');
      await writeFile(options.markdown, replaceBetweenMarks(page, text));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const options = readOptions(process.argv.slice(2));
if (options === undefined) console.log(help);
else await main(options);
