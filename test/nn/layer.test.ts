import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import '../support/setup.js';
import {
  AdaptiveAvgPool2D,
  BatchNorm1D,
  BatchNorm2D,
  Conv2D,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  Identity,
  Layer,
  LayerDict,
  LayerList,
  Linear,
  LogSoftmax,
  MaxPool2D,
  ParamAttr,
  Parameter,
  ParameterList,
  ReLU,
  Sequential,
  initializer,
  type AnyLayer,
} from '../../src/nn/index.js';
import { L2Decay } from '../../src/regularizer/index.js';
import { LeNet } from '../../src/vision/models/index.js';
import { assertTensor, elements, only } from './support.js';

/** Adds one; counts its calls. */
class AddOne extends Layer {
  calls = 0;

  override forward(x: Tensor): Tensor {
    this.calls++;
    return tf.add(x, 1);
  }
}

/** A network with everything that can belong to a layer; `inner.1` is `first` again. */
class Net extends Layer {
  first = new Linear(2, 2);
  w = this.createParameter([2]);
  inner = new Sequential(new Linear(2, 2), this.first);
  declare buf: Tensor;
  declare tmp: Tensor;
  norm: BatchNorm1D;
  bias: Parameter;

  constructor() {
    super();
    this.registerBuffer('buf', tf.zeros([2]));
    this.registerBuffer('tmp', tf.zeros([2]), { persistable: false });
    this.norm = new BatchNorm1D(2);
    this.bias = this.createParameter([3], { isBias: true });
  }
}

const names = (items: Iterable<readonly [string, unknown]>) => Array.from(items, ([name]) => name);

describe('names of layers', () => {
  // Scopes and names of parameters: Paddle 3.3.1.
  const rows: [() => AnyLayer, string, string[]][] = [
    [() => new Conv2D(1, 1, 1), 'conv2d', ['w_0', 'b_0']],
    [() => new BatchNorm2D(1), 'batch_norm2d', ['w_0', 'b_0', 'w_1', 'w_2']],
    [() => new BatchNorm1D(1), 'batch_norm1d', ['w_0', 'b_0', 'w_1', 'w_2']],
    [() => new MaxPool2D(1), 'max_pool2d', []],
    [() => new AdaptiveAvgPool2D(1), 'adaptive_avg_pool2d', []],
    [() => new ReLU(), 're_lu', []],
    [() => new Linear(1, 1), 'linear', ['w_0', 'b_0']],
    [() => new LogSoftmax(), 'log_softmax', []],
    [() => new CrossEntropyLoss(), 'cross_entropy_loss', []],
    [() => new Sequential(), 'sequential', []],
    [() => new LayerList(), 'layer_list', []],
    [() => new LayerDict(), 'layer_dict', []],
    [() => new ParameterList(), 'parameter_list', []],
    [() => new Flatten(), 'flatten', []],
    [() => new Dropout(), 'dropout', []],
    [() => new Identity(), 'identity', []],
  ];
  for (const [make, scope, parameters] of rows) {
    it(`count up from ${scope}`, () => {
      const first = make();
      const number = Number(first.fullName().slice(scope.length + 1));
      assert.equal(first.fullName(), `${scope}_${number}`);
      assert.equal(make().fullName(), `${scope}_${number + 1}`);
      assert.deepEqual(
        first.parameters().map(({ name }) => name),
        parameters.map((suffix) => `${first.fullName()}.${suffix}`),
      );
    });
  }

  it("begin with the class name or a scope of one's own, from 0", () => {
    class HTTPNet2DBlock extends Layer {}
    class LayerNamesStart extends Layer {}
    assert.equal(new LayerNamesStart().fullName(), 'layer_names_start_0');
    assert.equal(new LayerNamesStart().fullName(), 'layer_names_start_1');
    assert.equal(new HTTPNet2DBlock().fullName(), 'http_net2d_block_0');
    assert.equal(new Layer({ nameScope: 'layer_names_scope' }).fullName(), 'layer_names_scope_0');
    assert.equal(new Linear(1, 1, { name: 'layer_names_fc' }).weight.name, 'layer_names_fc_0.w_0');
    assert.match(new LeNet().fullName(), /^le_net_\d+$/);
  });

  it('refuse unknown options', () => {
    assert.throws(() => new Layer({ name_scope: 'a' } as object), {
      code: 'UNKNOWN_OPTION',
      message: "Layer has no option 'name_scope'; did you mean 'nameScope'?",
    });
  });
});

