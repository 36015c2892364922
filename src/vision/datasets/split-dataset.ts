import { InvalidArgumentError } from '../../common/errors.js';
import { NdArray } from '../../common/ndarray.js';
import { checkBoolean, checkChoice, checkOptions } from '../../common/options.js';
import { Dataset, prepared } from '../../io/dataset.js';
import type { Portable, WorkerCopy } from '../../io/portable.js';
import { getImageBackend, type ImageBackend } from '../image-backend.js';
import type { Image } from '../image.js';
import { applyTransform, type Transform } from '../transforms/transform.js';

/** Part of a data set. */
export type SplitMode = 'train' | 'valid' | 'test';

/** Options that such data sets share. */
interface SharedOptions<Output, Mode> {
  readonly mode?: Mode;
  readonly transform?: Transform<Output> | null;
  readonly download?: boolean;
  readonly backend?: ImageBackend | null;
}

/** An array of floats; the same one when it is one already, and what is no array as it is. */
function toFloats(value: unknown): unknown {
  if (!(value instanceof NdArray) || value.dtype === 'float32') return value;
  return new NdArray(Float32Array.from(value.data as Float32Array, Number), value.shape);
}

/**
 * Data sets that come in files, in parts for training and testing, and perhaps validation.
 *
 * @typeParam Sample - what `getItem` gives
 * @typeParam Loaded - what `prepare` reads; a copy of it goes to workers
 * @typeParam Output - what the transform makes of an image
 * @typeParam Files - options with the path of a file
 * @typeParam Mode - the parts
 */
export abstract class SplitDataset<Sample, Loaded, Output, Files extends string, Mode extends SplitMode = SplitMode>
  extends Dataset<Sample>
  implements Portable
{
  /** Part of the data set. */
  readonly mode: Mode;
  /** What images are. */
  readonly backend: ImageBackend;
  readonly #options: SharedOptions<Output, Mode>;
  #loading: Promise<void> | undefined;
  #loaded: Loaded | undefined;

  /**
   * @param files - names of the options with the path of a file
   * @param modes - names of the parts, that for training first
   */
  protected constructor(
    options: SharedOptions<Output, Mode> & Partial<Record<Files, string | null>>,
    files: readonly Files[],
    modes: readonly [Mode, ...Mode[]],
  ) {
    super();
    checkOptions(new.target.name, options, [...files, 'mode', 'transform', 'download', 'backend']);
    this.mode = checkChoice('mode', options.mode?.toLowerCase() ?? modes[0], modes);
    this.backend = checkChoice('backend', options.backend ?? getImageBackend(), ['pil', 'cv2']);
    const mayDownload = checkBoolean('download', options.download ?? true);
    const missing = files.find((name) => options[name] == null);
    if (missing !== undefined && !mayDownload) {
      throw new InvalidArgumentError(`${missing} must be given when download is false`);
    }
    this.#options = options;
  }

  /** Finds, checks and reads the files; downloads what is nowhere. */
  override prepare(): Promise<void> {
    this.#loading ??= this.load().then(
      (loaded) => {
        this.#loaded = loaded;
      },
      (error: unknown) => {
        // Another try is possible.
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  /**
   * Finds and reads what the samples need.
   *
   * @hidden
   */
  protected abstract load(): Promise<Loaded>;

  /**
   * What was read.
   *
   * @hidden
   */
  protected get loaded(): Loaded {
    return prepared(this, this.#loaded);
  }

  /** A worker gets the options, and what is loaded; arrays are shared. */
  toWorker(): WorkerCopy {
    return { args: [{ ...this.#options, backend: this.backend }], state: this.#loaded };
  }

  /**
   * Uses what is loaded already.
   *
   * @hidden
   */
  fromWorker(state: Loaded): void {
    this.#loaded = state;
    this.#loading = Promise.resolve();
  }

  /** What the transform makes of an image or an array. */
  protected applied(input: Image | NdArray): unknown {
    const { transform } = this.#options;
    return transform ? applyTransform(transform, input) : input;
  }

  /** What the transform makes of an image: with 'pil' of the image, with 'cv2' of its bytes, and then floats. */
  protected transformed(image: Image): Output {
    const isImage = this.backend === 'pil';
    const output = this.applied(isImage ? image : image.toNdArray());
    return (isImage ? output : toFloats(output)) as Output;
  }
}
