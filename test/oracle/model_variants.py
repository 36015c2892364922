"""Writes model-variants.json: what real Paddle 3.3.1 computes for networks with other options than their defaults.

python test/oracle/model_variants.py
ORACLE_DIR is the folder of paddle_oracle.py, whose rule fills the tensors.
"""
import json
import os
import pathlib
import re
import sys

import numpy as np
import paddle

here = pathlib.Path(__file__).parent
sys.path.insert(0, os.environ.get('ORACLE_DIR', str(here / '../../../shared/oracle')))
from paddle_oracle import digest, fill, fnv1a32, image, l2_spread  # noqa: E402

SALT = 'variants'

# Builder or class, options, input.
CASES = [
    ('LeNet', {'num_classes': 0}, [2, 1, 28, 28]),
    ('alexnet', {'num_classes': 10}, [1, 3, 240, 240]),
    ('alexnet', {'num_classes': 0}, [1, 3, 96, 96]),
    ('densenet121', {'bn_size': 2, 'dropout': 0.3, 'num_classes': 5}, [1, 3, 64, 64]),
    ('densenet161', {'num_classes': 0}, [1, 3, 64, 64]),
    ('googlenet', {'num_classes': 10}, [1, 3, 224, 224]),
    ('googlenet', {'num_classes': 0}, [1, 3, 96, 96]),
    ('googlenet', {'num_classes': -1, 'with_pool': False}, [1, 3, 96, 96]),
    ('inception_v3', {'num_classes': 5}, [1, 3, 96, 96]),
    ('inception_v3', {'num_classes': 0, 'with_pool': False}, [1, 3, 96, 96]),
    ('mobilenet_v1', {'scale': 0.3, 'num_classes': 5}, [1, 3, 64, 64]),
    ('mobilenet_v1', {'scale': 0.5, 'num_classes': 0, 'with_pool': False}, [1, 3, 64, 64]),
    ('mobilenet_v2', {'scale': 0.35, 'num_classes': 5}, [1, 3, 64, 64]),
    ('mobilenet_v2', {'scale': 1.4, 'num_classes': 0, 'with_pool': False}, [1, 3, 64, 64]),
    ('mobilenet_v3_small', {'scale': 0.35, 'num_classes': 5}, [1, 3, 64, 64]),
    ('mobilenet_v3_large', {'scale': 0.75, 'num_classes': 5}, [1, 3, 64, 64]),
    ('mobilenet_v3_large', {'scale': 1.25, 'num_classes': 0, 'with_pool': False}, [1, 3, 64, 64]),
    ('resnet18', {'num_classes': 10}, [2, 3, 32, 32]),
    ('resnet18', {'num_classes': 0, 'with_pool': False}, [1, 3, 64, 64]),
    ('resnet50', {'width': 32, 'groups': 2, 'num_classes': 7}, [1, 3, 64, 64]),
    ('resnext50_32x4d', {'num_classes': 0}, [1, 3, 64, 64]),
    ('shufflenet_v2_x0_25', {'act': 'swish', 'num_classes': 5}, [2, 3, 64, 64]),
    ('shufflenet_v2_x0_33', {'act': None, 'num_classes': 0}, [1, 3, 64, 64]),
    ('shufflenet_v2_x0_5', {'num_classes': 0, 'with_pool': False}, [1, 3, 64, 64]),
    ('squeezenet1_0', {'num_classes': 5}, [2, 3, 64, 64]),
    ('squeezenet1_0', {'num_classes': 0}, [1, 3, 64, 64]),
    ('squeezenet1_1', {'num_classes': 5, 'with_pool': False}, [1, 3, 64, 64]),
    ('vgg11', {'batch_norm': True, 'num_classes': 0}, [1, 3, 32, 32]),
    ('vgg13', {'num_classes': 0, 'with_pool': False}, [1, 3, 32, 32]),
    ('vgg19', {'batch_norm': True, 'num_classes': 0, 'with_pool': False}, [1, 3, 32, 32]),
]


# Here a pair is printed as Paddle prints a list.
PAIR = re.compile(r'=\((\d+, \d+)\)')


def run(net, shape):
    """Outputs and the gradients of their weighted sum, in evaluation mode."""
    outputs = net(paddle.to_tensor(image(SALT, 'input', shape)))
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    loss = sum((y * paddle.to_tensor(image(SALT, f'dy{i}', y.shape))).sum() for i, y in enumerate(outputs))
    net.clear_gradients()
    loss.backward()
    trained = [k for k, p in net.named_parameters() if p.trainable and p.grad is not None]
    parameters = dict(net.named_parameters())
    gradients = {k: parameters[k].grad.numpy() for k in (trained[0], trained[len(trained) // 2], trained[-1])}
    return [y.numpy() for y in outputs], gradients


def case(make, options, shape):
    net = getattr(paddle.vision.models, make)(**options)
    net.eval()
    fill(net, SALT)
    outputs, gradients = run(net, shape)
    noisy = []
    for jitter in (1e-6, -1e-6, 3e-7, -3e-7):
        fill(net, SALT, jitter)
        noisy.append(run(net, shape))
    state = net.state_dict()
    return {
        'make': make,
        'options': options,
        'input': shape,
        'keys': len(state),
        'keysHash': fnv1a32('\n'.join(f'{k}:{list(v.shape)}' for k, v in state.items())),
        'textHash': fnv1a32(PAIR.sub(r'=[\1]', str(net))),
        'params': int(sum(np.prod(p.shape) for p in net.parameters())),
        'outputs': [
            {'shape': list(y.shape), **digest(y), 'noise': max(l2_spread(y, ys[i]) for ys, _ in noisy)} for i, y in enumerate(outputs)
        ],
        'gradients': {k: {**digest(g), 'noise': max(l2_spread(g, gs[k]) for _, gs in noisy)} for k, g in gradients.items()},
    }


def weights():
    """URL and MD5 of all trained weights, by Paddle's name for them."""
    modules = (sys.modules[m.__module__] for m in map(paddle.vision.models.__dict__.get, paddle.vision.models.__all__))
    return {name: list(source) for m in modules for name, source in getattr(m, 'model_urls', {}).items()}


cases = [case(*row) for row in CASES]
text = json.dumps({'salt': SALT, 'paddle': paddle.__version__, 'cases': cases, 'weights': weights()}, indent=1)
(here / 'model-variants.json').write_text(text + '\n')
