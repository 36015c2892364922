/**
 * The command line.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** What to measure, and where to write it. */
export interface BenchOptions {
  readonly engines: readonly string[];
  /** Python interpreters; each is asked what it has. */
  readonly pythons: readonly string[];
  readonly pytorch: string | undefined;
  readonly paddle: string | undefined;
  /** Folder in whose node_modules `@tensorflow/tfjs-node` is. */
  readonly tensorflow: string | undefined;
  /** Beginnings of names of measurements; none for all. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly threads: number;
  readonly quick: boolean;
  readonly trace: boolean;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

/** The text of `--help`. */
export const help = `Measures the engines of this package, and other frameworks beside them.

npm run bench -- [options]

  --engines LIST      engines to measure (native,wasm,js)
  --python PATH       a Python interpreter; PyTorch and Paddle are measured where it has them; can be repeated
  --pytorch PATH      the Python interpreter that has PyTorch
  --paddle PATH       the Python interpreter that has Paddle
  --tensorflow PATH   a folder with @tensorflow/tfjs-node in its node_modules
  --only NAME         only measurements whose names begin so: kernels, train, train/resnet50, train/vgg16, train/lenet,
                      predict, epoch, startup; can be repeated
  --rounds N          how often everybody has their turn; the best counts (3, with --quick 1)
  --threads N         threads of everybody (${availableParallelism()})
  --quick             shorter, and less precise
  --trace             print the kernels that training steps spend their time in
  --json FILE         write all results
  --markdown FILE     write the tables, between the marks <!-- bench:begin --> and <!-- bench:end --> where FILE has them
`;

function toCount(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new TypeError(`--${name} must be a positive integer, got ${text}`);
}

/** Reads the command line; undefined when it asks for help. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engines: { type: 'string', default: 'native,wasm,js' },
      python: { type: 'string', multiple: true, default: [] },
      pytorch: { type: 'string' },
      paddle: { type: 'string' },
      tensorflow: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      quick: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    engines: values.engines.split(',').filter(Boolean),
    pythons: values.python,
    pytorch: values.pytorch,
    paddle: values.paddle,
    tensorflow: values.tensorflow,
    only: values.only,
    rounds: toCount('rounds', values.rounds ?? (values.quick ? '1' : '3')),
    threads: toCount('threads', values.threads),
    quick: values.quick,
    trace: values.trace,
    json: values.json,
    markdown: values.markdown,
  };
}