describe('members of a layer', () => {
  // Orders: Paddle 3.3.1, for the same class.
  it('are sublayers, parents first, each once', () => {
    const net = new Net();
    assert.deepEqual(names(net.namedChildren()), ['first', 'inner', 'norm']);
    assert.deepEqual(net.children(), [net.first, net.inner, net.norm]);
    assert.deepEqual(names(net.namedSublayers()), ['first', 'inner', 'inner.0', 'norm']);
    assert.deepEqual(names(net.namedSublayers({ prefix: 'net', includeSelf: true })), [
      'net',
      'net.first',
      'net.inner',
      'net.inner.0',
      'net.norm',
    ]);
    assert.deepEqual(net.sublayers(), [net.first, net.inner, net.inner.at(0), net.norm]);
    assert.equal(net.sublayers({ includeSelf: true })[0], net);
  });

  it('are parameters, own ones first, shared ones once', () => {
    const net = new Net();
    const own = ['w', 'bias'];
    const all = [
      ...own,
      'first.weight',
      'first.bias',
      'inner.0.weight',
      'inner.0.bias',
      'norm.weight',
      'norm.bias',
      'norm._mean',
      'norm._variance',
    ];
    assert.deepEqual(names(net.namedParameters()), all);
    assert.deepEqual(
      names(net.namedParameters({ prefix: 'm' })),
      all.map((name) => `m.${name}`),
    );
    assert.deepEqual(names(net.namedParameters({ includeSublayers: false })), own);
    assert.deepEqual(net.parameters({ includeSublayers: false }), [net.w, net.bias]);
    assert.equal(net.parameters().length, all.length);
  });

  it('are parameters once that two layers share', () => {
    const tied = new Sequential(new Linear(2, 2), new Linear(2, 2));
    const [a, b] = tied as Iterable<Linear>;
    b!.weight = a!.weight;
    assert.deepEqual(names(tied.namedParameters()), ['0.weight', '0.bias', '1.bias']);
  });

  it('are buffers', () => {
    const net = new Net();
    assert.deepEqual(names(net.namedBuffers()), ['buf', 'tmp']);
    assert.deepEqual(names(net.namedBuffers({ prefix: 'm' })), ['m.buf', 'm.tmp']);
    assert.deepEqual(net.buffers(), [net.buf, net.tmp]);
    const outer = new Sequential(net);
    assert.deepEqual(names(outer.namedBuffers()), ['0.buf', '0.tmp']);
    assert.deepEqual(names(outer.namedBuffers({ includeSublayers: false })), []);
    assert.deepEqual(outer.buffers({ includeSublayers: false }), []);
  });

  it('are not private fields, and not what is in arrays', () => {
    class Hidden extends Layer {
      readonly #secret = new Linear(1, 1);
      readonly list = [new Linear(1, 1)];
      shown = new Linear(1, 1);

      secret(): AnyLayer {
        return this.#secret;
      }
    }
    const hidden = new Hidden();
    assert.deepEqual(names(hidden.namedSublayers()), ['shown']);
    assert.ok(!hidden.sublayers().includes(hidden.secret()));
    assert.deepEqual(Object.keys(hidden.stateDict()), ['shown.weight', 'shown.bias']);
  });

  it('are added under names that are not known before', () => {
    const net = new Layer();
    const child = net.addSublayer('child', new Linear(1, 1));
    const scale = net.addParameter('scale', net.createParameter([1]));
    assert.equal(net.addParameter('none', null), null);
    net.registerBuffer('later', null);
    net.registerBuffer('count', tf.zeros([1]));
    assert.deepEqual(Object.keys(net.stateDict()), ['scale', 'count', 'child.weight', 'child.bias']);
    assert.equal(only(net.children()), child);
    assert.equal(only(net.parameters({ includeSublayers: false })), scale);
    net.registerBuffer('count', tf.ones([1]), { persistable: false });
    net.registerBuffer('later', tf.ones([1]));
    assert.deepEqual(Object.keys(net.stateDict()), ['scale', 'later', 'child.weight', 'child.bias']);
    assert.equal(net.addSublayer('child', new ReLU()), only(net.children()));
  });

  const parameter = () => new Layer().createParameter([1]);
  const wrong: [string, () => unknown, RegExp][] = [
    ['a dot in a name', () => new Layer().addParameter('a.b', parameter()), /name of a parameter.*dot, got "a.b"/],
    ['an empty name', () => new Layer().registerBuffer('', tf.zeros([1])), /name of a buffer must not be empty/],
    [
      'a number as a name',
      () => new Layer().addParameter(1 as unknown as string, parameter()),
      /name must be a string/,
    ],
    [
      'the name of a method',
      () => new Layer().addParameter('forward', parameter()),
      /already has an attribute 'forward'/,
    ],
    ['the name of a layer', () => new Net().addParameter('first', parameter()), /'first' that is no parameter/],
    ['the name of a parameter', () => new Net().registerBuffer('w', tf.zeros([1])), /'w' that is no buffer/],
    ['a tensor as parameter', () => new Layer().addParameter('a', tf.zeros([1]) as Parameter), /must be a Parameter/],
    ['a parameter as buffer', () => new Layer().registerBuffer('a', parameter()), /tensor must be a Tensor or null/],
    ['a number as layer', () => new Layer().addSublayer('a', 1 as unknown as AnyLayer), /layer must be a Layer, got 1/],
  ];
  for (const [what, run, message] of wrong) {
    it(`refuse ${what}`, () => assert.throws(run, { code: 'INVALID_ARGUMENT', message }));
  }
});

