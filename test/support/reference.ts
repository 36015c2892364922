/**
 * Operations of the engine as plain loops in double precision, written after their definitions: what property tests
 * hold the engines against. Nothing here knows about blocks, vectors or memory.
 */
import { sizeOf } from '../../src/common/ndarray.js';
import type {
  AveragePoolingAttributes,
  ConvolutionAttributes,
  DeformationAttributes,
  PooledRegions,
  PoolingAttributes,
  SummedRegions,
} from '../../src/engine/index.js';

type Shape = readonly number[];
type Numbers = ArrayLike<number>;

/** Sums, with what is needed to judge their rounding. */
export class Sums {
  readonly values: Float64Array;
  /** Sums of the terms' magnitudes. */
  readonly magnitudes: Float64Array;
  /** Numbers of terms. */
  readonly counts: Int32Array;

  constructor(length: number) {
    this.values = new Float64Array(length);
    this.magnitudes = new Float64Array(length);
    this.counts = new Int32Array(length);
  }

  add(place: number, term: number): void {
    this.values[place]! += term;
    this.magnitudes[place]! += Math.abs(term);
    this.counts[place]!++;
  }
}

/** Shape of two broadcast together. */
function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [p, q] = [a[a.length - rank + axis] ?? 1, b[b.length - rank + axis] ?? 1];
    return p === 1 ? q : p;
  });
}

/** For each element of `out` in C order, the place of the element of `own` that it takes. */
function broadcastPlaces(own: Shape, out: Shape): number[] {
  const offset = out.length - own.length;
  return Array.from({ length: sizeOf(out) }, (_, place) => {
    let [rest, source, stride] = [place, 0, 1];
    for (let axis = out.length - 1; axis >= offset; axis--) {
      const length = own[axis - offset]!;
      if (length !== 1) source += (rest % out[axis]!) * stride;
      rest = Math.floor(rest / out[axis]!);
      stride *= length;
    }
    return source;
  });
}

export interface MatrixProduct {
  readonly aBatch: Shape;
  readonly bBatch: Shape;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Shapes of the factors and of the product. */
export function matrixShapes({ aBatch, bBatch, m, n, k, transposeA, transposeB }: MatrixProduct) {
  return {
    a: [...aBatch, ...(transposeA ? [k, m] : [m, k])],
    b: [...bBatch, ...(transposeB ? [n, k] : [k, n])],
    y: [...broadcastShape(aBatch, bBatch), m, n],
  };
}

/** The product, and the gradients of the sum of its elements times those of `dy`. */
export function matrixProduct(product: MatrixProduct, a: Numbers, b: Numbers, dy: Numbers) {
  const { aBatch, bBatch, m, n, k, transposeA, transposeB } = product;
  const batchShape = broadcastShape(aBatch, bBatch);
  const [aMatrices, bMatrices] = [broadcastPlaces(aBatch, batchShape), broadcastPlaces(bBatch, batchShape)];
  const y = new Sums(dy.length);
  const da = new Sums(a.length);
  const db = new Sums(b.length);
  for (let matrix = 0; matrix < sizeOf(batchShape); matrix++) {
    const [aStart, bStart] = [aMatrices[matrix]! * m * k, bMatrices[matrix]! * k * n];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const place = (matrix * m + i) * n + j;
        for (let d = 0; d < k; d++) {
          const aPlace = aStart + (transposeA ? d * m + i : i * k + d);
          const bPlace = bStart + (transposeB ? j * k + d : d * n + j);
          y.add(place, a[aPlace]! * b[bPlace]!);
          da.add(aPlace, dy[place]! * b[bPlace]!);
          db.add(bPlace, dy[place]! * a[aPlace]!);
        }
      }
    }
  }
  return { y, da, db };
}

/** A convolution of images [N, H, W, C] with filters [kh, kw, C / groups, outputs]. */
export interface Convolution extends ConvolutionAttributes {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
  readonly kernel: readonly [height: number, width: number];
  readonly outputs: number;
}

/** Number of windows of `kernel` elements, `dilation` apart, that fit into an axis. */
function windowCount(length: number, kernel: number, stride: number, dilation: number): number {
  const last = length - (dilation * (kernel - 1) + 1);
  return last < 0 ? 0 : Math.floor(last / stride) + 1;
}

