/**
 * The compiled kernels.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { checkInteger } from '../common/options.js';

/** A place in the kernels' memory, in bytes from its start. */
export type Pointer = number;

/** The functions of src/kernels by name; all take numbers, places in memory as {@link Pointer}. */
export interface Kernels {
  matrix_multiply(
    a: Pointer,
    b: Pointer,
    bias: Pointer,
    c: Pointer,
    batch: number,
    m: number,
    n: number,
    k: number,
    transposeA: number,
    transposeB: number,
    aBatchStride: number,
    bBatchStride: number,
  ): void;
  convolution(x: Pointer, filter: Pointer, bias: Pointer, y: Pointer, tables: Pointer, geometry: Pointer): void;
  convolution_input_gradient(dy: Pointer, filter: Pointer, dx: Pointer, tables: Pointer, geometry: Pointer): void;
  convolution_filter_gradient(
    x: Pointer,
    dy: Pointer,
    dfilter: Pointer,
    tables: Pointer,
    scratch: Pointer,
    depthParts: number,
    geometry: Pointer,
  ): void;
  narrow_convolution(x: Pointer, filter: Pointer, bias: Pointer, y: Pointer, geometry: Pointer): void;
  narrow_input_gradient(dy: Pointer, filter: Pointer, dx: Pointer, geometry: Pointer): void;
  narrow_filter_gradient(x: Pointer, dy: Pointer, dfilter: Pointer, scratch: Pointer, geometry: Pointer): void;
  winograd_convolution(
    x: Pointer,
    filter: Pointer,
    bias: Pointer,
    y: Pointer,
    transformed: Pointer,
    geometry: Pointer,
  ): void;
  winograd_input_gradient(dy: Pointer, filter: Pointer, dx: Pointer, transformed: Pointer, geometry: Pointer): void;
  winograd_filter_gradient(
    x: Pointer,
    dy: Pointer,
    dfilter: Pointer,
    scratch: Pointer,
    parts: number,
    geometry: Pointer,
  ): void;
  depthwise_convolution(
    x: Pointer,
    filter: Pointer,
    bias: Pointer,
    y: Pointer,
    tables: Pointer,
    geometry: Pointer,
  ): void;
  depthwise_input_gradient(dy: Pointer, filter: Pointer, dx: Pointer, tables: Pointer, geometry: Pointer): void;
  depthwise_filter_gradient(
    x: Pointer,
    dy: Pointer,
    dfilter: Pointer,
    tables: Pointer,
    scratch: Pointer,
    geometry: Pointer,
  ): void;
  max_pool(x: Pointer, y: Pointer, places: Pointer, pooling: Pointer, rows: Pointer, columns: Pointer): void;
  max_pool_gradient(dy: Pointer, places: Pointer, dx: Pointer, pooling: Pointer, rows: Pointer, columns: Pointer): void;
  average_pool(x: Pointer, y: Pointer, divisor: number, pooling: Pointer, rows: Pointer, columns: Pointer): void;
  average_pool_gradient(
    dy: Pointer,
    dx: Pointer,
    divisor: number,
    pooling: Pointer,
    rows: Pointer,
    columns: Pointer,
    rowWindows: Pointer,
    columnWindows: Pointer,
  ): void;
  unary(operation: number, x: Pointer, y: Pointer, length: number, slope: number): void;
  classify(kind: number, x: Pointer, y: Pointer, length: number): void;
  activation(kind: number, x: Pointer, y: Pointer, length: number, first: number, second: number): void;
  activation_gradient(
    kind: number,
    dy: Pointer,
    saved: Pointer,
    dx: Pointer,
    length: number,
    first: number,
    second: number,
  ): void;
  binary(operation: number, a: Pointer, b: Pointer, y: Pointer, shape: Pointer): void;
  binary_of_integers(operation: number, a: Pointer, b: Pointer, y: Pointer, shape: Pointer): void;
  compare(operation: number, a: Pointer, b: Pointer, y: Pointer, shape: Pointer): void;
  compare_integers(operation: number, a: Pointer, b: Pointer, y: Pointer, shape: Pointer): void;
  choose(condition: Pointer, a: Pointer, b: Pointer, y: Pointer, length: number): void;
  dropout(x: Pointer, y: Pointer, mask: Pointer, stream: Pointer, length: number, scale: number): void;
  random_uniform(y: Pointer, stream: Pointer, length: number, low: number, scale: number): void;
  random_normal(y: Pointer, stream: Pointer, length: number, mean: number, deviation: number): void;
  dropout_gradient(dy: Pointer, mask: Pointer, dx: Pointer, length: number, scale: number): void;
  reduce(
    operation: number,
    x: Pointer,
    y: Pointer,
    scratch: Pointer,
    outer: number,
    length: number,
    inner: number,
    factor: number,
  ): void;
  running_sum(
    x: Pointer,
    y: Pointer,
    outer: number,
    length: number,
    inner: number,
    exclusive: number,
    reverse: number,
  ): void;
  place_of_extreme(x: Pointer, y: Pointer, outer: number, length: number, inner: number, sign: number): void;
  copy_strided(x: Pointer, y: Pointer, box: Pointer): void;
  fill_words(y: Pointer, bits: number, length: number): void;
  gather(
    x: Pointer,
    indices: Pointer,
    y: Pointer,
    batch: number,
    outer: number,
    length: number,
    count: number,
    inner: number,
  ): void;
  segment_sum(x: Pointer, indices: Pointer, y: Pointer, count: number, inner: number, segments: number): void;
  take_along(
    x: Pointer,
    indices: Pointer,
    y: Pointer,
    outer: number,
    length: number,
    count: number,
    inner: number,
  ): void;
  take_along_gradient(
    dy: Pointer,
    indices: Pointer,
    dx: Pointer,
    outer: number,
    length: number,
    count: number,
    inner: number,
  ): void;
  one_hot(indices: Pointer, y: Pointer, count: number, depth: number, on: number, off: number): void;
  top_k(x: Pointer, values: Pointer, indices: Pointer, rows: number, length: number, k: number): void;
  top_k_int(x: Pointer, values: Pointer, indices: Pointer, rows: number, length: number, k: number): void;
  find_nan(x: Pointer, found: Pointer, length: number): void;
  sort(
    x: Pointer,
    y: Pointer,
    places: Pointer,
    scratch: Pointer,
    outer: number,
    length: number,
    inner: number,
    descending: number,
  ): void;
  sort_int(
    x: Pointer,
    y: Pointer,
    places: Pointer,
    scratch: Pointer,
    outer: number,
    length: number,
    inner: number,
    descending: number,
  ): void;
  resize(x: Pointer, y: Pointer, resize: Pointer, rows: Pointer, columns: Pointer): void;
  region_sums(x: Pointer, y: Pointer, images: Pointer, regions: Pointer, rows: Pointer, columns: Pointer): void;
  region_sums_gradient(
    dy: Pointer,
    dx: Pointer,
    images: Pointer,
    regions: Pointer,
    rows: Pointer,
    columns: Pointer,
  ): void;
  region_maxima(
    x: Pointer,
    y: Pointer,
    places: Pointer,
    images: Pointer,
    regions: Pointer,
    rows: Pointer,
    columns: Pointer,
  ): void;
  region_maxima_gradient(
    dy: Pointer,
    places: Pointer,
    dx: Pointer,
    images: Pointer,
    regions: Pointer,
    rows: Pointer,
  ): void;
  deformed_columns(x: Pointer, offsets: Pointer, factors: Pointer, columns: Pointer, deformation: Pointer): void;
  deformed_columns_offset_gradient(
    dcolumns: Pointer,
    x: Pointer,
    offsets: Pointer,
    factors: Pointer,
    doffsets: Pointer,
    dfactors: Pointer,
    deformation: Pointer,
  ): void;
  deformed_columns_image_gradient(
    dcolumns: Pointer,
    offsets: Pointer,
    factors: Pointer,
    dx: Pointer,
    deformation: Pointer,
  ): void;
  pad_images(
    x: Pointer,
    y: Pointer,
    batch: number,
    height: number,
    width: number,
    channels: number,
    top: number,
    left: number,
    paddedHeight: number,
    paddedWidth: number,
    value: number,
    crop: number,
  ): void;
  batch_norm_moments(
    x: Pointer,
    mean: Pointer,
    variance: Pointer,
    scratch: Pointer,
    rows: number,
    channels: number,
  ): void;
  batch_norm_line(
    mean: Pointer,
    variance: Pointer,
    scale: Pointer,
    shift: Pointer,
    line: Pointer,
    channels: number,
    epsilon: number,
  ): void;
  normalize(
    x: Pointer,
    line: Pointer,
    addend: Pointer,
    y: Pointer,
    scratch: Pointer,
    rectifier: number,
    rows: number,
    channels: number,
  ): void;
  batch_norm_gradient(
    dy: Pointer,
    x: Pointer,
    line: Pointer,
    scale: Pointer,
    mean: Pointer,
    variance: Pointer,
    dx: Pointer,
    dscale: Pointer,
    dshift: Pointer,
    scratch: Pointer,
    rectifier: number,
    rows: number,
    channels: number,
    epsilon: number,
  ): void;
  sgd_step(steps: Pointer, count: number): void;
  momentum_step(steps: Pointer, count: number, momentum: number, nesterov: number): void;
  adam_step(steps: Pointer, count: number, beta1: number, beta2: number, epsilon: number): void;
  move_average(average: Pointer, value: Pointer, length: number, momentum: number, rest: number): void;
  softmax(x: Pointer, y: Pointer, outer: number, classes: number, inner: number): void;
  softmax_gradient(dy: Pointer, y: Pointer, dx: Pointer, outer: number, classes: number, inner: number): void;
  log_softmax(x: Pointer, y: Pointer, outer: number, classes: number, inner: number): void;
  log_softmax_gradient(dy: Pointer, y: Pointer, dx: Pointer, outer: number, classes: number, inner: number): void;
  softmax_cross_entropy(
    logits: Pointer,
    labels: Pointer,
    losses: Pointer,
    probabilities: Pointer,
    rows: number,
    classes: number,
    ignored: number,
  ): void;
  softmax_cross_entropy_gradient(
    dy: Pointer,
    probabilities: Pointer,
    labels: Pointer,
    dlogits: Pointer,
    rows: number,
    classes: number,
    ignored: number,
  ): void;
  /** Operations of all threads in registers alone; `result` gets their number. */
  peak(result: Pointer, iterations: number): void;
}

