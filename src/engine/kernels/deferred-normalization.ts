/**
 * Normalisations that wait for what follows them.
 *
 * The last pass of a normalisation, `x * factor + offset` for each channel, is left until something needs the result. A
 * sum or a rectifier that comes first takes it over into its own pass, so that most networks never store what lies
 * between. In the same way the gradient of a rectifier waits for that of the normalisation before it.
 *
 * What waits holds the memory that it will read: changing a tensor in place meanwhile gives that tensor memory of its own.
 *
 * @module
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../../common/ndarray.js';
import { activationNames } from '../ops/activation.js';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import { sameLayout } from '../layout.js';
import type { Deferred, Storage } from '../tensor-data.js';

// The order is that of `Rectifier` in src/kernels/normalization.cpp.
const rectifiers = ['none', 'relu', 'relu6'] as const;

/** What follows a normalisation in the same pass. */
export type Rectifier = (typeof rectifiers)[number];

/** Number of a rectifier in the kernels. */
export function rectifierNumber(rectifier: Rectifier): number {
  return rectifiers.indexOf(rectifier);
}

/** Length of `count` tables of scratch memory, see `table_length` in src/kernels/columns.h. */
export function tablesLength(count: number, channels: number): number {
  return count * Math.max(16384, channels);
}

/** Rows of channels in memory, and the line `x * factor + offset` of each channel. */
interface Lines {
  /** [rows, channels] */
  readonly x: Storage;
  /** [2, channels]: factors and offsets. */
  readonly line: Storage;
  readonly rows: number;
  readonly channels: number;
}

/** `x * factor + offset (+ addend)`. It owns a share of all memory that it is given. */
export class DeferredNormalization implements Deferred {
  readonly #backend: EngineBackend;
  readonly #lines: Lines;
  readonly #addend: Storage | undefined;

  constructor(backend: EngineBackend, lines: Lines, addend?: Storage) {
    this.#backend = backend;
    this.#lines = lines;
    this.#addend = addend;
  }

  compute(target: number): void {
    this.#apply('none', target);
  }

  release(): void {
    this.#lines.x.release();
    this.#lines.line.release();
    this.#addend?.release();
  }

  /** The same with an addend, unless it has one. */
  plus(addend: Storage): DeferredNormalization | undefined {
    if (this.#addend) return undefined;
    const { x, line, ...size } = this.#lines;
    return new DeferredNormalization(this.#backend, { x: x.share(), line: line.share(), ...size }, addend.share());
  }

  /** Computes `tensor`, whose elements this is, with a rectifier applied. */
  rectify(tensor: TensorInfo, rectifier: Rectifier): PlacedTensor {
    const backend = this.#backend;
    const result = backend.allocate(tensor.shape, 'float32', backend.layoutOf(tensor));
    this.#apply(rectifier, result.pointer);
    if (!this.#addend) {
      const { x, line } = this.#lines;
      backend.dataOf(result).origin = new RectifiedNormalization(x, line.share(), rectifier);
    }
    return result;
  }

  #apply(rectifier: Rectifier, target: number): void {
    const { x, line, rows, channels } = this.#lines;
    const { kernels } = this.#backend;
    this.#backend.withScratch(tablesLength(2, channels), (scratch) => {
      const operands = [x.pointer, line.pointer, this.#addend?.pointer ?? 0, target, scratch] as const;
      kernels.normalize(...operands, rectifierNumber(rectifier), rows, channels);
    });
  }
}

/** Where the elements of a rectified tensor come from. It owns a share of the line. */
class RectifiedNormalization {
  /** Only to be compared: it may have been released. */
  readonly x: Storage;
  readonly line: Storage;
  readonly rectifier: Rectifier;

  constructor(x: Storage, line: Storage, rectifier: Rectifier) {
    this.x = x;
    this.line = line;
    this.rectifier = rectifier;
  }

  release(): void {
    this.line.release();
  }
}

/** The gradient `dy` where a rectifier, which gave `y`, let values through. It owns a share of all memory. */
export class DeferredRectifierGradient implements Deferred {
  readonly dy: Storage;
  readonly line: Storage;
  readonly rectifier: Rectifier;
  readonly #backend: EngineBackend;
  readonly #x: Storage;
  readonly #y: Storage;
  readonly #length: number;

  constructor(
    backend: EngineBackend,
    dy: Storage,
    y: Storage,
    { x, line, rectifier }: RectifiedNormalization,
    length: number,
  ) {
    this.#backend = backend;
    this.dy = dy.share();
    this.#y = y.share();
    this.#x = x;
    this.line = line.share();
    this.rectifier = rectifier;
    this.#length = length;
  }

  /** True when the rectifier follows a normalisation of what lies in `x`. */
  follows(x: Storage): boolean {
    return this.#x === x;
  }

  compute(target: number): void {
    const kind = (activationNames as readonly string[]).indexOf(this.rectifier);
    const { kernels } = this.#backend;
    kernels.activation_gradient(kind, this.dy.pointer, this.#y.pointer, target, this.#length, 0, 0);
  }

  release(): void {
    this.dy.release();
    this.#y.release();
    this.line.release();
  }
}

/** The sum of two tensors if one is a normalisation that still waits: it then goes on waiting, for what follows. */
export function deferSum(backend: EngineBackend, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  if (!sameShape(a.shape, b.shape)) return undefined;
  const { deferred } = backend.dataOf(a);
  if (!(deferred instanceof DeferredNormalization)) return undefined;
  const layout = backend.layoutOf(a);
  if (!sameLayout(layout, backend.layoutOf(b))) return undefined;
  const sum = deferred.plus(backend.storageOf(b, layout));
  return sum && backend.defer(a.shape, layout, sum);
}

/** A rectifier of a tensor if that is a normalisation that still waits. */
export function rectifyDeferred(backend: EngineBackend, x: TensorInfo, rectifier: Rectifier): TensorInfo | undefined {
  const { deferred } = backend.dataOf(x);
  return deferred instanceof DeferredNormalization ? deferred.rectify(x, rectifier) : undefined;
}

/** The gradient of a rectifier if that followed a normalisation: it waits for the gradient of that one. */
export function deferRectifierGradient(backend: EngineBackend, dy: TensorInfo, y: TensorInfo): TensorInfo | undefined {
  const { origin } = backend.dataOf(y);
  if (!(origin instanceof RectifiedNormalization)) return undefined;
  const layout = backend.layoutOf(y);
  const [given, saved] = [backend.storageOf(dy, layout), backend.storageOf(y, layout)];
  const gradient = new DeferredRectifierGradient(backend, given, saved, origin, sizeOf(y.shape));
  return backend.defer(y.shape, layout, gradient);
}
