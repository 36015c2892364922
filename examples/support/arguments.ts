import { parseCommandLine } from './command-line.js';

/** What every example takes on its command line. */
export interface ExampleArguments {
  /** Passes over the training data. */
  readonly epochs: number;
  /** Number of training samples to use; all when undefined. */
  readonly limit: number | undefined;
  /** Folder that receives checkpoints. */
  readonly output: string;
  /** Folder of the data, for the examples that take one. */
  readonly data: string | undefined;
}

/**
 * Reads --epochs, --limit, --output and --help; prints `help` and ends when asked to.
 *
 * @param more - what --data is, for an example that takes it
 */
export function readArguments(
  help: string,
  defaults: { epochs: number; output: string },
  more: { data?: string } = {},
): ExampleArguments {
  const { values } = parseCommandLine({
    options: {
      ...(more.data === undefined ? {} : { data: { type: 'string' } }),
      epochs: { type: 'string', default: String(defaults.epochs) },
      limit: { type: 'string' },
      output: { type: 'string', default: defaults.output },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(`${help}

Options:
  --epochs N     passes over the training data (default ${defaults.epochs})
  --limit N      use only the first N training samples and N test samples
  --output PATH  where results are saved (default ${defaults.output})
${more.data === undefined ? '' : `  --data PATH    ${more.data}\n`}  --help         show this text`);
    process.exit(0);
  }
  return {
    epochs: positiveInteger('--epochs', values.epochs),
    limit: values.limit === undefined ? undefined : positiveInteger('--limit', values.limit),
    output: values.output,
    data: typeof values.data === 'string' ? values.data : undefined,
  };
}

function positiveInteger(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${name} must be a positive integer, got ${text}`);
  return process.exit(2);
}