/** Shapes of the filter and of the result. */
export function convolutionShapes({ x, kernel, outputs, strides, padding, dilations, groups }: Convolution) {
  const height = windowCount(x[1] + padding[0] + padding[1], kernel[0], strides[0], dilations[0]);
  const width = windowCount(x[2] + padding[2] + padding[3], kernel[1], strides[1], dilations[1]);
  return { filter: [...kernel, x[3] / groups, outputs], y: [x[0], height, width, outputs] as const };
}

/** The result of a convolution, and the gradients of the sum of its elements times those of `dy`. */
export function convolution(shape: Convolution, x: Numbers, filter: Numbers, dy: Numbers) {
  const { kernel, strides, padding, dilations, groups, outputs } = shape;
  const [, height, width, channels] = shape.x;
  const [batch, outHeight, outWidth] = convolutionShapes(shape).y;
  const [groupChannels, groupOutputs] = [channels / groups, outputs / groups];
  const y = new Sums(dy.length);
  const dx = new Sums(x.length);
  const dfilter = new Sums(filter.length);
  /** One tap of the filter at one place of the image: all products of its channels. */
  const addTap = (pixel: number, tap: number, window: number) => {
    for (let output = 0; output < outputs; output++) {
      const yPlace = window * outputs + output;
      const firstChannel = Math.floor(output / groupOutputs) * groupChannels;
      for (let channel = 0; channel < groupChannels; channel++) {
        const xPlace = pixel * channels + firstChannel + channel;
        const filterPlace = (tap * groupChannels + channel) * outputs + output;
        y.add(yPlace, x[xPlace]! * filter[filterPlace]!);
        dx.add(xPlace, dy[yPlace]! * filter[filterPlace]!);
        dfilter.add(filterPlace, dy[yPlace]! * x[xPlace]!);
      }
    }
  };
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const window = (image * outHeight + row) * outWidth + column;
        for (let i = 0; i < kernel[0]; i++) {
          for (let j = 0; j < kernel[1]; j++) {
            const xRow = row * strides[0] + i * dilations[0] - padding[0];
            const xColumn = column * strides[1] + j * dilations[1] - padding[2];
            if (xRow < 0 || xRow >= height || xColumn < 0 || xColumn >= width) continue;
            addTap((image * height + xRow) * width + xColumn, i * kernel[1] + j, window);
          }
        }
      }
    }
  }
  return { y, dx, dfilter };
}

/** A pooling of images [N, H, W, C]. */
export interface Pooling extends PoolingAttributes {
  readonly x: readonly [batch: number, height: number, width: number, channels: number];
}

/** Shape of the result of a pooling. */
export function pooledShape({ x, kernel, strides, padding }: Pooling): [number, number, number, number] {
  const height = windowCount(x[1] + padding[0] + padding[1], kernel[0], strides[0], 1);
  const width = windowCount(x[2] + padding[2] + padding[3], kernel[1], strides[1], 1);
  return [x[0], height, width, x[3]];
}

/** Calls `visit` for each channel of each window, with the place of its result and those of its elements. */
function eachWindow(pooling: Pooling, visit: (y: number, elements: readonly number[]) => void): void {
  const { kernel, strides, padding } = pooling;
  const [, height, width, channels] = pooling.x;
  const [batch, outHeight, outWidth] = pooledShape(pooling);
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const pixels: number[] = [];
        for (let i = 0; i < kernel[0]; i++) {
          for (let j = 0; j < kernel[1]; j++) {
            const xRow = row * strides[0] + i - padding[0];
            const xColumn = column * strides[1] + j - padding[2];
            if (xRow < 0 || xRow >= height || xColumn < 0 || xColumn >= width) continue;
            pixels.push((image * height + xRow) * width + xColumn);
          }
        }
        const window = (image * outHeight + row) * outWidth + column;
        for (let channel = 0; channel < channels; channel++) {
          visit(
            window * channels + channel,
            pixels.map((pixel) => pixel * channels + channel),
          );
        }
      }
    }
  }
}

/**
 * Maxima, their places in the H x W plane (-1 where a window has no element of the image), and the gradient. The first
 * of equal elements wins, and NaN over every number.
 */
export function maxPool(pooling: Pooling, x: Numbers, dy: Numbers) {
  const [, height, width, channels] = pooling.x;
  const y = new Float64Array(dy.length);
  const indices = new Int32Array(dy.length);
  const dx = new Sums(x.length);
  eachWindow(pooling, (place, elements) => {
    const wins = (p: number, q: number) => x[p]! > x[q]! || (Number.isNaN(x[p]!) && !Number.isNaN(x[q]!));
    let best = elements[0];
    for (const element of elements) if (wins(element, best!)) best = element;
    y[place] = best === undefined ? -Infinity : x[best]!;
    indices[place] = best === undefined ? -1 : Math.floor(best / channels) % (height * width);
    if (best !== undefined) dx.add(best, dy[place]!);
  });
  return { y, indices, dx };
}

