import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import { NdArray } from '../../src/common/ndarray.js';
import { seed } from '../../src/common/random.js';
import {
  BatchSampler,
  ComposeDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  Subset,
  TensorDataset,
  type DataLoaderOptions,
} from '../../src/io/index.js';
import { WorkerError } from '../../src/common/errors.js';
import type { MNIST } from '../../src/vision/datasets/index.js';
import { decodeBatch } from '../../src/io/batch-message.js';
import { planWorkers } from '../../src/io/worker-plan.js';
import { workerFlags, WorkerPool } from '../../src/io/worker-pool.js';
import { runNode, runScript } from '../support/spawn.js';
import { captureWarnings } from '../support/warnings.js';
import { builtInDatasets } from './support/built-in.js';
import { batchesOf, contentsOf } from './support/contents.js';
import {
  Counting,
  Noisy,
  NoisyLater,
  Restarting,
  startAt,
  sumLabels,
  Telling,
  Troublesome,
  type Trouble,
} from './support/datasets.js';

/** Threads that were started and have not ended. */
const alive = new Set<Worker>();
const follow = (worker: Worker) => {
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
};

/** What a loader gives, made after the same seed. */
function passOf(dataset: Dataset, options: DataLoaderOptions): Promise<unknown[]> {
  seed(11);
  return batchesOf(new DataLoader<unknown, unknown>(dataset, options));
}

