import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileNotFoundError, InvalidArgumentError } from '../../common/errors.js';
import type { NdArray } from '../../common/ndarray.js';
import { checkFunction, checkOptions, describeValue } from '../../common/options.js';
import { checkIndex, Dataset, prepared } from '../../io/dataset.js';
import type { Portable, WorkerCopy } from '../../io/portable.js';
import { getImageBackend } from '../image-backend.js';
import { loadRgb } from '../image-load.js';
import type { Image } from '../image.js';
import { applyTransform, type Transform } from '../transforms/transform.js';

/** Endings of image files. */
const imageExtensions = ['.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp'] as const;

/** Options of {@link DatasetFolder} and {@link ImageFolder}. */
export interface FolderOptions<Output> {
  /**
   * Makes an image of a file. @defaultValue red, green and blue, as an `Image` or, when the backend is 'cv2', an array of bytes
   */
  readonly loader?: ((path: string) => Image | NdArray | Promise<Image | NdArray>) | null;
  /** Endings of the files to take, in any case. @defaultValue those of images: .jpg .jpeg .png .ppm .bmp .pgm .tif .tiff .webp */
  readonly extensions?: readonly string[] | null;
  /** Applied to each image. @defaultValue none */
  readonly transform?: Transform<Output> | null;
  /** Says whether to take a file; excludes `extensions`. @defaultValue none */
  readonly isValidFile?: ((path: string) => boolean) | null;
}

/** Files of a folder and its subfolders, folder by folder, in the order of their names; links are followed. */
async function walk(folder: string, open: ReadonlySet<string> = new Set()): Promise<string[]> {
  const real = await realpath(folder);
  // A link to a folder that holds it would never end.
  if (open.has(real)) return [];
  const inside = new Set(open).add(real);
  const files: string[] = [];
  const folders: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const entry = path.join(folder, name);
    const kind = await stat(entry).catch(() => undefined);
    if (kind?.isFile()) files.push(entry);
    else if (kind?.isDirectory()) folders.push(entry);
  }
  for (const one of folders) files.push(...(await walk(one, inside)));
  return files;
}

/** Names of the folders in a folder. */
async function foldersIn(root: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of (await readdir(root)).sort()) {
    const kind = await stat(path.join(root, name)).catch(() => undefined);
    if (kind?.isDirectory()) names.push(name);
  }
  return names;
}

/** What both data sets of folders share. */
abstract class FilesDataset<Sample, Found, Output> extends Dataset<Sample> implements Portable {
  /** The folder. */
  readonly root: string;
  readonly #options: FolderOptions<Output>;
  #backend: 'pil' | 'cv2' | undefined;
  #loading: Promise<void> | undefined;
  #found: Found | undefined;

  protected constructor(root: string, options: FolderOptions<Output>) {
    super();
    checkOptions(new.target.name, options, ['loader', 'extensions', 'transform', 'isValidFile']);
    if (typeof root !== 'string' || root === '') {
      throw new InvalidArgumentError(`root must be the path of a folder, got ${describeValue(root)}`);
    }
    const { extensions, isValidFile, loader } = options;
    if (extensions != null && (!Array.isArray(extensions) || extensions.some((one) => typeof one !== 'string'))) {
      throw new InvalidArgumentError(`extensions must be an array of texts, got ${describeValue(extensions)}`);
    }
    if (extensions != null && isValidFile != null) {
      throw new InvalidArgumentError('extensions and isValidFile exclude each other, got both');
    }
    if (isValidFile != null) checkFunction('isValidFile', isValidFile);
    if (loader != null) checkFunction('loader', loader);
    this.root = root;
    this.#options = options;
  }

