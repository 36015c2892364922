/**
 * Builders of networks, and the trained weights that they load.
 *
 * @module
 */
import { homedir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { FileFormatError, InvalidArgumentError } from '../../common/errors.js';
import { checkOptions, describeValue } from '../../common/options.js';
import { load } from '../../framework/load.js';
import type { AnyLayer, StateDict } from '../../nn/layer/layer.js';
import { locate } from '../datasets/sources.js';

/** A file of trained weights. */
export interface Weights {
  /** Where Paddle serves it. */
  readonly url: string;
  /** MD5 of the file, in hexadecimal digits. */
  readonly md5: string;
}

/** Weights that were trained with the high-level API. */
export const hapiWeights = (name: string, md5: string): Weights => ({
  url: `https://paddle-hapi.bj.bcebos.com/models/${name}.pdparams`,
  md5,
});

/** Weights that were trained for Paddle's collection of ImageNet models. */
export const imagenetWeights = (name: string, md5: string): Weights => ({
  url: `https://paddle-imagenet-models-name.bj.bcebos.com/dygraph/${name}_pretrained.pdparams`,
  md5,
});

/**
 * Makes a network.
 *
 * With `pretrained: true` it comes, as a promise, with the weights that Paddle trained on ImageNet: downloaded once into
 * `~/.cache/paddle/hapi/weights` (or the folder in PADDLEWHEEL_WEIGHTS_HOME). With the path of a `.pdparams` file as
 * `pretrained` it comes with those. Weights whose shape does not fit, as those of a classifier with another `numClasses`,
 * keep their first values, with a warning.
 */
export interface ModelBuilder<Network, Options> {
  (options?: Options & { readonly pretrained?: false }): Network;
  (options: Options & { readonly pretrained: true | string }): Promise<Network>;
  (options: Options & { readonly pretrained?: boolean | string }): Network | Promise<Network>;
}

/** How a builder works. */
interface Recipe<Network, Options> {
  /** Names of the options, without `pretrained`. */
  readonly options: readonly string[];
  /** Makes the network. */
  readonly make: (options: Options) => Network;
  /** Trained weights for the options, if there are any. */
  readonly weights?: ((options: Options) => Weights | undefined) | undefined;
}

const weightsByBuilder = new WeakMap<object, (options: object) => Weights | undefined>();

/** True for what {@link defineBuilder} made. */
export function isBuilder(value: unknown): value is object {
  return typeof value === 'function' && weightsByBuilder.has(value);
}

/** The trained weights that a builder knows for these options. */
export function weightsOf(builder: object, options: object = {}): Weights | undefined {
  return weightsByBuilder.get(builder)?.(options);
}

/** Makes a builder; `name` is the one that it is exported under. */
export function defineBuilder<Network extends AnyLayer, Options extends object>(
  name: string,
  { options: known, make, weights }: Recipe<Network, Options>,
): ModelBuilder<Network, Options> {
  const build = (given: Options & { readonly pretrained?: boolean | string } = {} as Options) => {
    checkOptions(name, given, [...known, 'pretrained']);
    const { pretrained = false, ...options } = given;
    if (pretrained === false) return make(options as Options);
    return withWeights(name, make, options as Options, pretrained, weightsOf(build, options));
  };
  weightsByBuilder.set(build, (options) => weights?.(options as Options));
  return Object.defineProperty(build, 'name', { value: name }) as ModelBuilder<Network, Options>;
}

async function withWeights<Network extends AnyLayer, Options>(
  name: string,
  make: (options: Options) => Network,
  options: Options,
  pretrained: unknown,
  weights: Weights | undefined,
): Promise<Network> {
  if (pretrained !== true && typeof pretrained !== 'string') {
    throw new InvalidArgumentError(
      `pretrained must be true, false or the path of a file, got ${describeValue(pretrained)}`,
    );
  }
  if (pretrained === true && weights === undefined) {
    throw new InvalidArgumentError(
      `pretrained must be false or the path of a file: there are no trained weights of ${name} with these options`,
    );
  }
  const network = make(options);
  try {
    await loadWeights(network, typeof pretrained === 'string' ? pretrained : await fetchWeights(weights!));
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

/** Folder of downloaded weights: PADDLEWHEEL_WEIGHTS_HOME, or the one that Paddle uses. */
function weightsHome(): string {
  return process.env.PADDLEWHEEL_WEIGHTS_HOME ?? path.join(homedir(), '.cache', 'paddle', 'hapi', 'weights');
}

/** The path of the downloaded file. */
function fetchWeights({ url, md5 }: Weights): Promise<string> {
  const name = path.posix.basename(new URL(url).pathname);
  return locate({ name, url, md5 }, weightsHome(), undefined, 'pass its path as pretrained');
}

async function loadWeights(network: AnyLayer, file: string): Promise<void> {
  const state: unknown = await load(file);
  if (state === null || typeof state !== 'object' || Array.isArray(state)) {
    throw new FileFormatError(file, `${file} holds no state dict, got ${describeValue(state)}`);
  }
  try {
    network.setStateDict(state as StateDict);
  } finally {
    tf.dispose(state as StateDict);
  }
}
