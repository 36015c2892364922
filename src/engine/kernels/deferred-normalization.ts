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
import { sameShape } from '../../common/ndarray.js';
import { activationNames } from '../ops/activation.js';
import type { EngineBackend, PlacedTensor } from '../backend.js';
import { sameLayout } from '../layout.js';
import type { Pointer } from '../library.js';
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

/** Computes `x * factor + offset (+ addend)`, rectified. */
function applyLines(
  backend: EngineBackend,
  { x, line, rows, channels }: Lines,
  addend: Pointer,
  rectifier: Rectifier,
  target: Pointer,
): void {
  backend.withScratch(tablesLength(2, channels), (scratch) => {
    const operands = [x.pointer, line.pointer, addend, target, scratch] as const;
    backend.kernels.normalize(...operands, rectifierNumber(rectifier), rows, channels);
  });
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

  compute(target: Pointer): void {
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
    if (!this.#addend) backend.dataOf(result).origin = new RectifiedNormalization(this.#lines, rectifier);
    return result;
  }

  #apply(rectifier: Rectifier, target: Pointer): void {
    applyLines(this.#backend, this.#lines, this.#addend?.pointer ?? 0, rectifier, target);
  }
}

/** Where the elements of a rectified tensor come from. It owns a share of the line, not of x, which others keep. */
class RectifiedNormalization {
  readonly lines: Lines;
  readonly rectifier: Rectifier;

  constructor(lines: Lines, rectifier: Rectifier) {
    lines.line.share();
    this.lines = lines;
    this.rectifier = rectifier;
  }

  release(): void {
    this.lines.line.release();
  }
}

/** The gradient `dy` where a rectifier let a normalised x through. It owns a share of all memory. */
export class DeferredRectifierGradient implements Deferred {
  readonly dy: Storage;
  readonly rectifier: Rectifier;
  readonly #backend: EngineBackend;
  readonly #lines: Lines;

  constructor(backend: EngineBackend, dy: Storage, { lines, rectifier }: RectifiedNormalization) {
    for (const storage of [dy, lines.x, lines.line]) storage.share();
    this.dy = dy;
    this.rectifier = rectifier;
    this.#backend = backend;
    this.#lines = lines;
  }

  /** The line of the normalisation. */
  get line(): Storage {
    return this.#lines.line;
  }

  /** True when the rectifier follows a normalisation of what lies in `x`. */
  follows(x: Storage): boolean {
    return this.#lines.x === x;
  }

  compute(target: Pointer): void {
    const { rows, channels } = this.#lines;
    const kind = (activationNames as readonly string[]).indexOf(this.rectifier);
    this.#backend.withScratch(rows * channels, (y) => {
      applyLines(this.#backend, this.#lines, 0, this.rectifier, y);
      this.#backend.kernels.activation_gradient(kind, this.dy.pointer, y, target, rows * channels, 0, 0);
    });
  }

  release(): void {
    for (const storage of [this.dy, this.#lines.x, this.#lines.line]) storage.release();
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
  if (!(origin instanceof RectifiedNormalization) || origin.lines.x.isReleased) return undefined;
  const layout = backend.layoutOf(y);
  return backend.defer(y.shape, layout, new DeferredRectifierGradient(backend, backend.storageOf(dy, layout), origin));
}
