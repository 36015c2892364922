/**
 * How a value gets into a worker thread.
 *
 * Threads share no objects, so a data set with its transforms is taken to pieces here and put together again there:
 *
 * - Numbers, texts, arrays, plain objects, typed arrays, dates and the like are copied. Typed arrays of more than a few
 *   kilobytes go through a `SharedArrayBuffer`, which all workers see; one that lies in such a buffer is not copied.
 * - A function or class with a property `moduleUrl` of its own is imported from that module by its name.
 * - An object is made anew when its class has a static property `moduleUrl` of its own, or the object has one:
 *   - with a method `toWorker`, by the constructor with the `args` that it gives; then `fromWorker` gets the `state`;
 *   - else from its enumerable properties, without a call of the constructor. A class with `#private` fields needs
 *     `toWorker`.
 *
 * Everything else, such as a function without `moduleUrl`, cannot go to a worker.
 *
 * @module
 */
import { NdArray } from '../common/ndarray.js';

/** What a worker needs to make an equal object. */
export interface WorkerCopy {
  /** Arguments of the constructor. */
  readonly args: readonly unknown[];
  /** Handed to `fromWorker` of the copy, such as data that is loaded already. */
  readonly state?: unknown;
}

/** Something that says how it is made anew in a worker, see {@link WorkerCopy}. Its class has a static `moduleUrl`. */
export interface Portable {
  /** What a worker needs to make an equal object. */
  toWorker(): WorkerCopy;
  /** Takes over the `state` of {@link WorkerCopy}; called only when there is one. */
  fromWorker?(state: never): void;
}

/** An export of a module. */
interface Export {
  readonly module: string;
  readonly name: string;
}

/** A value in pieces that can be cloned. */
export type Packed =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Packed[] }
  | { readonly kind: 'record'; readonly entries: readonly (readonly [string, Packed])[] }
  | { readonly kind: 'array'; readonly data: unknown; readonly shape: readonly number[]; readonly dtype: string }
  | ({ readonly kind: 'export' } & Export)
  | ({ readonly kind: 'made'; readonly args: Packed; readonly state?: Packed } & Export)
  | ({ readonly kind: 'restored'; readonly properties: Packed } & Export);

/** Why a value cannot go to a worker. */
export class NotPortableError extends Error {}

/** Arrays of at least so many bytes are shared by the workers. */
const sharedBytes = 4096;

type TypedArray = Float32Array;

/** Own `moduleUrl` of a function, class or object. */
function moduleOf(value: object): string | undefined {
  if (!Object.hasOwn(value, 'moduleUrl')) return undefined;
  const { moduleUrl } = value as { moduleUrl?: unknown };
  return typeof moduleUrl === 'string' || moduleUrl instanceof URL ? String(moduleUrl) : undefined;
}

/** The same elements in a buffer that threads share, without what lies beside them in their own buffer. */
function shareable(array: TypedArray): TypedArray {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  if (array.byteLength < sharedBytes) return array.slice();
  const kind = array.constructor as new (buffer: SharedArrayBuffer) => TypedArray;
  const shared = new kind(new SharedArrayBuffer(array.byteLength));
  shared.set(array);
  return shared;
}

const isPrimitive = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');

/** Values that are cloned as they are. */
const clonedTypes = [ArrayBuffer, SharedArrayBuffer, DataView, Date, RegExp, Error] as const;

/** Takes values to pieces. */
class Packer {
  readonly #open = new Set<unknown>();

