"""Writes vision-ops.json: operations of paddle.vision.ops, with gradients.

python test/oracle/vision_ops.py, with Paddle 3.3.1
The inputs and the names of the cases are those of vision-ops.test.ts.
"""
import json
import math
import pathlib

import numpy as np
import paddle

ops = paddle.vision.ops


def wave(shape, shift, step=1.3):
    size = int(np.prod(shape))
    return np.array([math.sin(shift + step * i) for i in range(size)], 'float32').reshape(shape)


def boxes(count, shift):
    """Corners with the lower one first, between about 0 and 9."""
    low = 2.3 + 2.2 * wave([count, 2], shift)
    return np.concatenate([low, low + 3.5 + 2 * wave([count, 2], shift + 2, 0.9)], 1).astype('float32')


inputs = {
    'x': wave([2, 4, 6, 7], 0), 'regions': boxes(5, 1), 'many': boxes(12, 4), 'scores': wave([12], 3), 'target': boxes(3, 7),
    'variances': (0.2 + 0.1 * wave([5, 4], 6)).astype('float32'), 'codes': wave([3, 5, 4], 2), 'codesAxis1': wave([5, 3, 4], 2),
    'offset': 1.5 * wave([2, 36, 3, 4], 5), 'mask': wave([2, 18, 3, 4], 8), 'offset1': 0.7 * wave([2, 18, 6, 7], 9),
    'weight': wave([6, 2, 3, 3], 3), 'weight1': wave([3, 4, 3, 3], 1), 'bias': wave([6], 2),
}
counts = np.array([2, 3], 'int32')
classes = np.array([i % 3 for i in range(12)], 'int64')
V4 = [0.1, 0.1, 0.2, 0.2]

cases = {
    'nms': lambda t: ops.nms(t.many, 0.2), 'nmsDefault': lambda t: ops.nms(t.many), 'nmsScores': lambda t: ops.nms(t.many, 0.2, t.scores), 'nmsTop': lambda t: ops.nms(t.many, 0.2, t.scores)[:3],
    'nmsClasses': lambda t: ops.nms(t.many, 0.1, t.scores, paddle.to_tensor(classes), [0, 1, 2]), 'nmsClassesTop': lambda t: ops.nms(t.many, 0.1, t.scores, paddle.to_tensor(classes), [0, 1, 2], 4),
    'encode': lambda t: ops.box_coder(t.regions, t.variances, t.target), 'encodePixels': lambda t: ops.box_coder(t.regions, V4, t.target, box_normalized=False),
    'decode': lambda t: ops.box_coder(t.regions, t.variances, t.codes, 'decode_center_size'), 'decodeAxis': lambda t: ops.box_coder(t.regions, V4, t.codesAxis1, 'decode_center_size', False, 1),
    'roiAlign': lambda t: ops.roi_align(t.x, t.regions, paddle.to_tensor(counts), 3), 'roiAlignOptions': lambda t: ops.roi_align(t.x, t.regions, paddle.to_tensor(counts), (2, 3), 0.5, 2, False),
    'roiPool': lambda t: ops.roi_pool(t.x, t.regions, paddle.to_tensor(counts), 3), 'roiPoolScale': lambda t: ops.roi_pool(t.x, t.regions, paddle.to_tensor(counts), (2, 4), 1.7),
    'RoIAlign': lambda t: ops.RoIAlign((2, 2), 0.8)(t.x, t.regions, paddle.to_tensor(counts)), 'RoIPool': lambda t: ops.RoIPool(2, 0.8)(t.x, t.regions, paddle.to_tensor(counts)),
    'deform': lambda t: ops.deform_conv2d(t.x, t.offset1, t.weight1, padding=1),
    'deformAll': lambda t: ops.deform_conv2d(t.x, t.offset, t.weight, t.bias, (2, 2), 1, 1, 2, 2, t.mask),
}


class Tensors:
    def __init__(self):
        self.all = {k: paddle.to_tensor(v, stop_gradient=False) for k, v in inputs.items()}

    def __getattr__(self, name):
        return self.all[name]


def flat(array):
    return [float(f'{float(v):.7g}') for v in np.asarray(array).ravel()]


out = {}
for name, run in cases.items():
    t = Tensors()
    result = run(t)
    entry = {'shape': list(result.shape), 'values': flat(result.numpy())}
    if name[0] in 'rRd' and not name.startswith('decode'):
        (result * result).sum().backward()
        entry['gradients'] = {k: flat(v.grad.numpy()) for k, v in t.all.items() if v.grad is not None and k != 'regions'}
    out[name] = entry

path = pathlib.Path(__file__).parent / 'vision-ops.json'
path.write_text(json.dumps(out, separators=(',', ':')) + '\n')
print(len(out), path.stat().st_size)
