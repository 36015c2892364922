/**
 * Networks made to measure: another classifier, frozen parts, and outputs of layers in between.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { handOver } from '../../autograd/tape.js';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkBoolean, checkInteger, checkOptions, describeValue } from '../../common/options.js';
import { Conv2D } from '../../nn/conv.js';
import { Linear } from '../../nn/common.js';
import { Layer, type AnyLayer } from '../../nn/layer/layer.js';

/** Options of {@link replaceHead}. */
export interface ReplaceHeadOptions {
  /**
   * Path of the classifier's last layer, such as `fc` or `classifier.6`, or several. The networks of this package know
   * their own. @defaultValue null
   */
  readonly head?: string | readonly string[] | null;
  /** Train the new layer alone: nothing else gets gradients or is moved by an optimizer. @defaultValue false */
  readonly freeze?: boolean;
}

/**
 * Gives a network fresh last layers for another number of classes, in place; all other weights stay.
 *
 * @param network - a network with a classifier of {@link Linear} or {@link Conv2D} layers
 * @param numClasses - length of the new output, at least 1
 * @returns the network
 * @throws `InvalidArgumentError` when the network has no such layer
 *
 * @example
 * ```ts
 * const network = replaceHead(await resnet50({ pretrained: true }), 5, { freeze: true });
 * ```
 */
export function replaceHead<Network extends AnyLayer>(
  network: Network,
  numClasses: number,
  options: ReplaceHeadOptions = {},
): Network {
  checkOptions('replaceHead', options, ['head', 'freeze']);
  if (!(network instanceof Layer)) {
    throw new InvalidArgumentError(`network must be a Layer, got ${describeValue(network)}`);
  }
  checkInteger('numClasses', numClasses, 1);
  const freeze = checkBoolean('freeze', options.freeze ?? false);
  // All is checked before anything changes.
  const replacements = headsOf(network, options.head ?? null).map((path) => {
    const old = sublayer(network, path);
    return { path, old, fresh: resized(old, path, numClasses) };
  });
  if (freeze) {
    for (const parameter of network.parameters()) parameter.trainable = false;
  }
  for (const { path, old, fresh } of replacements) {
    const dot = path.lastIndexOf('.');
    const parent = dot < 0 ? network : sublayer(network, path.slice(0, dot));
    parent.addSublayer(path.slice(dot + 1), fresh);
    old.dispose();
  }
  return network;
}

function headsOf(network: AnyLayer, head: string | readonly string[] | null): readonly string[] {
  if (head !== null) return [head].flat();
  const { heads } = network.constructor as { readonly heads?: readonly string[] };
  if (heads !== undefined) return heads;
  throw new InvalidArgumentError(
    `${network.constructor.name} does not say which layer is its classifier: pass head, the path of that layer`,
  );
}

/** The sublayer of a path such as `classifier.6`. */
function sublayer(network: AnyLayer, path: string): AnyLayer {
  for (const [name, layer] of network.namedSublayers()) {
    if (name === path) return layer;
  }
  const names = Array.from(network.namedChildren(), ([name]) => name);
  throw new InvalidArgumentError(
    `${network.constructor.name} has no layer '${path}'; its parts are ${names.map((name) => `'${name}'`).join(', ')}`,
  );
}

/** A fresh layer like `old` with another number of outputs. */
function resized(old: AnyLayer, path: string, outputs: number): AnyLayer {
  if (old instanceof Linear) {
    const [inFeatures = 0] = old.weight.shape;
    return new Linear(inFeatures, outputs, { biasAttr: old.bias ? null : false });
  }
  if (old instanceof Conv2D && old.weight.shape[2] === 1 && old.weight.shape[3] === 1) {
    const [, channels = 0] = old.weight.shape;
    return new Conv2D(channels, outputs, 1, { biasAttr: old.bias ? null : false });
  }
  throw new InvalidArgumentError(
    `the layer '${path}' must be a Linear or a Conv2D with a kernel of 1, got ${old.constructor.name}`,
  );
}

/**
 * A network that gives the outputs of layers in between, by the layers' paths.
 *
 * The whole network runs, its classifier included. Gradients flow through the outputs as through the network's own.
 *
 * @typeParam Name - the paths
 *
 * @example
 * ```ts
 * const extractor = new FeatureExtractor(resnet50(), ['layer2', 'layer4']);
 * const { layer2, layer4 } = extractor.forward(images); // [N, 512, H / 8, W / 8], [N, 2048, H / 32, W / 32]
 * ```
 */
export class FeatureExtractor<Name extends string = string> extends Layer<[Tensor], Record<Name, Tensor>> {
  /** The network. */
  readonly network: AnyLayer;
  readonly #layers: ReadonlyMap<Name, AnyLayer>;

  /**
   * @param network - any layer that takes one tensor
   * @param names - paths of sublayers, as `network.namedSublayers()` has them
   * @throws `InvalidArgumentError` when the network has no such layer
   */
  constructor(network: AnyLayer, names: readonly Name[]) {
    super();
    if (!(network instanceof Layer)) {
      throw new InvalidArgumentError(`network must be a Layer, got ${describeValue(network)}`);
    }
    if (!(names instanceof Array) || names.length === 0) {
      throw new InvalidArgumentError(`names must be an array of paths of layers, got ${describeValue(names)}`);
    }
    this.network = network;
    this.#layers = new Map(names.map((name) => [name, sublayer(network, name)]));
  }

  override forward(x: Tensor): Record<Name, Tensor> {
    const outputs = new Map<Name, Tensor>();
    const hooks = Array.from(this.#layers, ([name, layer]) =>
      layer.registerForwardPostHook((_layer, _inputs, output) => {
        if (!(output instanceof tf.Tensor)) {
          throw new InvalidArgumentError(`the layer '${name}' must give one tensor, got ${describeValue(output)}`);
        }
        // The scopes of the layers around it end before this one's.
        outputs.set(name, tf.keep(output as Tensor));
      }),
    );
    try {
      this.network.forward(x);
    } finally {
      for (const hook of hooks) hook.remove();
      for (const output of new Set(outputs.values())) handOver(output);
    }
    const missing = [...this.#layers.keys()].find((name) => !outputs.has(name));
    if (missing !== undefined) {
      throw new InvalidArgumentError(`the layer '${missing}' does not run in ${this.network.constructor.name}.forward`);
    }
    return Object.fromEntries(outputs) as Record<Name, Tensor>;
  }
}