  /** Looks for the files. */
  override prepare(): Promise<void> {
    this.#loading ??= this.#find().catch((error: unknown) => {
      // Another try is possible.
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** A worker gets the options and the list of files. */
  toWorker(): WorkerCopy {
    return { args: [this.root, this.#options], state: { found: this.#found, backend: this.#currentBackend() } };
  }

  /**
   * Uses the files that were found already.
   *
   * @hidden
   */
  fromWorker({ found, backend }: { found: Found | undefined; backend: 'pil' | 'cv2' }): void {
    this.#backend = backend;
    this.#found = found;
    if (found !== undefined) this.#loading = Promise.resolve();
  }

  async #find(): Promise<void> {
    const kind = await stat(this.root).catch((error: unknown) => {
      const why = (error as Error).message;
      throw new FileNotFoundError(this.root, `the folder ${this.root} cannot be read: ${why}`, { cause: error });
    });
    if (!kind.isDirectory()) throw new FileNotFoundError(this.root, `${this.root} is no folder`);
    this.#found = await this.find();
  }

  /**
   * Looks for the files and notes what belongs to them.
   *
   * @hidden
   */
  protected abstract find(): Promise<Found>;

  /**
   * What was found.
   *
   * @hidden
   */
  protected get found(): Found {
    return prepared(this, this.#found);
  }

  /** The files of a folder that are wanted. */
  protected async filesOf(folder: string): Promise<string[]> {
    const { isValidFile } = this.#options;
    const extensions = this.#extensions();
    const isWanted = isValidFile ?? ((file: string) => extensions.some((one) => file.toLowerCase().endsWith(one)));
    return (await walk(folder)).filter((file) => isWanted(file));
  }

  #extensions(): string[] {
    return (this.#options.extensions ?? imageExtensions).map((one) => one.toLowerCase());
  }

  /** An error that says what was not found. */
  protected nothing(what: string): FileNotFoundError {
    const wanted = this.#options.isValidFile
      ? 'as isValidFile wants them'
      : `ending in ${this.#extensions().join(', ')}`;
    return new FileNotFoundError(this.root, `found no ${what} in ${this.root}, with files ${wanted}`);
  }

  /** The image of a file, transformed. */
  protected async load(file: string): Promise<Output> {
    const { loader, transform } = this.#options;
    const image = loader ? await loader(file) : await loadRgb(file, this.#currentBackend());
    return transform ? applyTransform(transform, image) : (image as Output);
  }

  #currentBackend(): 'pil' | 'cv2' {
    return this.#backend ?? (getImageBackend() === 'cv2' ? 'cv2' : 'pil');
  }
}

/** What {@link DatasetFolder} has found. */
interface ClassFiles {
  readonly classes: readonly string[];
  readonly samples: readonly (readonly [path: string, target: number])[];
}

/**
 * Images in one folder a class: `root/CLASS/.../FILE`. Classes are numbered in the order of their names.
 *
 * A sample is `[image, class]`: what the transform makes of the image, and the number of its class. Files are looked for by
 * `prepare`, and decoded when a sample is asked for.
 *
 * @typeParam Output - what the transform makes of an image
 *
 * @example
 * ```ts
 * const dataset = new DatasetFolder('photos', { transform: new Compose([new Resize([64, 64]), new ToTensor()]) });
 * await dataset.prepare();
 * console.log(dataset.classes);
 * ```
 */
export class DatasetFolder<Output = Image | NdArray<'uint8'>> extends FilesDataset<
  [image: Output, target: number],
  ClassFiles,
  Output
> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /**
   * @param root - folder with one folder a class
   * @throws `FileNotFoundError` from `prepare`, when the folder, folders in it or files in those are missing
   */
  constructor(root: string, options: FolderOptions<Output> = {}) {
    super(root, options);
  }

  /** Names of the classes, in the order of their numbers. */
  get classes(): readonly string[] {
    return this.found.classes;
  }

  /** Number of each class. */
  get classToIdx(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classes.map((name, index) => [name, index]));
  }

  /** Path and class of each sample. */
  get samples(): readonly (readonly [path: string, target: number])[] {
    return this.found.samples;
  }

  /** Class of each sample. */
  get targets(): readonly number[] {
    return this.samples.map(([, target]) => target);
  }

  get length(): number {
    return this.samples.length;
  }

  async getItem(index: number): Promise<[image: Output, target: number]> {
    const { samples } = this;
    const [file = '', target = 0] = samples[checkIndex(index, samples.length)] ?? [];
    return [await this.load(file), target];
  }

  /** @hidden */
  protected async find(): Promise<ClassFiles> {
    const classes = await foldersIn(this.root);
    const samples: (readonly [string, number])[] = [];
    for (const [target, name] of classes.entries()) {
      for (const file of await this.filesOf(path.join(this.root, name))) samples.push([file, target]);
    }
    if (samples.length === 0) throw this.nothing('folders of a class');
    return { classes, samples };
  }
}

/**
 * Images of a folder and its subfolders, without classes.
 *
 * A sample is `[image]`: what the transform makes of the image. Files are looked for by `prepare`, and decoded when a sample is
 * asked for.
 *
 * @typeParam Output - what the transform makes of an image
 */
export class ImageFolder<Output = Image | NdArray<'uint8'>> extends FilesDataset<
  [image: Output],
  readonly string[],
  Output
> {
  /** Module of the class, for data workers. */
  static readonly moduleUrl = import.meta.url;

  /**
   * @param root - folder of the images
   * @throws `FileNotFoundError` from `prepare`, when the folder or files in it are missing
   */
  constructor(root: string, options: FolderOptions<Output> = {}) {
    super(root, options);
  }

  /** Paths of the images. */
  get samples(): readonly string[] {
    return this.found;
  }

  get length(): number {
    return this.samples.length;
  }

  async getItem(index: number): Promise<[image: Output]> {
    const { samples } = this;
    return [await this.load(samples[checkIndex(index, samples.length)] ?? '')];
  }

  /** @hidden */
  protected async find(): Promise<readonly string[]> {
    const files = await this.filesOf(this.root);
    if (files.length === 0) throw this.nothing('files');
    return files;
  }
}
