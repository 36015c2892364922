import { expectAssignable, expectError, expectType } from 'tsd';
import { Model, type Tensor } from 'paddlewheel';
import { Linear } from 'paddlewheel/nn';
import {
  BottleneckBlock,
  DenseNet,
  GoogLeNet,
  InceptionV3,
  LeNet,
  MobileNetV1,
  MobileNetV2,
  MobileNetV3Large,
  MobileNetV3Small,
  ResNet,
  ShuffleNetV2,
  SqueezeNet,
  VGG,
  alexnet,
  densenet121,
  googlenet,
  inception_v3,
  listModels,
  mobilenet_v1,
  mobilenet_v2,
  mobilenet_v3_large,
  mobilenet_v3_small,
  resnet50,
  resnext50_32x4d,
  shufflenet_v2_swish,
  shufflenet_v2_x1_0,
  squeezenet1_1,
  vgg16,
  wide_resnet50_2,
} from 'paddlewheel/vision/models';

declare const x: Tensor;
declare const pretrained: boolean;

expectType<ResNet>(resnet50());
expectType<ResNet>(resnet50({ pretrained: false, numClasses: 10, withPool: true, width: 64, groups: 1 }));
expectType<Promise<ResNet>>(resnet50({ pretrained: true }));
expectType<Promise<ResNet>>(resnet50({ pretrained: './file.pdparams', numClasses: 10 }));
expectType<ResNet | Promise<ResNet>>(resnet50({ pretrained }));
expectType<VGG>(vgg16({ batchNorm: true }));
expectType<Promise<VGG>>(vgg16({ pretrained: true }));
expectType<Tensor>(resnet50().forward(x));
expectType<string[]>(listModels());
expectAssignable<Model>(new Model(resnet50({ numClasses: 10 })));
resnet50().fc = new Linear(2048, 10);

expectType<ResNet>(new ResNet(BottleneckBlock, { depth: 50, width: 4, groups: 32 }));
expectType<VGG>(new VGG(VGG.makeLayers([64, 'M'])));
expectType<LeNet>(new LeNet());
expectType<[out: Tensor, out1: Tensor, out2: Tensor]>(googlenet().forward(x));
expectType<Promise<GoogLeNet>>(googlenet({ pretrained: true }));
expectType<Tensor>(alexnet({ numClasses: 2 }).forward(x));

expectType<DenseNet>(densenet121({ bnSize: 2, dropout: 0.1 }));
expectType<InceptionV3>(inception_v3());
expectType<MobileNetV1>(mobilenet_v1({ scale: 0.5 }));
expectType<MobileNetV2>(mobilenet_v2({ scale: 0.5 }));
expectType<MobileNetV3Large>(mobilenet_v3_large({ numClasses: 0 }));
expectType<Promise<MobileNetV3Small>>(mobilenet_v3_small({ pretrained: true }));
expectType<ShuffleNetV2>(shufflenet_v2_x1_0({ act: null }));
expectType<SqueezeNet>(squeezenet1_1());
expectType<SqueezeNet>(new SqueezeNet('1.0', { numClasses: 10 }));
expectType<DenseNet>(new DenseNet({ layers: 169 }));

expectError(new ResNet());
expectError(new VGG(VGG.makeLayers([64, 'N'])));
expectError(resnet50({ num_classes: 10 }));
expectError(resnet50({ depth: 18 }));
expectError(resnet50({ pretrained: 1 }));
expectError(resnext50_32x4d({ width: 64 }));
expectError(wide_resnet50_2({ width: 64 }));
expectError(vgg16({ width: 64 }));
expectError(alexnet({ withPool: false }));
expectError(densenet121({ layers: 169 }));
expectError(shufflenet_v2_swish({ act: 'relu' }));
expectError(shufflenet_v2_x1_0({ act: 'gelu' }));
expectError(new SqueezeNet());
expectError(new SqueezeNet('1.2'));