/** Means, and the gradient. */
export function averagePool(pooling: Pooling & AveragePoolingAttributes, x: Numbers, dy: Numbers) {
  const { kernel, exclusive, divisor } = pooling;
  const y = new Sums(dy.length);
  const dx = new Sums(x.length);
  eachWindow(pooling, (place, elements) => {
    const count = divisor ?? (exclusive ? elements.length : kernel[0] * kernel[1]);
    for (const element of elements) {
      y.add(place, x[element]! / count);
      dx.add(element, dy[place]! / count);
    }
  });
  return { y, dx };
}

/**
 * Batch normalisation of rows of channels in training (Ioffe and Szegedy, 2015, algorithm 1), and its gradients by the
 * chain rule of the paper, step by step.
 */
export function batchNorm(
  channels: number,
  epsilon: number,
  { x, scale, shift, dy }: Record<'x' | 'scale' | 'shift' | 'dy', Numbers>,
) {
  const rows = x.length / channels;
  const vector = () => new Float64Array(channels);
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [mean, variance, dscale, dshift] = [vector(), vector(), vector(), vector()];
  for (let c = 0; c < channels; c++) {
    const total = (term: (place: number) => number) => {
      let sum = 0;
      for (let place = c; place < x.length; place += channels) sum += term(place);
      return sum;
    };
    const center = total((p) => x[p]!) / rows;
    const spread = total((p) => (x[p]! - center) ** 2) / rows;
    const deviation = Math.sqrt(spread + epsilon);
    const dNormal = (p: number) => dy[p]! * scale[c]!;
    const dVariance = total((p) => dNormal(p) * (x[p]! - center)) * (-1 / 2) * deviation ** -3;
    const dMean = total(dNormal) * (-1 / deviation) + (dVariance * total((p) => -2 * (x[p]! - center))) / rows;
    [mean[c], variance[c]] = [center, spread];
    dshift[c] = total((p) => dy[p]!);
    dscale[c] = total((p) => (dy[p]! * (x[p]! - center)) / deviation);
    for (let p = c; p < x.length; p += channels) {
      y[p] = ((x[p]! - center) / deviation) * scale[c]! + shift[c]!;
      dx[p] = dNormal(p) / deviation + (dVariance * 2 * (x[p]! - center)) / rows + dMean / rows;
    }
  }
  return { y, mean, variance, dx, dscale, dshift };
}

/** Softmax cross entropy of each row with its label, the probabilities, and the gradient; 0 where the label is ignored. */
export function crossEntropy(classes: number, ignored: number, logits: Numbers, labels: Numbers, dy: Numbers) {
  const losses = new Float64Array(labels.length);
  const probabilities = new Float64Array(logits.length);
  const dlogits = new Float64Array(logits.length);
  for (let row = 0; row < labels.length; row++) {
    const [start, label] = [row * classes, labels[row]!];
    let [highest, sum] = [-Infinity, 0];
    for (let c = 0; c < classes; c++) highest = Math.max(highest, logits[start + c]!);
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[start + c]! - highest);
    for (let c = 0; c < classes; c++) {
      probabilities[start + c] = Math.exp(logits[start + c]! - highest) / sum;
      const hit = c === label ? 1 : 0;
      dlogits[start + c] = label === ignored ? 0 : dy[row]! * (probabilities[start + c]! - hit);
    }
    losses[row] = label === ignored ? 0 : Math.log(sum) - Math.max(logits[start + label]! - highest, -64);
  }
  return { losses, probabilities, dlogits };
}

/** Bins of regions that are weighted sums, and what goes back to the images. */
export function regionSums(
  [batch, height, width, channels]: readonly [number, number, number, number],
  regions: SummedRegions,
  x: Numbers,
  dy: Numbers,
): { readonly y: Sums; readonly dx: Sums } {
  const [outHeight, outWidth] = regions.size;
  const y = new Sums(regions.images.length * outHeight * outWidth * channels);
  const dx = new Sums(batch * height * width * channels);
  regions.images.forEach((image, region) => {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (const row of regions.rows[region * outHeight + i]!) {
          for (const column of regions.columns[region * outWidth + j]!) {
            for (let c = 0; c < channels; c++) {
              const pixel = ((image * height + row.source) * width + column.source) * channels + c;
              const bin = ((region * outHeight + i) * outWidth + j) * channels + c;
              y.add(bin, row.weight * column.weight * x[pixel]!);
              dx.add(pixel, row.weight * column.weight * dy[bin]!);
            }
          }
        }
      }
    }
  });
  return { y, dx };
}

