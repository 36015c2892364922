import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import { NdArray, type Tensor } from 'paddlewheel';
import {
  BatchNorm2D,
  Conv2D,
  Dropout,
  functional,
  initializer,
  Layer,
  LayerDict,
  Linear,
  ParamAttr,
  ParameterList,
  Sequential,
  type AnyLayer,
  type HookHandle,
  type LoadResult,
  type Parameter,
  type ParamAttrLike,
  type StateDict,
} from 'paddlewheel/nn';
import { L2Decay } from 'paddlewheel/regularizer';
import { LeNet } from 'paddlewheel/vision/models';

declare const x: Tensor;
const linear = new Linear(2, 3);

// Parameters: a weight always, a bias perhaps.
expectType<Parameter>(linear.weight);
expectType<Parameter | null>(linear.bias);
expectType<Parameter>(new Layer().createParameter([1]));
expectType<Parameter>(new Layer().createParameter([1], { isBias: true }));
expectType<Parameter | null>(new Layer().createParameter([1], { attr: false }));
expectAssignable<Tensor>(linear.weight);
expectNotAssignable<Parameter>(x);
expectType<Parameter>(new BatchNorm2D(1)._mean);
expectType<Parameter>(new ParameterList([linear.weight]).at(0));

// Every short form of attributes.
expectAssignable<ParamAttrLike>('name');
expectAssignable<ParamAttrLike>(true);
expectAssignable<ParamAttrLike>(null);
expectAssignable<ParamAttrLike>(new initializer.Constant(0));
expectAssignable<ParamAttrLike>(new L2Decay(0.1));
expectAssignable<ParamAttrLike>(new ParamAttr({ trainable: false }));
expectNotAssignable<ParamAttrLike>(1);
expectError(new ParamAttr({ learning_rate: 1 }));

// Walks and states.
expectType<[string, AnyLayer][]>([...linear.namedSublayers({ prefix: 'a', includeSelf: true })]);
expectType<[string, Parameter][]>([...linear.namedParameters()]);
expectType<[string, Tensor][]>([...linear.namedBuffers()]);
expectType<StateDict>(linear.stateDict());
expectType<LoadResult>(linear.setStateDict({ weight: x, bias: new NdArray(new Float32Array(3), [3]) }));
expectType<Linear>(linear.train());
expectType<Linear>(linear.eval().apply((layer) => expectType<AnyLayer>(layer)));
expectError(linear.setStateDict({ weight: [1, 2] }));
expectError(linear.stateDict({ prefix: 'a' }));

// Hooks.
expectType<HookHandle>(linear.registerForwardPreHook((_, [input]) => input));
expectType<HookHandle>(linear.registerForwardPreHook((_, inputs) => inputs));
expectType<HookHandle>(linear.registerForwardPostHook(() => undefined));
expectError(linear.registerForwardPostHook(() => 1));

// Containers.
expectType<AnyLayer>(new Sequential(['fc', linear]).at(-1));
expectType<AnyLayer | undefined>(new LayerDict({ fc: linear }).get('fc'));
expectType<Linear>(new Layer().addSublayer('fc', linear));
expectError(new Sequential(1));

// Functions.
expectType<Tensor>(functional.maxPool2d(x, 2));
expectType<[Tensor, Tensor]>(functional.maxPool2d(x, [2, 2], { returnMask: true }));
expectType<Tensor>(functional.conv2d(x, x, { padding: 'same', bias: null }));
expectType<Tensor>(functional.crossEntropy(x, x, { reduction: 'none' }));
expectType<Tensor>(functional.softmax(x, 1));
expectError(functional.crossEntropy(x, x, { reduction: 'median' }));
expectError(functional.avgPool2d(x, 2, { returnMask: true }));
expectError(functional.dropout(x, { mode: 'upscale' }));
expectError(new Dropout({ rate: 0.5 }));
expectError(new Conv2D(1, 1, [1, 2, 3]));
expectError(new Conv2D(1, 1, 1, { paddingMode: 'mirror' }));
expectError(new BatchNorm2D());

// Networks.
expectType<Tensor>(new LeNet({ numClasses: 10 }).forward(x));
expectType<Sequential | null>(new LeNet().fc);
expectError(new LeNet({ num_classes: 10 }));
