import { expectAssignable, expectError, expectType } from 'tsd';
import { Model, type Tensor } from 'paddlewheel';
import { Linear } from 'paddlewheel/nn';
import {
  BottleneckBlock,
  GoogLeNet,
  LeNet,
  ResNet,
  VGG,
  alexnet,
  googlenet,
  listModels,
  resnet50,
  resnext50_32x4d,
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

expectError(new ResNet());
expectError(new VGG(VGG.makeLayers([64, 'N'])));
expectError(resnet50({ num_classes: 10 }));
expectError(resnet50({ depth: 18 }));
expectError(resnet50({ pretrained: 1 }));
expectError(resnext50_32x4d({ width: 64 }));
expectError(wide_resnet50_2({ width: 64 }));
expectError(vgg16({ width: 64 }));
expectError(alexnet({ withPool: false }));
