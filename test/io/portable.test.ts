import assert from 'node:assert/strict';
import { NdArray } from '../../src/common/ndarray.js';
import { NotPortableError, pack, unpack, type WorkerCopy } from '../../src/io/portable.js';
import * as transforms from '../../src/vision/transforms/index.js';
import { Image } from '../../src/vision/image.js';

const url = 'test:module';

/** Made anew by its constructor. */
class Counter {
  static readonly moduleUrl = url;
  #loaded: Uint8Array | undefined;
  constructor(readonly step: number) {}
  load(): this {
    this.#loaded = new Uint8Array(new SharedArrayBuffer(3)).fill(this.step);
    return this;
  }
  get loaded(): Uint8Array | undefined {
    return this.#loaded;
  }
  toWorker(): WorkerCopy {
    return { args: [this.step], state: this.#loaded };
  }
  fromWorker(state: Uint8Array): void {
    this.#loaded = state;
  }
}

/** Made anew from its properties. */
class Plain {
  moduleUrl = url;
  parts = { list: [new Counter(2), 'text'], when: new Date(5) };
  constructor() {
    Plain.made++;
  }
  static made = 0;
}

function double(value: number): number {
  return 2 * value;
}
double.moduleUrl = url;

/** To a worker and back, as far as one thread can do it. */
async function travel<T>(value: T, exports: Record<string, unknown> = { Counter, Plain, double }): Promise<T> {
  return (await unpack(structuredClone(pack(value, 'value')), (module) => {
    assert.equal(module, url);
    return Promise.resolve(exports);
  })) as T;
}

describe('what goes to workers', () => {
  it('copies plain values', async () => {
    const value = { a: [1, 'x', null, undefined, { b: true }], m: /x/g, n: 5n, f: Float64Array.of(1, NaN) };
    assert.deepEqual(await travel(value), value);
  });

  it('keeps arrays with their type, without what lies beside them', async () => {
    const array = new NdArray(new Float32Array([9, 1, 2, 9]).subarray(1, 3), [1, 2]);
    const copy = await travel(array);
    assert.ok(copy instanceof NdArray);
    assert.deepEqual(copy, array);
    assert.equal(copy.data.buffer.byteLength, 8);
  });

  it('shares large arrays, and those that are shared already', async () => {
    const large = new Uint16Array(5000).fill(7);
    const copy = await travel([large]);
    assert.ok(copy[0]?.buffer instanceof SharedArrayBuffer);
    assert.deepEqual(copy[0], large);
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    const seen = await travel([shared]);
    shared[2] = 5;
    assert.equal(seen[0]?.[2], 5);
  });

  it('makes objects anew by their constructor, and hands over what they loaded', async () => {
    const loaded = new Counter(3).load();
    const copy = await travel(loaded);
    assert.equal(copy.step, 3);
    assert.deepEqual(copy.loaded, Uint8Array.of(3, 3, 3));
    loaded.loaded![0] = 8;
    assert.equal(copy.loaded?.[0], 8);
    assert.equal((await travel(new Counter(1))).loaded, undefined);
  });

  it('makes objects anew from their properties, nested ones too', async () => {
    const value = new Plain();
    const { made } = Plain;
    const copy = await travel(value);
    assert.ok(copy instanceof Plain);
    assert.equal((copy.parts.list[0] as Counter).step, 2);
    assert.deepEqual(copy.parts.when, new Date(5));
    assert.equal(Plain.made, made);
  });

  it('imports functions and classes by name', async () => {
    assert.equal(await travel(double), double);
    assert.equal(await travel(Counter), Counter);
    assert.equal(await travel(double, { default: double }), double);
  });

  it('names an export that is missing', async () => {
    await assert.rejects(travel(double, {}), /test:module exports no 'double'/);
  });

  class Stranger {}
  class Derived extends Counter {}
  const circle: unknown[] = [];
  circle.push({ circle });
  const refused: [string, unknown, RegExp][] = [
    ['a function without a module', { transform: () => 0 }, /^value.transform is a function without moduleUrl/],
    [
      'an object of a class without a module',
      [[], new Stranger()],
      /^value\[1\] is of the class Stranger, which has no/,
    ],
    ['a class that only inherits its module', new Derived(1), /of the class Derived/],
    ['a circle', circle, /refers to what holds it/],
    ['a symbol', Symbol('s'), /is a symbol/],
  ];
  for (const [what, value, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => pack(value, 'value'),
        (error) => error instanceof NotPortableError && message.test(error.message),
      );
    });
  }

  it('takes every class of transforms', () => {
    for (const value of Object.values(transforms)) {
      if (typeof value !== 'function' || value === transforms.BaseTransform || !value.prototype) continue;
      if (!(Object.hasOwn(value.prototype as object, 'forward') || value.prototype instanceof transforms.BaseTransform))
        continue;
      assert.ok(Object.hasOwn(value, 'moduleUrl'), `${value.name} has no static moduleUrl`);
    }
  });

  it('takes transforms with their settings', async () => {
    const image = new Image(Uint8Array.of(0, 50, 100, 150), 2, 2, 1);
    const transform = new transforms.Compose([
      new transforms.ToTensor(),
      new transforms.Normalize({ mean: 0.5, std: 0.25 }),
    ]);
    const copy = (await unpack(structuredClone(pack(transform, 'transform')), () =>
      Promise.resolve({ ...transforms }),
    )) as typeof transform;
    assert.notEqual(copy, transform);
    assert.deepEqual(copy.forward(image), transform.forward(image));
  });
});
