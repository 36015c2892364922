import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '../../support/setup.js';
import { NdArray } from '../../../src/common/ndarray.js';
import { getRandomState, seed } from '../../../src/common/random.js';
import { DataLoader, defaultCollate, type Dataset } from '../../../src/io/index.js';
import { Model } from '../../../src/model/index.js';
import { CrossEntropyLoss, Flatten, Linear, Sequential } from '../../../src/nn/index.js';
import { SGD } from '../../../src/optimizer/index.js';
import { ImageTensor } from '../../../src/vision/index.js';
import { CutMix, Mixup, type MixableSample } from '../../../src/vision/transforms/index.js';
import { Lights, LightStream, mixLights, type Light } from '../../io/support/lights.js';

const [height, width] = [6, 8];

/** Images of 3 channels, all of whose values are `16 ** index`, so that a sum tells what went into it. */
const samplesOf = (label: (index: number) => MixableSample[1], count = 3) =>
  Array.from({ length: count }, (_, index) => {
    const data = new Float32Array(3 * height * width).fill(16 ** index);
    return [new ImageTensor(data, [3, height, width]), label(index), `sample ${index}`] as const;
  });

const list = (array: NdArray) => Array.from(array.data, Number);
const near = (got: number, wanted: number) => assert.ok(Math.abs(got - wanted) < 1e-5, `${got}, not ${wanted}`);

/** Share of its own image in each result of many draws. */
function sharesOf(transform: Mixup | CutMix, draws: number): number[] {
  return Array.from({ length: draws }, () => transform.forward(samplesOf((index) => index))[0]![1].data[0]!);
}

describe('Mixup', () => {
  it('gives images and labels of the same share, each with the sample before it', () => {
    seed(1);
    for (let i = 0; i < 20; i++) {
      const mixed = new Mixup({ numClasses: 4 }).forward(samplesOf((index) => index));
      const share = mixed[0]![1].data[0]!;
      mixed.forEach(([image, label, text], index) => {
        const before = (index + 2) % 3;
        const wanted = [0, 0, 0, 0];
        wanted[index] = share;
        wanted[before] = 1 - share;
        list(label).forEach((value, place) => near(value, wanted[place]!));
        for (const value of list(image)) near(value / (share * 16 ** index + (1 - share) * 16 ** before), 1);
        assert.ok(image instanceof ImageTensor);
        assert.deepEqual([image.dtype, image.shape, label.dtype], ['float32', [3, height, width], 'float32']);
        assert.equal(text, `sample ${index}`);
      });
    }
  });

  it('takes shares from the beta distribution', () => {
    seed(2);
    for (const alpha of [0.2, 1, 4]) {
      const shares = sharesOf(new Mixup({ alpha, numClasses: 3 }), 1500);
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
      // Beta(a, a) has the mean 1/2 and the variance 1 / (4 (2 a + 1)).
      assert.ok(Math.abs(mean - 0.5) < 0.03, `mean ${mean}`);
      assert.ok(Math.abs(variance * 4 * (2 * alpha + 1) - 1) < 0.1, `variance ${variance} of ${alpha}`);
    }
  });

  it('mixes classes of all forms, and probabilities', () => {
    const labels: [(index: number) => MixableSample[1], number | null][] = [
      [(index) => index, 3],
      [(index) => BigInt(index), 3],
      [(index) => new NdArray(Int32Array.of(index), [1]), 3],
      [(index) => new NdArray(Int32Array.of(index), []), 3],
      [
        (index) =>
          new NdArray(
            Float32Array.from([0, 1, 2], (one) => Number(one === index)),
            [3],
          ),
        3,
      ],
      [
        (index) =>
          new NdArray(
            Float32Array.from([0, 1, 2], (one) => Number(one === index)),
            [3],
          ),
        null,
      ],
    ];
    const results = labels.map(([label, numClasses]) => {
      seed(3);
      return new Mixup({ numClasses }).forward(samplesOf(label)).map(([, mixed]) => list(mixed));
    });
    for (const result of results) assert.deepEqual(result, results[0]);
  });
});