describe('modes and walks', () => {
  it('switches all sublayers between training and evaluation', () => {
    const net = new Net();
    const modes = () => net.sublayers({ includeSelf: true }).map(({ training }) => training);
    assert.ok(modes().every((training) => training));
    assert.equal(net.eval(), net);
    assert.ok(modes().every((training) => !training));
    assert.equal(net.inner.train(), net.inner);
    assert.deepEqual(modes(), [false, true, true, true, false]);
    net.train();
    assert.ok(modes().every((training) => training));
  });

  it('applies a function to children first', () => {
    const net = new Net();
    const seen: AnyLayer[] = [];
    assert.equal(
      net.apply((layer) => void seen.push(layer)),
      net,
    );
    assert.deepEqual(seen, [net.first, net.inner.at(0), net.first, net.inner, net.norm, net]);
  });

  it('forgets all gradients', () => {
    const net = new Sequential(new Linear(2, 2), new Linear(2, 1));
    tf.sum(net.forward(tf.ones([1, 2]))).backward();
    assert.ok(net.parameters().every(({ grad }) => grad !== null));
    net.clearGradients();
    assert.ok(net.parameters().every(({ grad }) => grad === null));
  });

  it('frees all parameters and buffers', () => {
    const before = tf.memory().numTensors;
    const net = new Net();
    assert.ok(tf.memory().numTensors > before);
    net.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
});

describe('hooks', () => {
  it('run in order of registration, around forward', () => {
    const layer = new AddOne();
    const log: string[] = [];
    layer.registerForwardPreHook((self, inputs) => {
      assert.equal(self, layer);
      log.push(`pre ${inputs[0].item()}`);
    });
    layer.registerForwardPreHook(() => void log.push('second pre'));
    layer.registerForwardPostHook((self, inputs, output) => {
      assert.equal(self, layer);
      log.push(`post ${inputs[0].item()} ${output.item()}`);
    });
    assert.equal(layer.forward(tf.scalar(1)).item(), 2);
    assert.deepEqual(log, ['pre 1', 'second pre', 'post 1 2']);
  });

  it('replace inputs and output, until they are removed', () => {
    const layer = new AddOne();
    const seen: number[] = [];
    const pre = layer.registerForwardPreHook((_, [x]) => tf.add(x, 1));
    const post = layer.registerForwardPostHook((_, [x], y) => {
      seen.push(x.item());
      return tf.mul(y, 10);
    });
    // ((1 + 1) + 1) * 10
    assert.equal(layer.forward(tf.scalar(1)).item(), 30);
    pre.remove();
    pre.remove();
    assert.equal(layer.forward(tf.scalar(1)).item(), 20);
    post.remove();
    assert.equal(layer.forward(tf.scalar(1)).item(), 2);
    assert.deepEqual(seen, [2, 1]);
  });

  it('replace all inputs by an array', () => {
    class Sub extends Layer<[Tensor, Tensor], Tensor> {
      override forward(a: Tensor, b: Tensor): Tensor {
        return tf.sub(a, b);
      }
    }
    const layer = new Sub();
    layer.registerForwardPreHook((_, [a, b]) => [b, a]);
    assert.equal(layer.forward(tf.scalar(5), tf.scalar(3)).item(), -2);
  });

  it('hand each other what they return', () => {
    const layer = new AddOne();
    layer.registerForwardPreHook((_, [x]) => tf.mul(x, 2));
    layer.registerForwardPreHook((_, [x]) => tf.add(x, 3));
    layer.registerForwardPostHook((_, _inputs, y) => tf.mul(y, 2));
    layer.registerForwardPostHook((_, _inputs, y) => tf.sub(y, 5));
    assert.equal(layer.forward(tf.scalar(1)).item(), 7);
  });

  it('run for sublayers inside a network', () => {
    const net = new Sequential(new AddOne(), new AddOne());
    let calls = 0;
    net.at(1).registerForwardPostHook(() => void calls++);
    assert.equal(net.forward(tf.scalar(0)).item(), 2);
    assert.equal(calls, 1);
  });

  it('do not run for super.forward', () => {
    class Twice extends AddOne {
      override forward(x: Tensor): Tensor {
        return super.forward(super.forward(x));
      }
    }
    const layer = new Twice();
    let calls = 0;
    layer.registerForwardPreHook(() => void calls++);
    assert.equal(layer.forward(tf.scalar(1)).item(), 3);
    assert.equal(layer.calls, 2);
    assert.equal(calls, 1);
  });
});

describe('forward', () => {
  it('must be defined', () => {
    class Empty extends Layer {}
    assert.throws(() => new Empty().forward(tf.scalar(1)), {
      code: 'INVALID_ARGUMENT',
      message: 'Empty must define forward',
    });
  });

  it('must be synchronous', () => {
    class Later extends Layer<[Tensor], Promise<Tensor>> {
      override forward(x: Tensor): Promise<Tensor> {
        return Promise.resolve(x);
      }
    }
    assert.throws(() => new Later().forward(tf.scalar(1)), {
      code: 'INVALID_ARGUMENT',
      message: 'forward of Later must be synchronous, got a promise',
    });
  });

  it('runs for its own layer, whatever it is called on', () => {
    const layer = new AddOne();
    const other = undefined as unknown as AddOne;
    assert.equal(layer.forward.call(other, tf.scalar(1)).item(), 2);
  });

  it('returns lists and objects of tensors', () => {
    class Parts extends Layer<[Tensor], { sum: Tensor; both: [Tensor, Tensor] }> {
      override forward(x: Tensor): { sum: Tensor; both: [Tensor, Tensor] } {
        return { sum: tf.sum(x), both: [tf.add(x, 1), tf.mul(x, 2)] };
      }
    }
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2]);
    const { sum, both } = new Parts().forward(x);
    assert.equal(sum.item(), 3);
    assertTensor(both[0], [2], [2, 3]);
    assertTensor(both[1], [2], [2, 4]);
    assert.equal(tf.memory().numTensors, before + 4);
  });
});

