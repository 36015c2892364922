import '../support/setup.js';
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  FileFormatError,
  FileNotFoundError,
  InvalidArgumentError,
  OutOfRangeError,
  UnknownOptionError,
} from '../../src/common/errors.js';
import { NdArray } from '../../src/common/ndarray.js';
import { load, save, type Saveable } from '../../src/framework/index.js';
import { Linear } from '../../src/nn/common.js';
import { Parameter } from '../../src/nn/parameter.js';
import { readObject, Tuple, writeObject, type PickleKey, type PickleValue } from '../../src/serialization/index.js';

/** Collects the library's warnings while `run` runs. */
async function warningsOf(run: () => Promise<void>): Promise<string[]> {
  const messages: string[] = [];
  const listener = (warning: Error) => messages.push(warning.message);
  process.on('warning', listener);
  await run();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listener);
  return messages;
}

describe('save and load', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'save-load-'));
  });
  after(() => rm(folder, { recursive: true }));
  const file = (name: string) => path.join(folder, name);

  const weight = () => new Parameter(tf.tensor([1, 2, 3, 4, 5, 6], [2, 3]), { name: 'linear_7.w_0' });

  for (const protocol of [2, 3, 4] as const) {
    it(`keep a state dict, protocol ${protocol}`, async () => {
      const state = {
        'fc.weight': weight(),
        count: tf.tensor([-1, 2 ** 31 - 1], [2], 'int32'),
        mask: tf.tensor([true, false], [2], 'bool'),
        scalar: tf.scalar(0.1),
        LR_Scheduler: { last_epoch: 3, last_lr: 0.05 },
      };
      await save(state, file('state.pdparams'), { protocol });
      assert.equal((await readFile(file('state.pdparams')))[1], protocol);
      const loaded = await load<Record<string, Tensor>>(file('state.pdparams'));
      assert.deepEqual(Object.keys(loaded), Object.keys(state));
      for (const key of ['fc.weight', 'count', 'mask', 'scalar'] as const) {
        assert.deepEqual(loaded[key]!.dataSync(), state[key].dataSync());
        assert.deepEqual(loaded[key]!.shape, state[key].shape);
        assert.equal(loaded[key]!.dtype, state[key].dtype);
        assert.equal(loaded[key]!.stopGradient, true);
      }
      assert.deepEqual(loaded.LR_Scheduler, { last_epoch: 3, last_lr: 0.05 });
    });
  }

  it('keep a layer', async () => {
    const [from, to] = [new Linear(4, 3), new Linear(4, 3)];
    await save(from.stateDict(), file('linear.pdparams'));
    assert.deepEqual(to.setStateDict(await load(file('linear.pdparams'))), { missingKeys: [], unexpectedKeys: [] });
    assert.deepEqual(to.weight.dataSync(), from.weight.dataSync());
  });

  it('write the table of parameter names last', async () => {
    await save(
      { 'fc.weight': weight(), moment: tf.scalar(1), LR_Scheduler: { last_epoch: 1 } },
      file('names.pdparams'),
    );
    const raw = await readObject(file('names.pdparams'));
    assert.ok(raw instanceof Map);
    assert.equal([...raw.keys()].at(-1), 'StructuredToParameterName@@');
    const table = { 'fc.weight': 'linear_7.w_0', moment: 'moment' };
    const kept = await load(file('names.pdparams'), { keepNameTable: true });
    assert.deepEqual(kept['StructuredToParameterName@@'], table);
    assert.ok(!('StructuredToParameterName@@' in (await load(file('names.pdparams')))));
  });

  it('keep nested objects; tensors are pairs of name and array in the file', async () => {
    const obj = {
      model: { w: weight() },
      epoch: 3,
      list: [tf.scalar(2), 'text', null, true, -0.5, 2n ** 60n],
      own: new NdArray(Float64Array.of(0.1), [1]),
    };
    await save(obj, file('nested.pd'));
    const raw = await readObject(file('nested.pd'));
    assert.ok(raw instanceof Map);
    const model: unknown = raw.get('model');
    assert.ok(model instanceof Map);
    const pair = new Tuple<PickleValue>(['linear_7.w_0', new NdArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])]);
    assert.deepEqual(model.get('w'), pair);

    interface Nested {
      model: { w: Tensor };
      epoch: number;
      list: [Tensor, ...unknown[]];
      own: NdArray;
    }
    const loaded = await load<Nested>(file('nested.pd'));
    assert.deepEqual(loaded.model.w.arraySync(), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(loaded.list[0].item(), 2);
    assert.deepEqual(loaded.list.slice(1), ['text', null, true, -0.5, 2n ** 60n]);
    assert.deepEqual(loaded.own, obj.own);
  });

  it('keep a single tensor', async () => {
    await save(tf.tensor([1.5, 2], [1, 2]), file('tensor.pd'));
    assert.deepEqual((await load<Tensor>(file('tensor.pd'))).arraySync(), [[1.5, 2]]);
  });

  it('make arrays tensors where no tensor is named, arrays and tuples arrays', async () => {
    const value = new Map<PickleKey, PickleValue>([
      ['a', [new NdArray(Float64Array.of(0.5), [1])]],
      ['b', new Tuple([1, new NdArray(BigInt64Array.of(5n), [1])])],
      [7, new Uint8Array(2)],
      ['__proto__', 1],
    ]);
    await writeObject(file('arrays.pd'), value);
    const loaded = await load<{ a: [Tensor]; b: [number, Tensor]; 7: Uint8Array }>(file('arrays.pd'));
    assert.deepEqual([loaded.a[0].dtype, loaded.a[0].item()], ['float32', 0.5]);
    assert.deepEqual([loaded.b[0], loaded.b[1].dtype, loaded.b[1].item()], [1, 'int32', 5]);
    assert.deepEqual(loaded[7], new Uint8Array(2));
    assert.deepEqual(Object.getOwnPropertyDescriptor(loaded, '__proto__')?.value, 1);
    assert.equal(Object.getPrototypeOf(loaded), Object.prototype);
  });

  it('read bfloat16, stored as uint16', async () => {
    await writeObject(file('bf16.pd'), [new NdArray(Uint16Array.of(0x3f80, 0xc020, 0x7f80), [3])]);
    assert.deepEqual([...(await load<[Tensor]>(file('bf16.pd')))[0].dataSync()], [1, -2.5, Infinity]);
  });

  it('give the arrays of the file with returnNumpy', async () => {
    const big = new NdArray(BigInt64Array.of(2n ** 40n), [1]);
    await writeObject(file('big.pd'), new Map([['big', big]]));
    assert.deepEqual(await load(file('big.pd'), { returnNumpy: true }), { big });
    await assert.rejects(load(file('big.pd')), OutOfRangeError);
    await save({ w: weight() }, file('numpy.pdparams'));
    const { w } = await load(file('numpy.pdparams'), { returnNumpy: true });
    assert.deepEqual(w, new NdArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]));
  });

  it('take the values at the moment of the call', async () => {
    const parameter = weight();
    const saving = save({ w: parameter }, file('moment.pdparams'));
    parameter.assign(tf.zeros([2, 3]));
    await saving;
    assert.deepEqual([...(await load(file('moment.pdparams'))).w!.dataSync()], [1, 2, 3, 4, 5, 6]);
  });

  it('create folders and leave no temporary file', async () => {
    await save({ w: weight() }, file('some/deep/folder/w.pdparams'));
    assert.deepEqual(await readdir(file('some/deep/folder')), ['w.pdparams']);
  });

  it('warn of an empty state dict, and keep it', async () => {
    const warnings = await warningsOf(() => save({}, file('empty.pdparams')));
    assert.deepEqual(warnings, ['The input state dict is empty, no need to save.']);
    assert.deepEqual(await load(file('empty.pdparams')), {});
  });

  describe('refuse', () => {
    const loop: Record<string, unknown> = {};
    loop.loop = [loop];
    const wrong: Record<string, readonly [unknown, RegExp]> = {
      'a layer': [new Linear(2, 2), /obj must be a tensor, .* got an instance of Linear; .* save the stateDict\(\)/],
      'a layer within': [{ net: { fc: new Linear(2, 2) } }, /net\.fc must be|obj\.net\.fc must be/],
      'a function': [{ list: [() => 1] }, /obj\.list\[0\] must be/],
      undefined: [{ a: undefined }, /obj\.a must be .* got undefined/],
      'an object within itself': [loop, /nested deeper than 256 levels or contains itself/],
    };
    for (const [what, [obj, message]] of Object.entries(wrong)) {
      it(what, async () => {
        await assert.rejects(save(obj as Saveable, file('wrong.pd')), (error) => {
          assert.ok(error instanceof InvalidArgumentError);
          assert.match(error.message, message);
          return true;
        });
        await assert.rejects(load(file('wrong.pd')), FileNotFoundError);
      });
    }

    it('a tensor of texts', async () => {
      const texts = tf.tensor(['x']);
      await assert.rejects(
        save({ a: texts }, file('wrong.pd')),
        /a must be a tensor of float32, int32 or bool, got string/,
      );
      texts.dispose();
    });

    it('a path without a file name', async () => {
      for (const name of ['', 'folder/', `${folder}/`]) {
        await assert.rejects(save({ w: weight() }, name), /path must end in a file name/);
        await assert.rejects(load(name), /path must end in a file name/);
      }
      await assert.rejects(load(folder), /path must be a file/);
    });

    it('unknown protocols and options', async () => {
      for (const protocol of [1, 5, 2.5, '4', null]) {
        await assert.rejects(
          save({}, file('x.pd'), { protocol: protocol as 4 }),
          /protocol must be 2, 3 or 4, got/,
          String(protocol),
        );
      }
      const options = { protocl: 4 } as object;
      await assert.rejects(save({}, file('x.pd'), options), UnknownOptionError);
      await assert.rejects(load(file('x.pd'), { return_numpy: true } as object), /did you mean 'returnNumpy'/);
      await assert.rejects(load(file('x.pd'), { returnNumpy: 1 as unknown as boolean }), /returnNumpy must be true/);
    });

    it('a missing file', async () => {
      await assert.rejects(load(file('nowhere.pdparams')), (error) => {
        assert.ok(error instanceof FileNotFoundError);
        assert.equal(error.path, file('nowhere.pdparams'));
        return true;
      });
    });

    it('a file cut off', async () => {
      await save({ w: weight() }, file('cut.pdparams'));
      const bytes = await readFile(file('cut.pdparams'));
      await writeFile(file('cut.pdparams'), bytes.subarray(0, -20));
      await assert.rejects(load(file('cut.pdparams')), (error) => {
        assert.ok(error instanceof FileFormatError);
        assert.equal(error.path, file('cut.pdparams'));
        return true;
      });
    });
  });
});
