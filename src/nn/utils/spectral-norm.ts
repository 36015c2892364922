/**
 * Spectral normalisation of a layer's weight.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { noGrad } from '../../autograd/index.js';
import { InvalidArgumentError } from '../../common/errors.js';
import { checkInteger, checkNumber, checkOptions } from '../../common/options.js';
import { nextStream } from '../../common/random.js';
import { Linear } from '../common.js';
import { Conv1DTranspose, Conv2DTranspose } from '../conv-transpose.js';
import type { AnyLayer } from '../layer/layer.js';
import { leadingVectors, toMatrix } from '../spectral.js';
import { computeBeforeForward, isComputed, memberOf, parameterOf, removeMember } from './reparameterize.js';

/** Options of {@link spectralNorm}. */
export interface SpectralNormHookOptions {
  /** Name of the parameter. @defaultValue 'weight' */
  readonly name?: string;
  /** Steps of the power iteration in each forward pass of training. @defaultValue 1 */
  readonly nPowerIterations?: number;
  /** Added to norms. @defaultValue 1e-12 */
  readonly eps?: number;
  /** Axis of the outputs. @defaultValue 1 for linear maps and transposed convolutions, else 0 */
  readonly dim?: number | null;
}

function unitVector(length: number): Tensor {
  const values = nextStream('initializer').fillNormal(new Float32Array(length));
  const norm = Math.hypot(...values);
  return tf.tensor1d(values.map((value) => value / norm));
}

/**
 * Divides a weight of a layer by its largest singular value before each forward pass (Miyato et al., 2018): `weight_orig`
 * takes its place, the buffers `weight_u` and `weight_v` hold singular vectors.
 *
 * @returns the layer
 */
export function spectralNorm<L extends AnyLayer>(layer: L, options: SpectralNormHookOptions = {}): L {
  checkOptions('spectralNorm', options, ['name', 'nPowerIterations', 'eps', 'dim']);
  const { name = 'weight' } = options;
  const steps = checkInteger('nPowerIterations', options.nPowerIterations ?? 1, 1);
  const eps = checkNumber('eps', options.eps ?? 1e-12, 0);
  if (isComputed(layer, name)) throw new InvalidArgumentError(`'${name}' of the layer is computed already`);
  const weight = parameterOf(layer, name);
  const outputsSecond = [Linear, Conv1DTranspose, Conv2DTranspose].some((one) => (layer as unknown) instanceof one);
  const axis = checkInteger('dim', options.dim ?? (outputsSecond ? 1 : 0), 0);
  const rows = weight.shape[axis];
  if (rows === undefined) throw new InvalidArgumentError(`dim must be less than ${weight.rank}, got ${axis}`);
  removeMember(layer, name);
  layer.addParameter(`${name}_orig`, weight);
  layer.registerBuffer(`${name}_u`, tf.keep(unitVector(rows)));
  layer.registerBuffer(`${name}_v`, tf.keep(unitVector(weight.size / rows)));
  const vector = (suffix: string) => memberOf(layer, `${name}_${suffix}`) as Tensor;
  computeBeforeForward(layer, name, () => {
    const original = parameterOf(layer, `${name}_orig`);
    const matrix = toMatrix(original, axis);
    if (layer.training) {
      const found = noGrad(() => leadingVectors(matrix, vector('u'), vector('v'), steps, eps));
      ['u', 'v'].forEach((suffix, index) => {
        vector(suffix).dispose();
        layer.replaceBuffer(`${name}_${suffix}`, tf.keep(tf.clone(found[index]!)));
      });
    }
    // The tape may outlive the buffers, which the next pass replaces.
    const [u, v] = [tf.clone(vector('u')), tf.clone(vector('v'))];
    const sigma = tf.sum(tf.mul(tf.matMul(matrix, tf.reshape(v, [-1, 1])), tf.reshape(u, [-1, 1])));
    return tf.div(original, sigma);
  });
  return layer;
}