/** A build of the kernels, with the memory that they work on. */
export interface KernelLibrary {
  /**
   * The kernels. A call may return before the kernel has run; calls run one after the other, in the order given. Their
   * memory is only to be touched after {@link KernelLibrary.finish}.
   */
  readonly kernels: Kernels;
  /** The instructions that the kernels use. */
  readonly instructionSet: string;
  /** Number of parts that work is split into, each for a thread. */
  readonly threads: number;
  /** Changes when views that were made before no longer reach all of the memory. */
  readonly generation: number;
  /** True for views of the memory. */
  owns(values: ArrayBufferView): boolean;
  /**
   * Takes memory, aligned to 64 bytes. It is never given back to the system.
   *
   * @throws `OutOfMemoryError` when there is no more
   */
  extend(bytes: number): Pointer;
  /** Waits until all kernels that were called have run. */
  finish(): void;
  /**
   * A view of floats in the memory; valid until the generation changes.
   *
   * @param wait - false where no kernel that has been called can still touch these. @defaultValue true
   */
  float32(pointer: Pointer, length: number, wait?: boolean): Float32Array;
  /** A view of integers in the memory, as {@link KernelLibrary.float32}. */
  int32(pointer: Pointer, length: number, wait?: boolean): Int32Array;
}

/** As `kMaxThreads` in src/kernels/thread_pool.h. */
const maximumThreads = 64;

/** Threads for the kernels: as many as PADDLEWHEEL_THREADS says, else as the machine runs at once; at most 64. */
export function configuredThreads(): number {
  const asked = process.env.PADDLEWHEEL_THREADS;
  if (asked === undefined || asked === '') return Math.min(availableParallelism(), maximumThreads);
  return Math.min(checkInteger('PADDLEWHEEL_THREADS', Number(asked), 1), maximumThreads);
}
