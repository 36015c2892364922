import { expectAssignable, expectError, expectType } from 'tsd';
import type { Tensor } from 'paddlewheel';
import {
  Conv2D,
  CrossEntropyLoss,
  Layer,
  LayerList,
  Linear,
  MaxPool2D,
  Sequential,
  type AnyLayer,
  type Parameter,
} from 'paddlewheel/nn';

/** Three outputs, as GoogLeNet. */
class Three extends Layer<[Tensor], [Tensor, Tensor, Tensor]> {
  fc = new Linear(2, 2);
  override forward(x: Tensor): [Tensor, Tensor, Tensor] {
    return [x, x, this.fc.forward(x)];
  }
}

/** Two inputs of two kinds. */
class Two extends Layer<[image: Tensor, name: string], number> {
  override forward(image: Tensor, name: string): number {
    return image.size + name.length;
  }
}

declare const x: Tensor;
expectType<[Tensor, Tensor, Tensor]>(new Three().forward(x));
expectType<number>(new Two().forward(x, 'a'));
expectError(new Two().forward(x));
expectError(new Two().forward(x, 1));
expectType<Tensor>(new CrossEntropyLoss().forward(x, x));
expectError(new CrossEntropyLoss().forward(x));

expectAssignable<AnyLayer>(new Three());
expectAssignable<AnyLayer>(new Two());
expectAssignable<AnyLayer>(new CrossEntropyLoss());
expectAssignable<AnyLayer>(new LayerList([new Three(), new Two()]));
expectType<AnyLayer[]>(new Three().sublayers());
expectType<Parameter[]>(new Three().parameters());

expectType<Tensor>(new Sequential(new Linear(1, 2), new Linear(2, 3)).forward(x));
expectType<Tensor>(new Sequential([['a', new Linear(1, 2)]]).forward(x));
expectType<Tensor>(new MaxPool2D(2, 2).forward(x));
expectType<[Tensor, Tensor]>(new MaxPool2D(2, { returnMask: true }).forward(x));

new Three().registerForwardPostHook((layer, [input], output) => {
  expectType<Tensor>(input);
  expectType<[Tensor, Tensor, Tensor]>(output);
  expectType<Linear>(layer.fc);
});

expectError(new Conv2D(1, 2));
expectError(new Conv2D(1, 2, 3, { strides: 2 }));
expectError(new Conv2D(1, 2, 3, { padding: 'full' }));
expectError(new Linear(1, 2, { bias: false }));
expectError(new CrossEntropyLoss({ reduction: 'median' }));
