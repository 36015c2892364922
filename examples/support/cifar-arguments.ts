import { parseCommandLine } from './command-line.js';

/** What the examples on CIFAR-10 take on their command line. */
export interface CifarArguments {
  /** Name of the network. */
  readonly model: string;
  /** Passes over the training data. */
  readonly epochs: number;
  /** Images in a batch. */
  readonly batchSize: number;
  /** Number of training images to use; all when undefined. */
  readonly limit: number | undefined;
  /** Threads that load data. */
  readonly workers: number;
  /** Paddle's archive of CIFAR-10; found or downloaded when undefined. */
  readonly data: string | undefined;
  /** Folder that receives checkpoints. */
  readonly output: string;
  /** Go on from the newest checkpoint. */
  readonly resume: boolean;
}

/**
 * Reads the options of an example on CIFAR-10; prints `help` and ends when asked to.
 *
 * @param models - the networks to choose from
 */
export function readCifarArguments(
  help: string,
  defaults: { epochs: number; batchSize: number; workers: number; output: string },
  models: readonly string[],
): CifarArguments {
  const [first = ''] = models;
  const { values } = parseCommandLine({
    options: {
      model: { type: 'string', default: first },
      epochs: { type: 'string', default: String(defaults.epochs) },
      'batch-size': { type: 'string', default: String(defaults.batchSize) },
      limit: { type: 'string' },
      workers: { type: 'string', default: String(defaults.workers) },
      data: { type: 'string' },
      output: { type: 'string', default: defaults.output },
      resume: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(`${help}

Options:
  --model NAME    ${models.join(', ')} (default ${first})
  --epochs N      passes over the training data (default ${defaults.epochs})
  --batch-size N  images in a batch (default ${defaults.batchSize})
  --limit N       use only the first N training images and N test images
  --workers N     threads that load data (default ${defaults.workers})
  --data FILE     cifar-10-python.tar.gz, when it is not to be downloaded
  --output PATH   where checkpoints are saved (default ${defaults.output})
  --resume        go on from the newest checkpoint there
  --help          show this text`);
    process.exit(0);
  }
  if (!models.includes(values.model)) fail(`--model must be one of ${models.join(', ')}, got ${values.model}`);
  return {
    model: values.model,
    epochs: integer('--epochs', values.epochs, 1),
    batchSize: integer('--batch-size', values['batch-size'], 1),
    limit: values.limit === undefined ? undefined : integer('--limit', values.limit, 1),
    workers: integer('--workers', values.workers, 0),
    data: values.data,
    output: values.output,
    resume: values.resume,
  };
}

function integer(name: string, text: string, minimum: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= minimum) return value;
  return fail(`${name} must be ${minimum === 1 ? 'a positive' : 'a non-negative'} integer, got ${text}`);
}

function fail(message: string): never {
  console.error(message);
  return process.exit(2);
}
