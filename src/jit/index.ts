/**
 * Networks that are recorded once and then repeated.
 *
 * @module
 */
import { InvalidArgumentError } from '../common/errors.js';
import { describeValue } from '../common/options.js';
import { warn } from '../common/warn.js';
import { Layer, type AnyLayer } from '../nn/layer/layer.js';
import { RecordedForward } from './recorded-forward.js';

/**
 * Has a network recorded when it is trained, as `paddle.jit.to_static`: after two calls of `forward` with inputs of the
 * same shapes, the kernels that it and its gradients run are recorded, and from then on run without the network's own
 * code. `Model` does so by itself for networks that are made of this library's classes alone.
 *
 * What `forward` computes must follow from its inputs, from parameters, buffers and sublayers, and from public properties:
 * when one of these changes, or the shapes of the inputs, the network is recorded anew. Anything else that `forward` does,
 * such as printing or counting, happens in the first calls only. A network that cannot be recorded is computed as before,
 * with a warning that says why: one that looks at the elements of tensors, or gives more than one tensor. So is one with
 * hooks, and every one without gradients, or on another device than 'cpu'.
 *
 * A recorded network has no gradients of gradients, and its graph is walked once only.
 *
 * @param layer - a network; its `forward` is replaced
 * @returns the same network
 */
export function toStatic<L extends AnyLayer>(layer: L): L {
  if (!(layer instanceof Layer)) throw new InvalidArgumentError(`layer must be a Layer, got ${describeValue(layer)}`);
  const compute = Reflect.get(layer, 'forward') as (...inputs: unknown[]) => unknown;
  const tell = (reason: string) =>
    warn(`toStatic: ${layer.constructor.name} cannot be recorded and is computed as before: ${reason}`);
  const recorded = new RecordedForward(layer, compute, () => true, tell);
  Object.defineProperty(layer, 'forward', {
    value: (...inputs: unknown[]) => recorded.forward(...inputs),
    writable: true,
    configurable: true,
  });
  return layer;
}