describe('createParameter', () => {
  const { Assign, Constant } = initializer;
  const layer = new Layer({ nameScope: 'create_parameter' });

  it('takes nothing, null and true for the defaults', () => {
    for (const attr of [undefined, null, true]) {
      const parameter = layer.createParameter([2, 3], { attr, defaultInitializer: new Constant(4) })!;
      assertTensor(parameter, [2, 3], [4, 4, 4, 4, 4, 4]);
      assert.ok(parameter instanceof Parameter);
      assert.equal(parameter.trainable, true);
      assert.equal(parameter.stopGradient, false);
      assert.equal(parameter.learningRate, 1);
      assert.equal(parameter.regularizer, null);
      assert.equal(parameter.needClip, true);
      assert.equal(parameter.dtype, 'float32');
    }
  });

  it('takes false for no parameter', () => {
    assert.equal(layer.createParameter([1], { attr: false }), null);
    assert.equal(layer.createParameter([1], { attr: false, isBias: true }), null);
  });

  it('takes a name', () => {
    assert.equal(layer.createParameter([1], { attr: 'my_w' })!.name, 'my_w');
    assert.equal(layer.createParameter([1], { attr: new ParamAttr({ name: 'other' }) })!.name, 'other');
  });

  it('takes an initialiser, which wins over the default', () => {
    const options = { defaultInitializer: new Constant(1) };
    assertTensor(layer.createParameter([2], { attr: new Constant(7), ...options })!, [2], [7, 7]);
    const attr = new ParamAttr({ initializer: new Assign([1, 2]) });
    assertTensor(layer.createParameter([2], { attr, ...options })!, [2], [1, 2]);
  });

  it('takes a regulariser', () => {
    const decay = new L2Decay(0.1);
    assert.equal(layer.createParameter([1], { attr: decay })!.regularizer, decay);
  });

  it('takes all attributes', () => {
    const attr = new ParamAttr({ learningRate: 0.5, trainable: false, needClip: false, doModelAverage: false });
    const parameter = layer.createParameter([1], { attr })!;
    assert.equal(parameter.learningRate, 0.5);
    assert.equal(parameter.trainable, false);
    assert.equal(parameter.stopGradient, true);
    assert.equal(parameter.needClip, false);
  });

  it('makes biases of zeros and weights with the spread of Xavier', () => {
    assertTensor(layer.createParameter([3], { isBias: true }), [3], [0, 0, 0]);
    const bound = Math.sqrt(6 / 50);
    const values = elements(layer.createParameter([20, 30]));
    assert.ok(values.every((value) => Math.abs(value) <= bound));
    assert.ok(Math.max(...values.map(Math.abs)) > 0.95 * bound);
  });

  it('counts names for weights and for biases', () => {
    const fresh = new Layer({ nameScope: 'create_parameter_names' });
    const made = [false, true, false, true].map((isBias) => fresh.createParameter([1], { isBias }).name);
    assert.deepEqual(
      made,
      ['w_0', 'b_0', 'w_1', 'b_1'].map((suffix) => `create_parameter_names_0.${suffix}`),
    );
    assert.deepEqual(Object.keys(fresh.stateDict()), []);
  });

  const wrong: [string, () => unknown, string, RegExp][] = [
    [
      'a number',
      () => layer.createParameter([1], { attr: 1 as unknown as string }),
      'INVALID_ARGUMENT',
      /attr must be a ParamAttr, a name, an Initializer, a regularizer or a boolean, got 1/,
    ],
    [
      'plain options',
      () => layer.createParameter([1], { attr: { name: 'a' } as unknown as string }),
      'INVALID_ARGUMENT',
      /attr must be a ParamAttr/,
    ],
    [
      'a misspelt attribute',
      () => new ParamAttr({ learning_rate: 1 } as object),
      'UNKNOWN_OPTION',
      /ParamAttr has no option 'learning_rate'; did you mean 'learningRate'\?/,
    ],
    [
      'a text as learning rate',
      () => new ParamAttr({ learningRate: '1' as unknown as number }),
      'INVALID_ARGUMENT',
      /learningRate must be a finite number, got "1"/,
    ],
    [
      'a misspelt option',
      () => layer.createParameter([1], { is_bias: true } as object),
      'UNKNOWN_OPTION',
      /createParameter has no option 'is_bias'; did you mean 'isBias'\?/,
    ],
    [
      'values of another shape',
      () => layer.createParameter([3], { attr: new Assign([1, 2]) }),
      'SHAPE_MISMATCH',
      /Assign holds values of shape \[2\], the parameter has \[3\]/,
    ],
  ];
  for (const [what, run, code, message] of wrong) {
    it(`refuses ${what}`, () => assert.throws(run, { code, message }));
  }
});

describe('to, astype and float', () => {
  it('give the layer itself, and refuse other types and devices', () => {
    const layer = new Linear(1, 1);
    assert.equal(layer.to(), layer);
    assert.equal(layer.to({ dtype: 'float32', blocking: false }), layer);
    assert.equal(layer.astype('float32'), layer);
    assert.equal(layer.float(), layer);
    assert.throws(() => layer.astype('float64' as 'float32'), { code: 'INVALID_ARGUMENT', message: /float64/ });
    assert.throws(() => layer.to({ device: 'gpu:7' as 'cpu' }), { code: 'INVALID_ARGUMENT', message: /gpu:7/ });
  });
});

describe('hooks that return null', () => {
  it('replace nothing', () => {
    const linear = new Linear(1, 1);
    linear.registerForwardPreHook(() => null as unknown as undefined);
    linear.registerForwardPostHook(() => null as unknown as undefined);
    assert.deepEqual(linear.forward(tf.ones([1, 1])).shape, [1, 1]);
  });
});
