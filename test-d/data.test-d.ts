import { expectAssignable, expectError, expectType } from 'tsd';
import type { NdArray, Tensor } from 'paddlewheel';
import { DataLoader, Dataset, type SampleOf } from 'paddlewheel/io';
import { FashionMNIST, MNIST } from 'paddlewheel/vision/datasets';
import type { Image } from 'paddlewheel/vision';
import { Compose, Normalize, ToTensor, Transpose } from 'paddlewheel/vision/transforms';

class Named extends Dataset<[name: string, values: NdArray, weight: number, extra: { id: number; parts: NdArray[] }]> {
  get length(): number {
    return 0;
  }
  getItem(): [string, NdArray, number, { id: number; parts: NdArray[] }] {
    throw new Error();
  }
}

for await (const [image, label] of new DataLoader(new MNIST({ transform: new ToTensor() }), { batchSize: 2 })) {
  expectType<Tensor>(image);
  expectType<Tensor>(label);
}

for await (const [name, values, weight, extra] of new DataLoader(new Named())) {
  expectType<string[]>(name);
  expectType<Tensor>(values);
  expectType<Tensor>(weight);
  expectType<{ id: Tensor; parts: Tensor[] }>(extra);
}

const collated = new DataLoader(new Named(), { collateFn: (samples) => samples.length });
for await (const count of collated) expectType<number>(count);

const composed = new MNIST({ transform: new Compose([new Transpose(), new Normalize({ mean: 1 })]) });
expectType<[image: NdArray<'float32'>, label: NdArray<'int32'>]>(composed.getItem(0));
expectType<[image: NdArray<'float32'> | Image, label: NdArray<'int32'>]>(new FashionMNIST().getItem(0));
expectAssignable<SampleOf<typeof composed>>(composed.getItem(0));
const sized = new MNIST({ transform: (image) => image.constructor.name });
expectType<[image: string, label: NdArray<'int32'>]>(sized.getItem(0));

expectError(new DataLoader(new Named(), { batchsize: 2 }));
expectError(new DataLoader(new Named(), { batchSize: '2' }));
expectError(new MNIST({ mode: 'valid' }));
expectError(new ToTensor({ dataFormat: 'NCHW' }));