describe('data workers', () => {
  before(() => process.on('worker', follow));
  after(() => process.off('worker', follow));

  /** Throws unless workers give what the main thread gives. */
  async function compare(dataset: Dataset, options: DataLoaderOptions, counts: readonly number[]): Promise<void> {
    const expected = await passOf(dataset, options);
    assert.ok(expected.length > 0);
    for (const numWorkers of counts) {
      const warnings = await captureWarnings(async () => {
        assert.deepEqual(await passOf(dataset, { ...options, numWorkers }), expected, `${numWorkers} workers`);
      });
      assert.deepEqual(warnings, []);
    }
  }

  describe('give the batches of the main thread', () => {
    it('for every built-in data set, with random numbers, and samples that come late', async () => {
      const datasets = await Promise.all(builtInDatasets.map((make) => make()));
      const firstSamples = datasets.map((dataset) => new Subset(dataset, [7, 0, 1, 2, 3, 4, 5, 6]));
      const dataset = new ComposeDataset<unknown[]>([...firstSamples, new Noisy(8), new NoisyLater(8)]);
      await compare(dataset, { batchSize: 3, shuffle: true }, [1, 3]);
    });

    it('for indices that repeat', async () => {
      await compare(new Noisy(3), { batchSampler: [[2, 2, 0], [1], [2, 0]] }, [1]);
      const [first] = (await passOf(new Noisy(3), { batchSampler: [[2, 2]] })) as [[{ data: number[] }]];
      assert.notDeepEqual(first[0].data.slice(0, 3), first[0].data.slice(3));
    });

    it('for single samples of several data sets', async () => {
      const dataset = new ConcatDataset([new Subset(new Noisy(9), [8, 2]), new NoisyLater(2)]);
      await compare(dataset, { batchSize: null }, [2]);
    });

    it('in later passes, by the number of the pass', async () => {
      seed(2);
      const here = new DataLoader(new Noisy(4), { batchSize: 2 });
      const passes = [await batchesOf(here), await batchesOf(here), await batchesOf(here)];
      assert.notDeepEqual(passes[0], passes[1]);
      seed(2);
      const loader = new DataLoader(new Noisy(4), { batchSize: 2, numWorkers: 2, persistentWorkers: true });
      assert.deepEqual([await batchesOf(loader), await batchesOf(loader)], passes.slice(0, 2));
      loader.setEpoch(1);
      assert.deepEqual(await batchesOf(loader), passes[1]);
      assert.deepEqual(await batchesOf(loader.pass(1)), passes[2]?.slice(1));
      await loader.close();
    });
  });

  it('put samples together by an exported function', async () => {
    const options = { batchSize: 2, collateFn: sumLabels };
    for (const numWorkers of [0, 1]) {
      const batches: unknown[] = [];
      for await (const { labels, sum } of new DataLoader(new Noisy(3), { ...options, numWorkers })) {
        assert.ok(sum instanceof NdArray);
        batches.push([labels, ...sum.data]);
      }
      assert.deepEqual(batches, [
        [[0, 1], 1],
        [[2], 2],
      ]);
    }
  });

  it('take turns, know their number, and are set up by workerInitFn', async () => {
    const loader = new DataLoader(new Telling(4), { numWorkers: 3, workerInitFn: startAt });
    assert.deepEqual(
      (await batchesOf(loader)).map((batch) => (batch as { data: number[] }[]).map(({ data }) => data[0])),
      [
        [0, 3, 100],
        [1, 3, 101],
        [2, 3, 102],
        [0, 3, 100],
      ],
    );
  });

  it('go through an iterable data set each, or divide it', async () => {
    const numbers = async (divided: boolean, numWorkers: number, dropLast = false) => {
      const loader = new DataLoader(new Counting(5, divided), { batchSize: 2, numWorkers, dropLast });
      return (await batchesOf(loader)).map((batch) => (batch as { data: number[] }[])[0]?.data);
    };
    assert.deepEqual(await numbers(false, 0), [[0, 1], [2, 3], [4]]);
    assert.deepEqual(await numbers(false, 0, true), [
      [0, 1],
      [2, 3],
    ]);
    assert.deepEqual(await numbers(false, 2), [[0, 1], [0, 1], [2, 3], [2, 3], [4], [4]]);
    assert.deepEqual(await numbers(true, 2, true), [
      [0, 2],
      [1, 3],
    ]);
  });

  it('give the batch of an iterable data set that they were asked for, in whatever order, one after the other', async () => {
    const job = { dataset: new Restarting(5), collateFn: null, workerInitFn: null, form: 'stacked' } as const;
    const pool = new WorkerPool(planWorkers(job, 1)!, 1, 0);
    const came: string[] = [];
    const ask = async (streams: string, number: number) => {
      const order = { streams, number, count: 2, dropLast: false };
      const batch = await pool.receive(pool.ask(0, { seed: 1, order }), 0, number);
      came.push(`${streams} ${number}`);
      const [numbers, begun] = (batch && decodeBatch(batch, (value) => value)) as [NdArray, NdArray] | [];
      return [...(numbers?.data ?? []), '#', begun?.data[0]];
    };

    assert.deepEqual(await Promise.all([0, 2, 1].map((number) => ask('0/0', number))), [
      [0, 1, '#', 1],
      [4, '#', 1],
      [2, 3, '#', 1],
    ]);
    assert.deepEqual(await Promise.all([ask('0/1', 1), ask('0/1', 0), ask('0/0', 1), ask('0/1', 2)]), [
      [2, 3, '#', 2],
      [0, 1, '#', 2],
      [2, 3, '#', 3],
      [4, '#', 4],
    ]);
    assert.deepEqual(came, ['0/0 0', '0/0 2', '0/0 1', '0/1 1', '0/1 0', '0/0 1', '0/1 2']);
    await pool.close();
  });

  it('begin an iterable data set once in each pass, also when the pass before was left or failed', async () => {
    for (const failsAt of [-1, 2]) {
      const loader = new DataLoader(new Restarting(9, failsAt), {
        numWorkers: 1,
        prefetchFactor: 6,
        persistentWorkers: true,
      });
      for await (const batch of loader) {
        assert.ok(batch);
        break;
      }
      for (const begun of [2, 3]) {
        loader.setEpoch(1);
        const batches = (await batchesOf(loader)) as { data: number[] }[][];
        assert.deepEqual(
          batches.map((fields) => fields.map(({ data }) => data[0])),
          Array.from({ length: 9 }, (_, i) => [i, begun]),
        );
      }
      await loader.close();
    }
  });

  it('share the memory of a built-in data set', async () => {
    const dataset = (await builtInDatasets[0]!()) as MNIST;
    await dataset.prepare();
    const { state } = dataset.toWorker();
    const { images, labels } = state as { images: NdArray; labels: NdArray };
    assert.ok(images.data.buffer instanceof SharedArrayBuffer);
    assert.ok(labels.data.buffer instanceof SharedArrayBuffer);
  });

  describe('in trouble', () => {
    const cases: [Trouble, RegExp][] = [
      ['throws', /^data worker 1, batch 3: RangeError: sample 3: no such picture$/],
      ['exits', /^data worker 1 died before batch [13] came: .*exited with code: 3/],
      ['hangs', /^data worker 1 did not load batch [13] within 1 s \(timeout\)$/],
    ];
    for (const [trouble, message] of cases) {
      it(`say so when a sample ${trouble}, and end`, async () => {
        const got: unknown[] = [];
        const loader = new DataLoader(new Troublesome(9, 3, trouble), {
          numWorkers: 2,
          timeout: 1,
          persistentWorkers: true,
        });
        await assert.rejects(
          async () => {
            for await (const [label] of loader) got.push(...contentsOf(label).data);
          },
          (error) => error instanceof WorkerError && error.code === 'WORKER' && message.test(error.message),
        );
        assert.deepEqual(got.slice(0, 1), [0]);
        assert.equal(alive.size, 0);
      });
    }

    it('hand over the error with its stack and code', async () => {
      await assert.rejects(
        batchesOf(new DataLoader(new Troublesome(1, 0, 'throws'), { numWorkers: 1 })),
        ({ cause }) => {
          const { name, message, stack, code } = cause as Error & { code: string };
          assert.deepEqual([name, message, code], ['RangeError', 'sample 0: no such picture', 'NO_PICTURE']);
          assert.match(stack ?? '', /at makeTrouble .*datasets\.ts/);
          return true;
        },
      );
    });

    it('can be started again', async () => {
      const loader = new DataLoader(new Troublesome(3, 2, 'throws'), { numWorkers: 1, persistentWorkers: true });
      for (let pass = 0; pass < 2; pass++) await assert.rejects(batchesOf(loader), /sample 2: no such picture/);
      await loader.close();
    });

    it('tell that a class is not exported', async () => {
      class Hidden extends Noisy {
        static override readonly moduleUrl = Noisy.moduleUrl;
      }
      await assert.rejects(
        batchesOf(new DataLoader(new Hidden(2), { numWorkers: 1 })),
        /data worker 0, batch 0: Error: file:.*datasets\.ts exports no 'Hidden'/,
      );
    });
  });

  describe('end', () => {
    it('when a pass is left early', async () => {
      for await (const batch of new DataLoader(new Noisy(50), { numWorkers: 2 })) {
        assert.ok(batch);
        break;
      }
      assert.equal(alive.size, 0);
    });

    it('on close, when they are persistent', async () => {
      const loader = new DataLoader(new Telling(2), { numWorkers: 1, persistentWorkers: true, workerInitFn: startAt });
      for await (const batch of loader) {
        assert.ok(batch);
        break;
      }
      assert.deepEqual(await batchesOf(loader), await batchesOf(loader));
      assert.equal(alive.size, 1);
      await loader.close();
      assert.equal(alive.size, 0);
    });

    it('with the program, whatever is left open', async () => {
      const { status, stdout, stderr } = await runScript(`
        import { DataLoader } from './src/io/index.ts';
        import { selectEngine } from './src/engine/index.ts';
        import { Noisy } from './test/io/support/datasets.ts';
        selectEngine('js');
        const loader = new DataLoader(new Noisy(40), { numWorkers: 2, persistentWorkers: true });
        for await (const batch of loader) break;
        const left = new DataLoader(new Noisy(40), { numWorkers: 1 })[Symbol.asyncIterator]();
        await left.next();
        console.log('end of the script');
      `);
      assert.deepEqual([status, stdout, stderr], [0, 'end of the script\n', '']);
    });
  });

  describe('are not used, which is said once,', () => {
    class Local extends Dataset<number> {
      readonly length = 2;
      getItem(index: number): number {
        return index;
      }
    }
    class Transformed extends Noisy {
      static override readonly moduleUrl = Noisy.moduleUrl;
      constructor(readonly transform: () => number) {
        super(2);
      }
    }
    const cases: [string, () => DataLoader<unknown, unknown>, RegExp][] = [
      [
        'with a data set without a module',
        () => new DataLoader<unknown, unknown>(new Local(), { numWorkers: 1 }),
        /on the main thread, because dataset is of the class Local, which has no moduleUrl/,
      ],
      [
        'with a function as transform',
        () =>
          new DataLoader<unknown, unknown>(new Subset(new Transformed(() => 0), [0]), {
            numWorkers: 2,
          }),
        /because dataset: argument\[0\]\.transform is a function without moduleUrl/,
      ],
      [
        'with a function as collateFn',
        () => new DataLoader<unknown, unknown>(new Noisy(2), { numWorkers: 1, collateFn: () => 0 }),
        /because collateFn is a function without moduleUrl/,
      ],
      [
        'with tensors',
        () => new DataLoader<unknown, unknown>(new TensorDataset([tf.ones([2])]), { numWorkers: 1 }),
        /because dataset is of the class TensorDataset/,
      ],
    ];
    for (const [what, make, message] of cases) {
      it(what, async () => {
        const warnings = await captureWarnings(async () => {
          const loader = make();
          const here = await batchesOf(loader);
          assert.equal(here.length, loader.length);
          await batchesOf(make());
        });
        assert.equal(warnings.length, 1);
        assert.match(warnings[0]!, message);
        assert.equal(alive.size, 0);
      });
    }
  });

  it('make tensors without a word', async () => {
    const { status, stdout, stderr } = await runScript(`
      import { DataLoader } from './src/io/index.ts';
      import { Lights, mixLights } from './test/io/support/lights.ts';
      const loader = new DataLoader(new Lights(4), { batchSize: 4, collateFn: mixLights, numWorkers: 1 });
      for await (const [images] of loader) console.log(...images.shape);
    `);
    assert.deepEqual([status, stdout, stderr], [0, '4 1 2 2\n', '']);
  });

  it('do not run the program again', async () => {
    const { status, stdout, stderr } = await runNode(['test/io/support/program.ts']);
    assert.deepEqual([status, stdout], [0, '0 1 2\n']);
    assert.match(stderr, /dataset is of file:.*program\.ts, the program itself, which workers would run again/);
  });

  it('follow a sampler as the main thread does', async () => {
    const loaders = [0, 2].map((numWorkers) => {
      seed(6);
      const batchSampler = new BatchSampler({ dataset: new Noisy(6), shuffle: true, batchSize: 4 });
      return new DataLoader(new Noisy(6), { batchSampler, numWorkers });
    });
    const [here, there] = await Promise.all(loaders.map(batchesOf));
    assert.deepEqual(there, here);
  });

  it('get the flags of the program that a worker takes', () => {
    const flags = ['--import', 'tsx', '--expose-gc', '--input-type=module', '-e', 'code', '-r', './hook.cjs'];
    assert.deepEqual(workerFlags([...flags, '--no-warnings']), ['-r', './hook.cjs', '--no-warnings']);
    assert.deepEqual(workerFlags(['--import=file:///x/node_modules/tsx/dist/loader.mjs', '--import=./a.mjs']), [
      '--import',
      './a.mjs',
    ]);
  });
});
