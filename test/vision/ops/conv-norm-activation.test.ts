import assert from 'node:assert/strict';
import '../../support/setup.js';
import { Swish } from '../../../src/nn/index.js';
import { ConvNormActivation } from '../../../src/vision/ops/conv-norm-activation.js';

describe('ConvNormActivation', () => {
  // Texts: Paddle 3.3.1.
  const texts: [string, ConvNormActivation, string][] = [
    [
      'the defaults',
      new ConvNormActivation(3, 4),
      `ConvNormActivation(
  (0): Conv2D(3, 4, kernel_size=[3, 3], padding=1, data_format=NCHW)
  (1): BatchNorm2D(num_features=4, momentum=0.9, epsilon=1e-05)
  (2): ReLU()
)`,
    ],
    [
      'no normalisation and no activation',
      new ConvNormActivation(3, 4, { kernelSize: 5, dilation: 2, normLayer: null, activationLayer: null }),
      `ConvNormActivation(
  (0): Conv2D(3, 4, kernel_size=[5, 5], padding=4, dilation=[2, 2], data_format=NCHW)
)`,
    ],
    [
      'layers of its own',
      new ConvNormActivation(4, 4, {
        kernelSize: 4,
        stride: 2,
        groups: 2,
        bias: true,
        activationLayer: () => new Swish(),
      }),
      `ConvNormActivation(
  (0): Conv2D(4, 4, kernel_size=[4, 4], stride=[2, 2], padding=1, groups=2, data_format=NCHW)
  (1): BatchNorm2D(num_features=4, momentum=0.9, epsilon=1e-05)
  (2): Swish()
)`,
    ],
  ];
  for (const [what, layer, text] of texts) {
    it(`takes ${what}`, () => assert.equal(String(layer), text));
  }

  it('has a bias when it is asked for, or there is no normalisation', () => {
    const hasBias = texts.map(([, layer]) => '0.bias' in layer.stateDict());
    assert.deepEqual(hasBias, [false, true, true]);
  });

  it('refuses to guess the padding of an oblong kernel', () => {
    assert.throws(() => new ConvNormActivation(3, 4, { kernelSize: [1, 3] }), {
      code: 'INVALID_ARGUMENT',
      message: /padding of ConvNormActivation must be given for a kernelSize that is no integer, got \[1, 3\]/,
    });
    assert.throws(() => new ConvNormActivation(3, 4, { norm: null } as object), { code: 'UNKNOWN_OPTION' });
  });
});