  /** @param path - where the value is, for errors */
  pack(value: unknown, path: string): Packed {
    if (isPrimitive(value)) return { kind: 'value', value };
    if (typeof value === 'function') return packFunction(value, path);
    if (typeof value !== 'object' || value === null) throw new NotPortableError(`${path} is a symbol`);
    if (this.#open.has(value)) throw new NotPortableError(`${path} refers to what holds it`);
    this.#open.add(value);
    const packed = this.#packObject(value, path);
    this.#open.delete(value);
    return packed;
  }

  #packObject(value: object, path: string): Packed {
    if (Array.isArray(value)) {
      const list = value as unknown[];
      if (list.every(isPrimitive)) return { kind: 'value', value: list };
      return { kind: 'list', items: list.map((item, index) => this.pack(item, `${path}[${index}]`)) };
    }
    if (value instanceof NdArray) {
      const { data, shape, dtype } = value as NdArray;
      return { kind: 'array', data: shareable(data as TypedArray), shape, dtype };
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      return { kind: 'value', value: shareable(value as TypedArray) };
    }
    if (clonedTypes.some((type) => value instanceof type)) return { kind: 'value', value };
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === Object.prototype || prototype === null) return this.#packEntries(value, path);
    return this.#packInstance(value, prototype.constructor, path);
  }

  #packEntries(value: object, path: string): Packed {
    const entries = Object.entries(value).map(([key, item]) => [key, this.pack(item, `${path}.${key}`)] as const);
    return { kind: 'record', entries };
  }

  #packInstance(value: object, constructor: { readonly name: string }, path: string): Packed {
    const { name } = constructor;
    const module = moduleOf(value) ?? moduleOf(constructor);
    if (module === undefined) throw new NotPortableError(`${path} is of the class ${name}, which has no moduleUrl`);
    if (typeof (value as Partial<Portable>).toWorker !== 'function') {
      return { kind: 'restored', module, name, properties: this.#packEntries(value, path) };
    }
    const { args, state } = (value as Portable).toWorker();
    const packed = { kind: 'made', module, name, args: this.pack(args, `${path}: argument`) } as const;
    return state === undefined ? packed : { ...packed, state: this.pack(state, `${path}: state`) };
  }
}

function packFunction(value: { readonly name: string }, path: string): Packed {
  const module = moduleOf(value);
  if (module === undefined) throw new NotPortableError(`${path} is a function without moduleUrl`);
  return { kind: 'export', module, name: value.name };
}

/**
 * Takes a value to pieces that can be cloned.
 *
 * @param path - what it is, for errors
 * @throws `NotPortableError` when it cannot go to a worker
 */
export function pack(value: unknown, path: string): Packed {
  return new Packer().pack(value, path);
}

/** The modules of everything in `packed`. */
export function* modulesOf(packed: Packed): Generator<string> {
  switch (packed.kind) {
    case 'list':
      for (const item of packed.items) yield* modulesOf(item);
      return;
    case 'record':
      for (const [, item] of packed.entries) yield* modulesOf(item);
      return;
    case 'export':
      yield packed.module;
      return;
    case 'made':
      yield packed.module;
      yield* modulesOf(packed.args);
      if (packed.state) yield* modulesOf(packed.state);
      return;
    case 'restored':
      yield packed.module;
      yield* modulesOf(packed.properties);
      return;
    case 'value':
    case 'array':
  }
}

/** A module's exports. */
type Exports = Readonly<Record<string, unknown>>;

/** Puts a value together again. */
class Unpacker {
  readonly #modules: ReadonlyMap<string, Exports>;

  constructor(modules: ReadonlyMap<string, Exports>) {
    this.#modules = modules;
  }

  unpack(packed: Packed): unknown {
    switch (packed.kind) {
      case 'value':
        return packed.value;
      case 'list':
        return packed.items.map((item) => this.unpack(item));
      case 'record':
        return Object.fromEntries(packed.entries.map(([key, item]) => [key, this.unpack(item)]));
      case 'array':
        return new NdArray(packed.data as Float32Array, packed.shape, packed.dtype as 'float32');
      case 'export':
        return this.#find(packed);
      case 'made': {
        const made = new (this.#findClass(packed))(...(this.unpack(packed.args) as unknown[])) as Partial<Portable>;
        if (packed.state) made.fromWorker?.(this.unpack(packed.state) as never);
        return made;
      }
      case 'restored': {
        const { prototype } = this.#findClass(packed);
        return Object.assign(Object.create(prototype) as object, this.unpack(packed.properties));
      }
    }
  }

  #find({ module, name }: Export): unknown {
    const exports = this.#modules.get(module) ?? {};
    const found = exports[name] ?? exports.default;
    if (typeof found !== 'function' || (exports[name] === undefined && found.name !== name)) {
      throw new Error(`${module} exports no '${name}'; a class or function that goes to workers must be exported`);
    }
    return found;
  }

  #findClass(where: Export): { new (...args: unknown[]): object; readonly prototype: object } {
    return this.#find(where) as { new (...args: unknown[]): object; readonly prototype: object };
  }
}

/**
 * Puts a value together again.
 *
 * @param load - imports a module by its URL
 */
export async function unpack(packed: Packed, load: (url: string) => Promise<Exports>): Promise<unknown> {
  const urls = [...new Set(modulesOf(packed))];
  const modules = await Promise.all(urls.map(async (url) => [url, await load(url)] as const));
  return new Unpacker(new Map(modules)).unpack(packed);
}
