/**
 * A model's files: `.pdparams` with the network's state, `.pdopt` with the optimizer's.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { FileFormatError, FileNotFoundError, InvalidArgumentError, ShapeMismatchError } from '../common/errors.js';
import { NdArray, sameShape } from '../common/ndarray.js';
import { describeValue } from '../common/options.js';
import { load } from '../framework/load.js';
import { save, type Saveable } from '../framework/save.js';
import type { AnyLayer } from '../nn/layer/layer.js';
import type { Optimizer } from '../optimizer/index.js';

const paramsExtension = '.pdparams';
const optimizerExtension = '.pdopt';

/** A path without the extension of a model's file. */
function withoutExtension(file: unknown): string {
  if (typeof file !== 'string' || path.basename(file) === '') {
    throw new InvalidArgumentError(`path must name a file, such as 'output/model', got ${describeValue(file)}`);
  }
  const extension = path.extname(file);
  return [paramsExtension, optimizerExtension].includes(extension) ? file.slice(0, -extension.length) : file;
}

/**
 * Writes the network's state, and the optimizer's when there is any. Each file is written whole or not at all.
 *
 * @returns the extensions of the files
 */
export async function saveState(file: string, network: AnyLayer, optimizer: Optimizer | null): Promise<string[]> {
  const base = withoutExtension(file);
  const state = optimizer?.stateDict() ?? {};
  const files: Record<string, Saveable> = { [paramsExtension]: network.stateDict() };
  if (Object.keys(state).length > 0) files[optimizerExtension] = state;
  await Promise.all(Object.entries(files).map(([extension, value]) => save(value, base + extension)));
  return Object.keys(files);
}

/** Arrays of a loaded state by key. */
function arraysOf(file: string, state: unknown): Record<string, NdArray> {
  const entries = state !== null && typeof state === 'object' ? Object.entries(state) : [];
  const arrays = entries.filter((entry): entry is [string, NdArray] => entry[1] instanceof NdArray);
  if (arrays.length === 0) throw new FileFormatError(file, `${file} holds no parameters`);
  return Object.fromEntries(arrays);
}

/** Throws when the state does not fit the network. */
function checkFit(file: string, network: AnyLayer, state: Readonly<Record<string, NdArray>>): void {
  for (const [key, { shape }] of Object.entries(network.stateDict())) {
    const value = state[key];
    if (value === undefined) {
      throw new InvalidArgumentError(
        `${file} has no '${key}', which the network needs; pass skipMismatch: true to leave it as it is`,
      );
    }
    if (!sameShape(value.shape, shape)) {
      throw new ShapeMismatchError(
        `'${key}' has shape [${shape.join(', ')}] in the network, but [${value.shape.join(', ')}] in ${file}; pass skipMismatch: true to leave it as it is`,
      );
    }
  }
}

/** True when the network took all of its state from the file. */
async function loadNetwork(file: string, network: AnyLayer, skipMismatch: boolean): Promise<boolean> {
  if (!existsSync(file)) {
    throw new FileNotFoundError(file, `there is no file ${file}; Model.load takes the path that Model.save was given`);
  }
  const state = arraysOf(file, await load(file, { returnNumpy: true }));
  if (!skipMismatch) checkFit(file, network, state);
  return network.setStateDict(state).missingKeys.length === 0;
}

/**
 * Reads what {@link saveState} wrote. The optimizer's state is left alone when it has no file, when `resetOptimizer` is
 * set, or when part of the network's state was skipped.
 */
export async function loadState(
  file: string,
  network: AnyLayer,
  optimizer: Optimizer | null,
  options: { readonly skipMismatch: boolean; readonly resetOptimizer: boolean },
): Promise<void> {
  const base = withoutExtension(file);
  const isComplete = await loadNetwork(base + paramsExtension, network, options.skipMismatch);
  const optimizerFile = base + optimizerExtension;
  if (optimizer === null || options.resetOptimizer || !isComplete || !existsSync(optimizerFile)) return;
  optimizer.setStateDict(await load(optimizerFile, { returnNumpy: true }));
}