describe('CutMix', () => {
  it('gives labels in the shares of the area, for channels first and last', () => {
    seed(5);
    let cut = 0;
    for (let i = 0; i < 100; i++) {
      const first = i % 2 === 0;
      const samples = samplesOf((index) => index).map(([image, label]) => {
        const array = first ? image : new NdArray(image.data, [height, width, 3]);
        return [array, label] as const;
      });
      const mixed = new CutMix({ numClasses: 3 }).forward(samples);
      for (const [index, [image, label]] of mixed.entries()) {
        const before = (index + 2) % 3;
        const values = list(image);
        const at = (y: number, x: number, c: number) =>
          values[first ? (c * height + y) * width + x : (y * width + x) * 3 + c]!;
        const places: [y: number, x: number][] = [];
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            for (const c of [0, 1, 2]) assert.equal(at(y, x, c), at(y, x, 0));
            if (at(y, x, 0) === 16 ** before) places.push([y, x]);
            else assert.equal(at(y, x, 0), 16 ** index);
          }
        }
        const extent = (axis: 0 | 1) => {
          const all = places.map((place) => place[axis]);
          return places.length === 0 ? 0 : Math.max(...all) - Math.min(...all) + 1;
        };
        assert.equal(extent(0) * extent(1), places.length);
        near(label.data[before]!, places.length / (height * width));
        near(label.data[index]!, 1 - places.length / (height * width));
        if (places.length > 0) cut++;
      }
    }
    assert.ok(cut > 200, String(cut));
  });

  it('puts rectangles everywhere, of the area of the share', () => {
    seed(6);
    const [rows, columns] = [40, 60];
    const dark = new NdArray(new Uint8Array(rows * columns), [rows, columns]);
    const bright = new NdArray(new Uint8Array(rows * columns).fill(1), [rows, columns]);
    const counts = new Float64Array(rows * columns);
    const transform = new CutMix({ numClasses: 2 });
    const areas: number[] = [];
    for (let i = 0; i < 1000; i++) {
      const [[image]] = transform.forward([
        [dark, 0],
        [bright, 1],
      ] as const) as unknown as [[NdArray<'uint8'>]];
      assert.equal(image.dtype, 'uint8');
      image.data.forEach((value, place) => (counts[place]! += value));
      areas.push(image.data.reduce((sum, value) => sum + value, 0) / counts.length);
    }
    assert.ok(counts.every((count) => count > 50));
    // A rectangle of the sides s = sqrt(1 - share) around a place of [0, 1) covers s - s^2 / 4 of each side on average, and
    // the density of s is 2 s. The mean of (s - s^2 / 4)^2 is 1/2 - 1/5 + 1/48.
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    assert.ok(Math.abs(mean - 77 / 240) < 0.03, String(mean));
  });
});

for (const Transform of [Mixup, CutMix]) {
  describe(Transform.name, () => {
    it('follows the seed and takes one stream a batch', () => {
      seed(8);
      const shares = sharesOf(new Transform({ numClasses: 3 }), 5);
      assert.deepEqual(getRandomState().counters, { augmentation: 5 });
      seed(8);
      assert.deepEqual(sharesOf(new Transform({ numClasses: 3 }), 5), shares);
      assert.ok(new Set(shares).size > 1);
    });

    it('leaves the samples as they were, and an only one alone', () => {
      const samples = samplesOf((index) => index);
      new Transform({ numClasses: 3 }).forward(samples);
      assert.deepEqual(
        samples,
        samplesOf((index) => index),
      );
      const [[image, label]] = new Transform({ numClasses: 3 }).forward(samples.slice(2)) as unknown as [
        [NdArray, NdArray],
      ];
      list(image).forEach((value) => near(value / 256, 1));
      assert.deepEqual(list(label), [0, 0, 1]);
      assert.deepEqual(new Transform({ numClasses: 3 }).forward([]), []);
    });

    const image = () => new NdArray(new Float32Array(4), [2, 2]);
    const refused: [string, () => unknown, RegExp][] = [
      ['alpha of 0', () => new Transform({ alpha: 0 }), /alpha must be a number of at least/],
      ['one class', () => new Transform({ numClasses: 1 }), /numClasses must be .* at least 2, got 1/],
      ['snake case', () => new Transform({ num_classes: 3 } as never), /did you mean 'numClasses'/],
      ['classes without their number', () => new Transform().forward([[image(), 1]]), /label of sample 0 must be prob/],
      ['a class too high', () => new Transform({ numClasses: 3 }).forward([[image(), 3]]), /class from 0 to 2, got 3/],
      [
        'half a class',
        () => new Transform({ numClasses: 3 }).forward([[image(), 0.5]]),
        /must be a class or prob.* 0\.5/,
      ],
      [
        'probabilities of other classes',
        () => new Transform({ numClasses: 3 }).forward([[image(), new NdArray(new Float32Array(4), [4])]]),
        /label of sample 0 must be a class or probabilities/,
      ],
      [
        'no image',
        () => new Transform({ numClasses: 3 }).forward([[5, 1]] as never),
        /image of sample 0 must be an NdArray/,
      ],
      [
        'images of two shapes',
        () =>
          new Transform({ numClasses: 3 }).forward([
            [image(), 1],
            [image().reshape([4, 1]), 1],
          ]),
        /images to mix must have one shape, got \[2, 2\] and \[4, 1\]/,
      ],
    ];
    for (const [what, make, message] of refused) it(`refuses ${what}`, () => assert.throws(make, message));
  });
}

