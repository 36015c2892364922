import assert from 'node:assert/strict';
import '../support/setup.js';
import {
  AdaptiveAvgPool2D,
  AdaptiveMaxPool2D,
  AvgPool2D,
  BatchNorm,
  BatchNorm1D,
  BatchNorm2D,
  Conv2D,
  CrossEntropyLoss,
  Dropout,
  Flatten,
  Hardsigmoid,
  Hardswish,
  Identity,
  Layer,
  LayerDict,
  LayerList,
  Linear,
  LogSoftmax,
  MaxPool2D,
  ParameterList,
  ReLU,
  ReLU6,
  Sequential,
  Sigmoid,
  Softmax,
  Swish,
  Tanh,
  type AnyLayer,
} from '../../src/nn/index.js';

// Texts: Paddle 3.3.1.
const rows: [AnyLayer, string][] = [
  [new BatchNorm(8, { act: 'relu' }), 'BatchNorm()'],
  [new BatchNorm2D(8), 'BatchNorm2D(num_features=8, momentum=0.9, epsilon=1e-05)'],
  [
    new BatchNorm2D(8, { momentum: 0.8, epsilon: 0.001, dataFormat: 'NHWC' }),
    'BatchNorm2D(num_features=8, momentum=0.8, epsilon=0.001, data_format=NHWC)',
  ],
  [
    new BatchNorm1D(4, { dataFormat: 'NLC' }),
    'BatchNorm1D(num_features=4, momentum=0.9, epsilon=1e-05, data_format=NLC)',
  ],
  [new Dropout(), 'Dropout(p=0.5, axis=None, mode=upscale_in_train, inplace=False)'],
  [
    new Dropout({ p: 0.2, axis: 1, mode: 'downscale_in_infer' }),
    'Dropout(p=0.2, axis=1, mode=downscale_in_infer, inplace=False)',
  ],
  [new Dropout({ p: 0.2, axis: [0, 1] }), 'Dropout(p=0.2, axis=[0, 1], mode=upscale_in_train, inplace=False)'],
  [new Conv2D(4, 8, 3), 'Conv2D(4, 8, kernel_size=[3, 3], data_format=NCHW)'],
  [
    new Conv2D(4, 8, [3, 2], {
      stride: 2,
      padding: 1,
      dilation: [2, 1],
      groups: 4,
      biasAttr: false,
      dataFormat: 'NHWC',
    }),
    'Conv2D(4, 8, kernel_size=[3, 2], stride=[2, 2], padding=1, dilation=[2, 1], groups=4, data_format=NHWC)',
  ],
  [
    new Conv2D(4, 8, 3, { stride: [2, 1], padding: [1, 2] }),
    'Conv2D(4, 8, kernel_size=[3, 3], stride=[2, 1], padding=[1, 2], data_format=NCHW)',
  ],
  [new Conv2D(4, 8, 3, { padding: 'same' }), 'Conv2D(4, 8, kernel_size=[3, 3], padding=same, data_format=NCHW)'],
  [
    new Conv2D(4, 8, 3, { padding: [1, 2, 3, 4] }),
    'Conv2D(4, 8, kernel_size=[3, 3], padding=[1, 2, 3, 4], data_format=NCHW)',
  ],
  [
    new Conv2D(4, 8, 3, { stride: 2, padding: 1, paddingMode: 'circular' }),
    'Conv2D(4, 8, kernel_size=[3, 3], stride=[2, 2], padding=1, padding_mode=circular, data_format=NCHW)',
  ],
  [new MaxPool2D(2, 2), 'MaxPool2D(kernel_size=2, stride=2, padding=0)'],
  [new MaxPool2D(3), 'MaxPool2D(kernel_size=3, stride=None, padding=0)'],
  [new MaxPool2D([2, 3], { padding: [1, 1] }), 'MaxPool2D(kernel_size=[2, 3], stride=None, padding=[1, 1])'],
  [new AvgPool2D(2, { stride: 1, padding: 'SAME' }), 'AvgPool2D(kernel_size=2, stride=1, padding=SAME)'],
  [new AdaptiveAvgPool2D([3, 2]), 'AdaptiveAvgPool2D(output_size=[3, 2])'],
  [new AdaptiveAvgPool2D(1), 'AdaptiveAvgPool2D(output_size=1)'],
  [new AdaptiveMaxPool2D(7), 'AdaptiveMaxPool2D(output_size=7, return_mask=False)'],
  [new Linear(2, 3), 'Linear(in_features=2, out_features=3, dtype=float32)'],
  [new Flatten(), 'Flatten()'],
  [new Softmax(), 'Softmax(axis=-1)'],
  [new Softmax({ axis: 1 }), 'Softmax(axis=1)'],
  [new LogSoftmax(), 'LogSoftmax(axis=-1)'],
  [new ReLU(), 'ReLU()'],
  [new ReLU6(), 'ReLU6()'],
  [new Hardsigmoid(), 'Hardsigmoid()'],
  [new Hardswish(), 'Hardswish()'],
  [new Swish(), 'Swish()'],
  [new Sigmoid(), 'Sigmoid()'],
  [new Tanh(), 'Tanh()'],
  [new Identity(), 'Identity()'],
  [new CrossEntropyLoss(), 'CrossEntropyLoss()'],
  [new Sequential(), 'Sequential()'],
  [new ParameterList(), 'ParameterList()'],
  [new LayerList([new ReLU()]), 'LayerList(\n  (0): ReLU()\n)'],
  [new LayerDict({ a: new ReLU() }), 'LayerDict(\n  (a): ReLU()\n)'],
];