/** Maxima of the bins of regions, as Paddle's roi_pool has them, and what goes back to the images. */
export function regionMaxima(
  [batch, height, width, channels]: readonly [number, number, number, number],
  regions: PooledRegions,
  x: Numbers,
  dy: Numbers,
): { readonly y: Float64Array; readonly dx: Sums } {
  const [outHeight, outWidth] = regions.size;
  const y = new Float64Array(regions.images.length * outHeight * outWidth * channels);
  const dx = new Sums(batch * height * width * channels);
  y.forEach((_, bin) => {
    const [c, j, i] = [bin % channels, Math.floor(bin / channels) % outWidth, Math.floor(bin / channels / outWidth)];
    const region = Math.floor(i / outHeight);
    const [[top, bottom], [left, right]] = [regions.rows[i]!, regions.columns[region * outWidth + j]!];
    let place = -1;
    let best = top < bottom && left < right ? -3.4028234663852886e38 : 0;
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const pixel = ((regions.images[region]! * height + row) * width + column) * channels + c;
        if (x[pixel]! > best) [best, place] = [x[pixel]!, pixel];
      }
    }
    y[bin] = best;
    if (place >= 0) dx.add(place, dy[bin]!);
  });
  return { y, dx };
}

/** Samples of a deformable convolution, and what goes back to images, offsets and factors. */
export function deformedColumns(
  [batch, height, width, channels]: readonly [number, number, number, number],
  { kernel, strides, padding, dilations, groups, size }: DeformationAttributes,
  x: Numbers,
  offsets: Numbers,
  factors: Numbers,
  dy: Numbers,
): Readonly<Record<'y' | 'dx' | 'doffsets' | 'dfactors', Sums>> {
  const sums = { y: dy.length, dx: x.length, doffsets: offsets.length, dfactors: factors.length };
  const [y, dx, doffsets, dfactors] = Object.values(sums).map((length) => new Sums(length)) as [Sums, Sums, Sums, Sums];
  const [taps, area] = [sizeOf(kernel), sizeOf(size)];
  for (let column = 0; column < batch * area * taps * channels; column++) {
    const c = column % channels;
    const tap = Math.floor(column / channels) % taps;
    const place = Math.floor(column / channels / taps);
    const [image, row, across] = [
      Math.floor(place / area),
      Math.floor((place % area) / size[1]),
      (place % area) % size[1],
    ];
    const sample = (place * groups + Math.floor((c * groups) / channels)) * taps + tap;
    // Positions have the precision of the kernels, so that both find the same pixels next to them.
    const position = (out: number, side: 0 | 1, at: number) =>
      Math.fround(out * strides[side] - padding[side] + at * dilations[side] + offsets[2 * sample + side]!);
    const at = [position(row, 0, Math.floor(tap / kernel[1])), position(across, 1, tap % kernel[1])] as const;
    if (!(at[0] > -1 && at[1] > -1 && at[0] < height && at[1] < width)) continue;
    // Hat functions: 1 - |distance| for each pixel less than one away.
    for (let i = Math.max(0, Math.floor(at[0])); i <= Math.min(height - 1, Math.floor(at[0]) + 1); i++) {
      for (let j = Math.max(0, Math.floor(at[1])); j <= Math.min(width - 1, Math.floor(at[1]) + 1); j++) {
        const pixel = ((image * height + i) * width + j) * channels + c;
        const [down, side] = [1 - Math.abs(at[0] - i), 1 - Math.abs(at[1] - j)];
        const [slopeDown, slopeSide] = [i > at[0] ? 1 : -1, j > at[1] ? 1 : -1];
        const [value, factor, outer] = [x[pixel]!, factors[sample]!, dy[column]!];
        y.add(column, down * side * value * factor);
        dx.add(pixel, down * side * factor * outer);
        doffsets.add(2 * sample, slopeDown * side * value * factor * outer);
        doffsets.add(2 * sample + 1, down * slopeSide * value * factor * outer);
        dfactors.add(sample, down * side * value * outer);
      }
    }
  }
  return { y, dx, doffsets, dfactors };
}