describe('mixing in a loader', () => {
  it('gives the same batches with and without workers, and after a part of a pass', async () => {
    const read = async (dataset: Dataset<Light>, numWorkers: number, skip = 0) => {
      seed(9);
      const loader = new DataLoader(dataset, { batchSize: 4, collateFn: mixLights, numWorkers });
      const batches: number[][][] = [];
      for await (const fields of loader.pass(skip)) {
        batches.push(fields.map((field) => Array.from(field.dataSync())));
        tf.dispose(fields);
      }
      return batches;
    };
    const [images, stream] = [new Lights(12), new LightStream(12)];
    const batches = await read(images, 0);
    const shares = batches.map(([, labels]) => labels!.find((share) => share > 0 && share < 1)!);
    assert.equal(new Set(shares.map((share) => Math.max(share, 1 - share).toFixed(4))).size, 3);
    assert.deepEqual(await read(images, 2), batches);
    assert.deepEqual(await read(images, 0, 1), batches.slice(1));
    const streamed = await read(stream, 0);
    assert.deepEqual(await read(stream, 1, 1), streamed.slice(1));
    assert.deepEqual(await read(stream, 0, 1), streamed.slice(1));
  });

  it('trains by fit with soft labels', async () => {
    seed(10);
    const mixup = new Mixup({ numClasses: 3 });
    const seen: [number[], number[]][] = [];
    const loader = new DataLoader(new Lights(4), {
      batchSize: 4,
      collateFn: (samples) => {
        const mixed = mixup.forward(samples);
        seen.push([mixed.flatMap(([image]) => list(image)), mixed.flatMap(([, label]) => list(label))]);
        return defaultCollate(mixed);
      },
    });
    const network = new Sequential(new Flatten(), new Linear(4, 3));
    const [weight, bias] = network.parameters().map((parameter) => Array.from(parameter.dataSync()));
    const model = new Model(network).prepare(
      new SGD({ learningRate: 0.5, parameters: network.parameters() }),
      new CrossEntropyLoss({ softLabel: true }),
    );
    const { epochs } = await model.fit(loader, null, { epochs: 1, verbose: 0 });
    const [[images, labels]] = seen as [[number[], number[]]];

    // The gradient of the mean cross entropy for the logits is (softmax - label) / N.
    let loss = 0;
    const [newWeight, newBias] = [[...weight!], [...bias!]];
    for (let i = 0; i < 4; i++) {
      const x = images.slice(4 * i, 4 * i + 4);
      const exps = [0, 1, 2].map((c) => Math.exp(x.reduce((sum, v, k) => sum + v * weight![3 * k + c]!, bias![c]!)));
      const total = exps.reduce((sum, value) => sum + value, 0);
      exps.forEach((value, c) => {
        const label = labels[3 * i + c]!;
        loss -= (label * Math.log(value / total)) / 4;
        const slope = (value / total - label) / 4;
        newBias[c]! -= 0.5 * slope;
        x.forEach((v, k) => (newWeight[3 * k + c]! -= 0.5 * slope * v));
      });
    }
    near(epochs[0]!.loss, loss);
    const [gotWeight, gotBias] = network.parameters().map((parameter) => Array.from(parameter.dataSync()));
    gotWeight!.forEach((value, i) => near(value, newWeight[i]!));
    gotBias!.forEach((value, i) => near(value, newBias[i]!));
  });
});