describe('printed layers', () => {
  for (const [layer, text] of rows) {
    it(`look like ${text.replaceAll('\n', ' ')}`, () => assert.equal(String(layer), text));
  }

  it('are indented trees', () => {
    const net = new Sequential(
      ['conv', new Conv2D(3, 8, 3)],
      ['act', new ReLU()],
      ['inner', new Sequential(new Linear(2, 3), new Dropout(0.25))],
    );
    assert.equal(
      net.toString(),
      `Sequential(
  (conv): Conv2D(3, 8, kernel_size=[3, 3], data_format=NCHW)
  (act): ReLU()
  (inner): Sequential(
    (0): Linear(in_features=2, out_features=3, dtype=float32)
    (1): Dropout(p=0.25, axis=None, mode=upscale_in_train, inplace=False)
  )
)`,
    );
  });

  it('have the name of their class and what it adds', () => {
    class Scale extends Layer {
      act = new ReLU();

      override extraRepr(): string {
        return 'factor=2';
      }
    }
    assert.equal(String(new Scale()), 'Scale(factor=2\n  (act): ReLU()\n)');
  });
});

// Texts printed by Paddle 3.3.1.
describe('printed options', () => {
  class Shared extends Layer {
    a = new ReLU();
    b = this.a;
  }
  const cases: [Layer, string][] = [
    [new BatchNorm1D(4), 'BatchNorm1D(num_features=4, momentum=0.9, epsilon=1e-05, data_format=NCL)'],
    [
      new Conv2D(4, 8, 3, { padding: 1, dilation: 2, groups: 2, paddingMode: 'reflect' }),
      'Conv2D(4, 8, kernel_size=[3, 3], padding=1, padding_mode=reflect, dilation=[2, 2], groups=2, data_format=NCHW)',
    ],
    [
      new Conv2D(4, 8, 3, {
        padding: [
          [0, 0],
          [0, 0],
          [1, 2],
          [3, 4],
        ],
      }),
      'Conv2D(4, 8, kernel_size=[3, 3], padding=[[0, 0], [0, 0], [1, 2], [3, 4]], data_format=NCHW)',
    ],
    [new AdaptiveAvgPool2D([null, 2]), 'AdaptiveAvgPool2D(output_size=[None, 2])'],
    [new Linear(2, 3, { name: 'fc' }), 'Linear(in_features=2, out_features=3, dtype=float32, name=fc)'],
    [new Shared(), 'Shared(\n  (a): ReLU()\n  (b): ReLU()\n)'],
  ];
  for (const [layer, text] of cases) it(text.split('\n')[0] ?? '', () => assert.equal(String(layer), text));
});
