/**
 * What is measured.
 *
 * @module
 */
import type { Contender, Task, TaskResult } from './contenders.js';

/** A number of a task's result. */
export interface Figure {
  /** Name in results and bars. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Digits after the point. */
  readonly digits: number;
  readonly value: (result: TaskResult) => number | undefined;
}

/** A task for several contenders, and what is read from its results. */
export interface Measurement {
  /** Name for `--only`. */
  readonly id: string;
  readonly task: Task;
  readonly figures: readonly Figure[];
  /** Whether a contender takes part: some would take hours. */
  readonly suits: (contender: Contender) => boolean;
}

const isBearable = ({ name }: Contender) => name !== 'js';

const networkTitles = {
  lenet: 'LeNet',
  resnet50: 'ResNet-50',
  vgg16: 'VGG-16',
  mobilenet_v2: 'MobileNetV2',
  densenet121: 'DenseNet-121',
} as const;

type Network = keyof typeof networkTitles;

const batch = 64;

/** Finds a number under a name, also inside an object: 'overhead.share'. */
function numberAt(path: string) {
  return (result: TaskResult): number | undefined => {
    let value: unknown = result;
    for (const name of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'number' ? value : undefined;
  };
}

function train(network: Network, seconds: number): Measurement {
  const id = `train/${network}`;
  const title = networkTitles[network];
  return {
    id,
    task: { task: 'train', network, batch, seconds },
    suits: network === 'lenet' ? () => true : isBearable,
    figures: [
      {
        id,
        title: `${title}, training step`,
        unit: 'ms',
        better: 'lower',
        digits: network === 'lenet' ? 2 : 0,
        value: numberAt('bestMs'),
      },
      {
        id: `memory/${network}`,
        title: `${title}, peak memory`,
        unit: 'MB',
        better: 'lower',
        digits: 0,
        value: numberAt('peakMB'),
      },
      {
        id: `overhead/${network}`,
        title: `${title}, share of a step outside of kernels`,
        unit: '%',
        better: 'lower',
        digits: 1,
        value: (result) => {
          const share = numberAt('overhead.share')(result);
          return share === undefined ? undefined : share * 100;
        },
      },
    ],
  };
}

function predict(network: Network, seconds: number): Measurement {
  const id = `predict/${network}`;
  return {
    id,
    task: { task: 'predict', network, batch, seconds },
    suits: isBearable,
    figures: [
      {
        id,
        title: `${networkTitles[network]}, prediction`,
        unit: 'images/s',
        better: 'higher',
        digits: 0,
        value: numberAt('imagesPerSecond'),
      },
    ],
  };
}

const epoch = (mnist: string): Measurement => ({
  id: 'epoch',
  task: { task: 'epoch', mnist },
  suits: isBearable,
  figures: [
    {
      id: 'epoch',
      title: 'LeNet/MNIST, an epoch through fit',
      unit: 's',
      better: 'lower',
      digits: 2,
      value: numberAt('seconds'),
    },
    {
      id: 'evaluate',
      title: 'LeNet/MNIST, evaluation on the test images',
      unit: 's',
      better: 'lower',
      digits: 2,
      value: numberAt('evaluateSeconds'),
    },
    {
      id: 'accuracy',
      title: 'LeNet/MNIST, accuracy after the epoch',
      unit: '%',
      better: 'higher',
      digits: 1,
      value: (result) => (numberAt('accuracy')(result) ?? NaN) * 100,
    },
  ],
});

const startup: Measurement = {
  id: 'startup',
  task: { task: 'startup', batch },
  suits: () => true,
  figures: [
    {
      id: 'startup',
      title: 'Start of the process to the end of the first LeNet step',
      unit: 's',
      better: 'lower',
      digits: 2,
      value: (result) => (numberAt('totalMs')(result) ?? NaN) / 1000,
    },
  ],
};

/** Sizes of matrix products, rows x depth x columns. */
const products = [
  [1024, 1024, 1024],
  [4096, 256, 64],
  [64, 400, 120],
];

/** A convolution with square images and kernels, padded so that stride 1 keeps the size. */
interface ConvolutionGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly size: number;
  readonly kernel: number;
  readonly filters: number;
  readonly stride: number;
}

const geometry = (...lengths: [number, number, number, number, number, number]): ConvolutionGeometry => {
  const [batch, channels, size, kernel, filters, stride] = lengths;
  return { batch, channels, size, kernel, filters, stride };
};

/** Convolutions of ResNet-50, of larger images, and of LeNet. */
const convolutions = [
  geometry(64, 64, 8, 3, 64, 1),
  geometry(64, 256, 2, 3, 256, 1),
  geometry(64, 512, 1, 3, 512, 1),
  geometry(64, 256, 8, 1, 64, 1),
  geometry(8, 64, 56, 3, 64, 1),
  geometry(8, 256, 56, 1, 64, 1),
  geometry(64, 3, 32, 7, 64, 2),
  geometry(64, 6, 14, 5, 16, 1),
];

/** What the task `kernels` prints. */
interface KernelRates {
  /** Billions of operations a second in registers, on all threads. */
  readonly peak?: number;
  readonly products: readonly { readonly size: readonly number[]; readonly forward: number }[];
  readonly convolutions: readonly (ConvolutionGeometry &
    Record<'forward' | 'inputGradient' | 'filterGradient', number>)[];
}

const kernels = (seconds: number): Measurement => ({
  id: 'kernels',
  task: { task: 'kernels', products, convolutions, seconds },
  suits: ({ name }) => ['native', 'wasm', 'PyTorch'].includes(name),
  figures: [
    { id: 'peak', title: 'Peak', unit: 'GFLOP/s', better: 'higher', digits: 0, value: numberAt('peak') },
    ...products.map((size, index): Figure => ({
      id: `product/${size.join('x')}`,
      title: `Product ${size.join(' x ')}`,
      unit: 'GFLOP/s',
      better: 'higher',
      digits: 0,
      value: (result) => (result as unknown as KernelRates).products[index]?.forward,
    })),
    ...convolutions.flatMap((one, index) =>
      (['forward', 'inputGradient', 'filterGradient'] as const).map((pass): Figure => ({
        id: `convolution/${Object.values(one).join(',')}/${pass}`,
        title: `Convolution ${Object.values(one).join(',')}, ${passTitles[pass]}`,
        unit: 'GFLOP/s',
        better: 'higher',
        digits: 0,
        value: (result) => (result as unknown as KernelRates).convolutions[index]?.[pass],
      })),
    ),
  ],
});

const passTitles = { forward: 'forward', inputGradient: 'input gradient', filterGradient: 'filter gradient' } as const;

/**
 * All measurements.
 *
 * @param mnist - folder with the four files of MNIST, gzip-compressed
 * @param quick - shorter, and less precise
 */
export function allMeasurements(mnist: string, quick: boolean): Measurement[] {
  const seconds = quick ? 2 : 6;
  return [
    kernels(quick ? 0.05 : 0.15),
    train('resnet50', seconds),
    train('vgg16', seconds),
    train('mobilenet_v2', seconds),
    train('densenet121', seconds),
    train('lenet', quick ? 1 : 3),
    predict('resnet50', seconds / 2),
    predict('lenet', seconds / 2),
    epoch(mnist),
    startup,
  ];
}
