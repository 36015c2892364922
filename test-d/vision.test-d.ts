import { expectAssignable, expectError, expectType } from 'tsd';
import type { NdArray, Tensor } from 'paddlewheel';
import { DataLoader } from 'paddlewheel/io';
import { Image, imageLoad, type ImageTensor } from 'paddlewheel/vision';
import { Cifar10, Cifar100, DatasetFolder, Flowers, ImageFolder, VOC2012 } from 'paddlewheel/vision/datasets';
import {
  Compose,
  crop,
  functional,
  hflip,
  RandomCrop,
  RandomHorizontalFlip,
  Resize,
  ToTensor,
  Transpose,
  type ImageLike,
} from 'paddlewheel/vision/transforms';

const augmented = new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), new ToTensor()]);
const cifar = new Cifar10({ mode: 'train', transform: augmented });
expectType<[image: NdArray, label: NdArray<'int32'>]>(cifar.getItem(0));
expectType<[image: Image | NdArray<'float32'>, label: NdArray<'int32'>]>(new Cifar100().getItem(0));
expectType<Promise<[image: NdArray, label: NdArray<'int32'>]>>(new Flowers({ transform: augmented }).getItem(0));
expectType<Promise<[image: Image | NdArray<'float32'>, mask: Image | NdArray<'float32'>]>>(new VOC2012().getItem(0));
expectError(new VOC2012({ mode: 'trainval' }));
for await (const [image, label] of new DataLoader(cifar, { batchSize: 64 })) {
  expectType<Tensor>(image);
  expectType<Tensor>(label);
}

const photos = new DatasetFolder('photos', { transform: new Transpose() });
expectType<Promise<[image: NdArray, target: number]>>(photos.getItem(0));
expectType<readonly string[]>(photos.classes);
expectType<Promise<[image: Image | NdArray<'uint8'>]>>(new ImageFolder('photos').getItem(0));
for await (const [image, target] of new DataLoader(photos)) {
  expectType<Tensor>(image);
  expectType<Tensor>(target);
}

expectType<Promise<Image>>(imageLoad('x.png', 'pil'));
expectType<Promise<NdArray<'uint8'>>>(imageLoad('x.png', 'cv2'));
expectType<Promise<ImageTensor<'uint8'>>>(imageLoad('x.png', 'tensor'));
expectType<Promise<Image | NdArray<'uint8'>>>(imageLoad('x.png'));

// A function gives the form that it gets.
expectType<Image>(hflip(new Image(new Uint8Array(3), 1, 1)));
expectAssignable<ImageLike>(new Resize(3).forward(new Image(new Uint8Array(3), 1, 1)));
expectType<typeof crop>(functional.crop);

expectError(new Resize());
expectError(new Resize([1, 2, 3]));
expectError(new RandomCrop(32, { pad: 4 }));
expectError(new RandomHorizontalFlip(0.5));
expectError(new Cifar10({ backend: 'opencv' }));
expectError(imageLoad('x.png', 'opencv'));
expectError(functional.pad(new Image(new Uint8Array(3), 1, 1), [1, 2, 3]));
