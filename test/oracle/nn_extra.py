"""Writes nn-extra.json: what real Paddle 3.3.1 computes for functions and layers that the shared values leave out.

python test/oracle/nn_extra.py
ORACLE_DIR is the folder of paddle_oracle.py, whose rule fills the tensors.
"""
import json
import os
import pathlib
import sys

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import nn

here = pathlib.Path(__file__).parent
sys.path.insert(0, os.environ.get('ORACLE_DIR', str(here / '../../../shared/oracle')))
import paddle_oracle  # noqa: E402
from paddle_oracle import fill, image, uniform  # noqa: E402

SALT = 'nn'


def digest(values):
    """The shared digest, in nine digits."""
    short = lambda x: [short(v) for v in x] if isinstance(x, list) else x if isinstance(x, int) else float(f'{x:.9g}')
    return {k: short(v) for k, v in paddle_oracle.digest(values).items()}


def tensor(key, spec):
    """A tensor by its kind and shape; kinds of floats take gradients."""
    kind, shape, *rest = spec
    count = int(np.prod(shape))
    u = uniform(SALT, key, count)
    if kind == 'image':
        values = image(SALT, key, shape)
    elif kind == 'wide':
        values = 3 * image(SALT, key, shape)
    elif kind == 'share':
        values = (0.05 + 0.9 * u).astype(np.float32).reshape(shape)
    elif kind == 'bits':
        values = (u > 0.5).astype(np.float32).reshape(shape)
    elif kind == 'signs':
        values = np.where(u > 0.5, 1, -1).astype(np.float32).reshape(shape)
    elif kind == 'counts':
        values = np.floor(5 * u).astype(np.float32).reshape(shape)
    elif kind == 'labels':
        values = np.floor(u * rest[0]).astype(np.int64).reshape(shape)
    elif kind == 'rows':
        values = np.asarray(rest[0], np.int64).reshape(shape)
    return values, kind in ('image', 'wide', 'share')


I = lambda *s: ['image', list(s)]
W = lambda *s: ['wide', list(s)]
S = lambda *s: ['share', list(s)]
B = lambda *s: ['bits', list(s)]
G = lambda *s: ['signs', list(s)]
C = lambda *s: ['counts', list(s)]
L = lambda k, *s: ['labels', list(s), k]
R = lambda rows, *s: ['rows', list(s), rows]

FUNCTIONS = {
    'relu': ([W(3, 7)], F.relu), 'relu6': ([W(3, 7)], lambda x: F.relu6(4 * x)), 'sigmoid': ([W(3, 7)], F.sigmoid), 'tanh': ([W(3, 7)], F.tanh),
    'swish': ([W(3, 7)], F.swish), 'silu': ([W(3, 7)], F.silu), 'mish': ([W(3, 7)], F.mish), 'softsign': ([W(3, 7)], F.softsign),
    'logSigmoid': ([W(3, 7)], F.log_sigmoid), 'tanhshrink': ([W(3, 7)], F.tanhshrink), 'hardswish': ([W(3, 7)], lambda x: F.hardswish(2 * x)),
    'hardsigmoid': ([W(3, 7)], lambda x: F.hardsigmoid(x, 0.3, 0.4)), 'softmax': ([W(3, 7)], F.softmax), 'softmax/axis': ([W(3, 7)], lambda x: F.softmax(x, 0)), 'logSoftmax': ([W(3, 7)], F.log_softmax),
    'elu': ([W(3, 7)], lambda x: F.elu(x, 0.7)), 'celu': ([W(3, 7)], lambda x: F.celu(x, 0.7)), 'selu': ([W(3, 7)], lambda x: F.selu(x, 1.2, 0.5)),
    'gelu': ([W(3, 7)], F.gelu), 'gelu/tanh': ([W(3, 7)], lambda x: F.gelu(x, True)), 'leakyRelu': ([W(3, 7)], lambda x: F.leaky_relu(x, 0.2)),
    'hardtanh': ([W(3, 7)], lambda x: F.hardtanh(x, -0.5, 2.0)), 'hardshrink': ([W(3, 7)], lambda x: F.hardshrink(x, 0.8)), 'softshrink': ([W(3, 7)], lambda x: F.softshrink(x, 0.8)),
    'softplus': ([W(3, 7)], lambda x: F.softplus(x, 2, 3)), 'thresholdedRelu': ([W(3, 7)], lambda x: F.thresholded_relu(x, 0.5, 0.25)),
    'prelu': ([W(2, 3, 2, 2), S(3)], F.prelu), 'prelu/shared': ([W(2, 3, 2, 2), S(1)], F.prelu), 'prelu/last': ([W(2, 2, 2, 3), S(3)], lambda x, w: F.prelu(x, w, data_format='NHWC')),
    'rrelu': ([W(3, 7)], lambda x: F.rrelu(x, training=False)), 'maxout': ([W(2, 6, 2, 3)], lambda x: F.maxout(x, 2)), 'maxout/last': ([W(2, 2, 3, 6)], lambda x: F.maxout(x, 3, axis=-1)),
    'glu': ([W(3, 8)], F.glu), 'glu/axis': ([W(4, 3)], lambda x: F.glu(x, 0)), 'swiglu': ([W(3, 8)], F.swiglu), 'swiglu/two': ([W(3, 4), W(3, 4)], F.swiglu),
    'mseLoss': ([I(4, 5), I(4, 5)], F.mse_loss), 'l1Loss': ([I(4, 5), I(4, 5)], lambda x, y: F.l1_loss(x, y, 'sum')), 'squareErrorCost': ([I(4, 5), I(4, 5)], F.square_error_cost),
    'smoothL1Loss': ([W(4, 5), I(4, 5)], lambda x, y: F.smooth_l1_loss(x, y, delta=0.7)), 'smoothL1Loss/not': ([W(4, 5), I(4, 5)], lambda x, y: F.smooth_l1_loss(x, y, 'none', 0.7, False)),
    'logLoss': ([S(4, 1), B(4, 1)], F.log_loss), 'poissonNllLoss': ([I(4, 5), C(4, 5)], F.poisson_nll_loss), 'poissonNllLoss/full': ([S(4, 5), C(4, 5)], lambda x, y: F.poisson_nll_loss(x, y, False, False, 1e-6, 'sum')),
    'gaussianNllLoss': ([I(4, 5), I(4, 5), S(4, 5)], F.gaussian_nll_loss), 'gaussianNllLoss/rows': ([I(4, 5), I(4, 5), S(4, 1)], lambda x, y, v: F.gaussian_nll_loss(x, y, v, True, 1e-6, 'none')),
    'klDiv': ([I(4, 5), S(4, 5)], F.kl_div), 'klDiv/log': ([I(4, 5), I(4, 5)], lambda x, y: F.kl_div(x, y, 'batchmean', True)),
    'binaryCrossEntropy': ([S(4, 5), B(4, 5)], F.binary_cross_entropy), 'binaryCrossEntropy/weight': ([S(4, 5), B(4, 5), S(4, 5)], lambda x, y, w: F.binary_cross_entropy(x, y, w.detach(), 'none')),
    'binaryCrossEntropyWithLogits': ([W(4, 5), B(4, 5)], F.binary_cross_entropy_with_logits),
    'binaryCrossEntropyWithLogits/weights': ([W(4, 5), B(4, 5), S(5), S(5)], lambda x, y, w, p: F.binary_cross_entropy_with_logits(x, y, w.detach(), 'none', p.detach())),
    'sigmoidFocalLoss': ([W(4, 5), B(4, 5)], F.sigmoid_focal_loss), 'sigmoidFocalLoss/normalizer': ([W(4, 5), B(4, 5)], lambda x, y: F.sigmoid_focal_loss(x, y, paddle.to_tensor([3.0]), 0.4, 1.5, 'mean')),
    'nllLoss': ([I(4, 5), L(5, 4)], F.nll_loss), 'nllLoss/weight': ([I(6, 5), L(5, 6), S(5)], lambda x, y, w: F.nll_loss(x, y, w.detach(), 2)),
    'nllLoss/images': ([I(2, 3, 2, 4), L(3, 2, 2, 4)], lambda x, y: F.nll_loss(x, y, reduction='none')), 'nllLoss/sequence': ([I(2, 3, 4), L(3, 2, 4)], F.nll_loss),
    'multiLabelSoftMarginLoss': ([W(4, 5), B(4, 5)], F.multi_label_soft_margin_loss), 'multiLabelSoftMarginLoss/weight': ([W(4, 5), B(4, 5), S(5)], lambda x, y, w: F.multi_label_soft_margin_loss(x, y, w.detach(), 'none')),
    'softMarginLoss': ([W(4, 5), G(4, 5)], F.soft_margin_loss), 'multiMarginLoss': ([I(4, 5), L(5, 4)], F.multi_margin_loss),
    'multiMarginLoss/squares': ([I(4, 5), L(5, 4)], lambda x, y: F.multi_margin_loss(x, y, 2, 0.8, None, 'none')), 'multiMarginLoss/weight': ([I(4, 5), L(5, 4), S(5)], lambda x, y, w: F.multi_margin_loss(x, y, 1, 0.8, w.detach(), 'none')),
    'multiLabelMarginLoss': ([I(3, 4), R([3, 0, -1, 1, 2, -1, 0, 1, 0, 1, 2, 3], 3, 4)], F.multi_label_margin_loss), 'diceLoss': ([S(3, 4, 2), L(2, 3, 4, 1)], F.dice_loss),
    'crossEntropy': ([W(4, 5), L(5, 4, 1)], F.cross_entropy), 'softmaxWithCrossEntropy': ([W(4, 5), L(5, 4, 1)], F.softmax_with_cross_entropy), 'softmaxWithCrossEntropy/axis': ([W(4, 5, 2), L(5, 4, 1, 2)], lambda x, y: F.softmax_with_cross_entropy(x, y, axis=1)),
    'marginRankingLoss': ([I(4, 5), I(4, 5), G(4, 5)], lambda x, y, z: F.margin_ranking_loss(x, y, z, 0.3)), 'hingeEmbeddingLoss': ([W(4, 5), G(4, 5)], lambda x, y: F.hinge_embedding_loss(x, y, 1.5)),
    'cosineEmbeddingLoss': ([I(4, 5), I(4, 5), G(4)], lambda x, y, z: F.cosine_embedding_loss(x, y, z, -0.5, 'none')), 'tripletMarginLoss': ([I(4, 5), I(4, 5), I(4, 5)], F.triplet_margin_loss),
    'tripletMarginLoss/swap': ([I(4, 5), I(4, 5), I(4, 5)], lambda x, y, z: F.triplet_margin_loss(x, y, z, 0.5, 3, swap=True, reduction='none')),
    'tripletMarginWithDistanceLoss': ([I(4, 5), I(4, 5), I(4, 5)], lambda x, y, z: F.triplet_margin_with_distance_loss(x, y, z, lambda a, b: 1 - F.cosine_similarity(a, b))),
    'npairLoss': ([I(4, 5), I(4, 5), L(3, 4)], F.npair_loss), 'pairwiseDistance': ([I(4, 5), I(4, 5)], F.pairwise_distance), 'pairwiseDistance/one': ([I(4, 5), I(4, 5)], lambda x, y: F.pairwise_distance(x, y, 1, keepdim=True)),
    'pairwiseDistance/max': ([I(4, 5), I(4, 5)], lambda x, y: F.pairwise_distance(x, y, float('inf'))), 'cosineSimilarity': ([I(4, 5), I(4, 5)], F.cosine_similarity), 'cosineSimilarity/axis': ([I(4, 5), I(4, 5)], lambda x, y: F.cosine_similarity(x, y, 0)),
    'normalize': ([I(4, 5)], F.normalize), 'normalize/one': ([I(4, 5)], lambda x: F.normalize(x, 1, 0)),
    'layerNorm': ([W(3, 2, 4), S(8), I(8)], lambda x, w, b: F.layer_norm(x, [2, 4], w, b)), 'groupNorm': ([W(2, 6, 3), S(6), I(6)], lambda x, w, b: F.group_norm(x, 3, 1e-4, w, b, data_format='NCL')),
    'groupNorm/last': ([W(2, 3, 2, 6), S(6), I(6)], lambda x, w, b: F.group_norm(x, 2, 1e-5, w, b, data_format='NHWC')), 'instanceNorm': ([W(2, 3, 4), S(3), I(3)], lambda x, w, b: F.instance_norm(x, weight=w, bias=b)),
    'localResponseNorm': ([W(2, 5, 3, 2)], lambda x: F.local_response_norm(x, 3, 0.3, 0.75, 1.5)), 'localResponseNorm/sequence': ([W(2, 4, 5)], lambda x: F.local_response_norm(x, 4, 0.3)), 'localResponseNorm/last': ([W(2, 3, 2, 5)], lambda x: F.local_response_norm(x, 3, 0.3, data_format='NHWC')),
    # F.rms_norm itself is for GPUs only.
    'rmsNorm': ([W(3, 2, 4), S(8)], lambda x, w: x * paddle.rsqrt((x * x).mean([1, 2], keepdim=True) + 1e-4) * w.reshape([2, 4])),
    'linear': ([I(3, 4), I(4, 5), I(5)], F.linear), 'bilinear': ([I(3, 4), I(3, 2), I(5, 4, 2), I(1, 5)], F.bilinear),
    'conv2d': ([I(2, 4, 6, 5), I(6, 2, 3, 3), I(6)], lambda x, w, b: F.conv2d(x, w, b, 2, 1, 1, 2)), 'conv1d': ([I(2, 4, 9), I(6, 2, 3), I(6)], lambda x, w, b: F.conv1d(x, w, b, 2, [1, 2], 2, 2)),
    'conv1d/same': ([I(2, 9, 4), I(6, 4, 3)], lambda x, w: F.conv1d(x, w, None, 2, 'SAME', data_format='NLC')),
    'conv2dTranspose': ([I(2, 4, 4, 3), I(4, 3, 3, 2), I(6)], lambda x, w, b: F.conv2d_transpose(x, w, b, [2, 3], [1, 0], 1, [1, 1], 2)),
    'conv2dTranspose/dilated': ([I(2, 4, 3, 4), I(3, 2, 3, 3)], lambda x, w: F.conv2d_transpose(x.transpose([0, 2, 1, 3]), w, None, 2, 2, dilation=2)),
    'conv2dTranspose/size': ([I(2, 2, 4, 3), I(2, 3, 3, 3)], lambda x, w: F.conv2d_transpose(x, w, None, 3, 1, output_size=[12, 8])), 'conv2dTranspose/same': ([I(2, 2, 4, 3), I(2, 3, 3, 3)], lambda x, w: F.conv2d_transpose(x, w, None, 2, 'SAME')),
    'conv1dTranspose': ([I(2, 4, 5), I(4, 3, 3), I(6)], lambda x, w, b: F.conv1d_transpose(x, w, b, 2, 1, 1, 2)),
    'maxPool1d': ([I(2, 3, 9)], lambda x: F.max_pool1d(x, 3, 2, 1)), 'maxPool1d/ceil': ([I(2, 3, 8)], lambda x: F.max_pool1d(x, 3, 2, 0, ceil_mode=True)), 'avgPool1d': ([I(2, 3, 9)], lambda x: F.avg_pool1d(x, 3, 2, 1)),
    'avgPool1d/inclusive': ([I(2, 3, 9)], lambda x: F.avg_pool1d(x, 3, 2, 1, exclusive=False)), 'adaptiveAvgPool1d': ([I(2, 3, 8)], lambda x: F.adaptive_avg_pool1d(x, 3)), 'adaptiveMaxPool1d': ([I(2, 3, 8)], lambda x: F.adaptive_max_pool1d(x, 3)),
    'maxPool2d': ([I(2, 3, 6, 5)], lambda x: F.max_pool2d(x, 3, 2, 1)), 'avgPool2d': ([I(2, 3, 6, 5)], lambda x: F.avg_pool2d(x, 3, 2, 1)), 'adaptiveAvgPool2d': ([I(2, 3, 5, 7)], lambda x: F.adaptive_avg_pool2d(x, [3, 2])),
    'adaptiveMaxPool2d': ([I(2, 3, 5, 7)], lambda x: F.adaptive_max_pool2d(x, [3, 2])), 'adaptiveMaxPool2d/mask': ([I(2, 3, 5, 7)], lambda x: F.adaptive_max_pool2d(x.detach(), [3, 2], True)[1].astype('float32') + 0 * x.sum()),
    'maxPool1d/mask': ([I(2, 3, 9)], lambda x: F.max_pool1d(x.detach(), 3, 2, 1, True)[1].astype('float32') + 0 * x.sum()),
    'lpPool2d': ([I(2, 3, 6, 5)], lambda x: F.lp_pool2d(x, 2.0, 3, 2, 1)), 'lpPool2d/cubes': ([S(2, 3, 6, 5)], lambda x: F.lp_pool2d(x, 3.0, 2, ceil_mode=True)), 'lpPool1d': ([S(2, 3, 9)], lambda x: F.lp_pool1d(x, 3.0, 3, 2)),
    'maxUnpool2d': ([I(2, 3, 6, 4)], lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, 2, return_mask=True), 2, 2)), 'maxUnpool1d': ([I(2, 3, 8)], lambda x: F.max_unpool1d(*F.max_pool1d(x, 2, 2, return_mask=True), 2, 2)),
    'pad': ([I(2, 3, 4, 5)], lambda x: F.pad(x, [1, 2, 0, 1], value=0.5)), 'pad/reflect': ([I(2, 3, 4, 5)], lambda x: F.pad(x, [1, 2, 3, 1], 'reflect')), 'pad/replicate': ([I(2, 3, 4)], lambda x: F.pad(x, [1, 3], 'replicate')),
    'pad/circular': ([I(2, 4, 5, 3)], lambda x: F.pad(x, [1, 2, 3, 1], 'circular', data_format='NHWC')), 'pad/all': ([I(2, 3, 4)], lambda x: F.pad(x, [1, 0, 0, 2, 1, 1])), 'pad/right': ([I(2, 3, 4)], lambda x: F.pad(x, [1, 0, 0, 2, 1, 1], pad_from_left_axis=False)),
    'pad/two': ([I(3, 4)], lambda x: F.pad(x, [1, 2])), 'zeropad2d': ([I(2, 3, 4, 5)], lambda x: F.zeropad2d(x, [1, 2, 0, 1])),
    'interpolate': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, [7, 3])), 'interpolate/bilinear': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, [7, 3], mode='bilinear')), 'interpolate/aligned': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, [7, 3], mode='bilinear', align_corners=True)),
    'interpolate/mode1': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, [7, 3], mode='bilinear', align_mode=1)), 'interpolate/bicubic': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, scale_factor=1.7, mode='bicubic')), 'interpolate/bicubicAligned': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, [7, 3], mode='bicubic', align_corners=True)),
    'interpolate/area': ([I(1, 2, 4, 5)], lambda x: F.interpolate(x, [2, 3], mode='area')), 'interpolate/linear': ([I(2, 3, 5)], lambda x: F.interpolate(x, [8], mode='linear', data_format='NCW')), 'interpolate/factors': ([I(1, 4, 5, 2)], lambda x: F.interpolate(x, scale_factor=[1.3, 2.5], mode='bilinear', data_format='NHWC')),
    'upsample': ([I(1, 2, 4, 5)], lambda x: F.upsample(x, scale_factor=1.6)),
    'pixelShuffle': ([I(2, 8, 3, 2)], lambda x: F.pixel_shuffle(x, 2)), 'pixelShuffle/last': ([I(2, 3, 2, 8)], lambda x: F.pixel_shuffle(x, 2, 'NHWC')), 'pixelUnshuffle': ([I(2, 2, 6, 4)], lambda x: F.pixel_unshuffle(x, 2)), 'pixelUnshuffle/last': ([I(2, 6, 4, 2)], lambda x: F.pixel_unshuffle(x, 2, 'NHWC')),
    'channelShuffle': ([I(2, 6, 2, 2)], lambda x: F.channel_shuffle(x, 3)), 'temporalShift': ([I(6, 5, 2, 2)], lambda x: F.temporal_shift(x, 3, 0.2)),
    'unfold': ([I(2, 3, 6, 5)], lambda x: F.unfold(x, [3, 2], 2, [1, 0, 2, 1], 1)), 'unfold/dilated': ([I(2, 3, 6, 5)], lambda x: F.unfold(x, 2, 1, 1, 2)), 'fold': ([I(2, 12, 12)], lambda x: F.fold(x, [4, 5], [2, 2], 1)), 'fold/strides': ([I(2, 12, 12)], lambda x: F.fold(x, [6, 7], [2, 2], 2, [1, 0], 1)),
    'embedding': ([L(5, 2, 3), I(5, 4)], lambda x, w: F.embedding(x, w)), 'embedding/padding': ([L(5, 2, 3), I(5, 4)], lambda x, w: F.embedding(x, w, -2)), 'labelSmooth': ([S(3, 4)], F.label_smooth), 'labelSmooth/prior': ([S(3, 4)], lambda x: F.label_smooth(x, paddle.to_tensor([[0.1, 0.2, 0.3, 0.4]]), 0.2)),
    'oneHot': ([I(1), L(4, 2, 3)], lambda x, y: F.one_hot(y, 4) + 0 * x.sum()), 'sequenceMask': ([I(1), L(5, 2, 3)], lambda x, y: F.sequence_mask(y, 5, 'float32') + 0 * x.sum()),
    'affineGrid': ([I(2, 2, 3)], lambda t: F.affine_grid(t, [2, 3, 4, 5])), 'affineGrid/edges': ([I(2, 2, 3)], lambda t: F.affine_grid(t, [2, 3, 4, 5], False)),
    'gridSample': ([I(2, 2, 4, 5), W(2, 2, 3, 2)], lambda x, g: F.grid_sample(x, g / 2)), 'gridSample/border': ([I(2, 2, 4, 5), W(2, 2, 3, 2)], lambda x, g: F.grid_sample(x, g, padding_mode='border', align_corners=False)),
    'gridSample/reflection': ([I(2, 2, 4, 5), W(2, 2, 3, 2)], lambda x, g: F.grid_sample(x, g, padding_mode='reflection')), 'gridSample/reflectionEdges': ([I(2, 2, 4, 5), W(2, 2, 3, 2)], lambda x, g: F.grid_sample(x, g, padding_mode='reflection', align_corners=False)), 'gridSample/nearest': ([I(2, 2, 4, 5), I(2, 2, 3, 2)], lambda x, g: F.grid_sample(x, g, 'nearest')),
    'fractionalMaxPool2d': ([I(2, 2, 7, 9)], lambda x: F.fractional_max_pool2d(x, [3, 4], None, 0.3)), 'fractionalMaxPool2d/kernel': ([I(2, 2, 7, 9)], lambda x: F.fractional_max_pool2d(x, 3, 2, 0.7)),
    'scaledDotProductAttention': ([I(2, 3, 2, 4), I(2, 5, 2, 4), I(2, 5, 2, 4)], F.scaled_dot_product_attention), 'scaledDotProductAttention/mask': ([I(2, 3, 2, 4), I(2, 5, 2, 4), I(2, 5, 2, 4), W(2, 1, 3, 5)], lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m)),
    'scaledDotProductAttention/causal': ([I(2, 4, 2, 4), I(2, 4, 2, 4), I(2, 4, 2, 4)], lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)),
    'dropout': ([I(3, 4)], lambda x: F.dropout(x, 0.4, training=False, mode='downscale_in_infer')),
}

LAYERS = {
    'Conv1D': (nn.Conv1D(4, 6, 3, 2, 1, 1, 2, padding_mode='circular'), [I(2, 4, 8)]), 'Conv1DTranspose': (nn.Conv1DTranspose(4, 6, 3, 2, 1, 1, 2), [I(2, 4, 5)]), 'Conv2DTranspose': (nn.Conv2DTranspose(4, 6, [3, 2], 2, [1, 0], 0, 2, 2, bias_attr=False), [I(2, 4, 3, 4)]),
    'BatchNorm1D': (nn.BatchNorm1D(3), [W(2, 3, 4)]), 'LayerNorm': (nn.LayerNorm([2, 4], 1e-4), [W(3, 2, 4)]), 'GroupNorm': (nn.GroupNorm(3, 6), [W(2, 6, 3)]), 'InstanceNorm1D': (nn.InstanceNorm1D(3), [W(2, 3, 4)]), 'LocalResponseNorm': (nn.LocalResponseNorm(3), [W(2, 5, 3, 2)]),
    'SpectralNorm': (nn.SpectralNorm([4, 3, 2], 0, 2), [I(4, 3, 2)]), 'Embedding': (nn.Embedding(6, 4, padding_idx=1), [L(6, 2, 3)]), 'Bilinear': (nn.Bilinear(4, 2, 5), [I(3, 4), I(3, 2)]), 'PReLU': (nn.PReLU(3), [W(2, 3, 2, 2)]),
    'MaxPool1D': (nn.MaxPool1D(3, 2), [I(2, 3, 9)]), 'AvgPool1D': (nn.AvgPool1D(3, 2, 1), [I(2, 3, 9)]), 'AdaptiveAvgPool1D': (nn.AdaptiveAvgPool1D(4), [I(2, 3, 9)]), 'AdaptiveMaxPool1D': (nn.AdaptiveMaxPool1D(4), [I(2, 3, 9)]), 'LPPool2D': (nn.LPPool2D(2, 2, 2), [S(2, 3, 4, 6)]), 'LPPool1D': (nn.LPPool1D(3, 2), [S(2, 3, 6)]),
    'Pad1D': (nn.Pad1D([1, 2], 'reflect'), [I(2, 3, 4)]), 'ZeroPad1D': (nn.ZeroPad1D(2), [I(2, 3, 4)]), 'ZeroPad2D': (nn.ZeroPad2D([1, 0, 1, 2]), [I(2, 3, 4, 4)]), 'ConstantPad2D': (nn.ConstantPad2D(1, 0.5), [I(2, 3, 4, 4)]), 'ReflectionPad2D': (nn.ReflectionPad2D(1), [I(2, 3, 4, 4)]), 'ReplicationPad2D': (nn.ReplicationPad2D([1, 0, 2, 1]), [I(2, 3, 4, 4)]), 'CircularPad2D': (nn.CircularPad2D([1, 0, 2, 1]), [I(2, 3, 4, 4)]),
    'Upsample': (nn.Upsample(scale_factor=2, mode='bicubic'), [I(1, 2, 3, 4)]), 'UpsamplingBilinear2D': (nn.UpsamplingBilinear2D(scale_factor=2), [I(1, 2, 3, 4)]), 'UpsamplingNearest2D': (nn.UpsamplingNearest2D(size=[5, 7]), [I(1, 2, 3, 4)]),
    'PixelUnshuffle': (nn.PixelUnshuffle(2), [I(2, 2, 6, 4)]), 'ChannelShuffle': (nn.ChannelShuffle(2), [I(2, 4, 3, 3)]), 'Unfold': (nn.Unfold(2, strides=2), [I(2, 3, 4, 6)]), 'Fold': (nn.Fold([4, 6], 2, strides=2), [I(2, 12, 6)]),
    'Maxout': (nn.Maxout(2), [I(2, 4, 3, 3)]), 'GLU': (nn.GLU(), [I(2, 4)]), 'Softmax2D': (nn.Softmax2D(), [I(2, 4, 3, 3)]), 'Unflatten': (nn.Unflatten(1, [2, -1]), [I(2, 6, 3)]), 'CosineSimilarity': (nn.CosineSimilarity(), [I(3, 4), I(3, 4)]), 'PairwiseDistance': (nn.PairwiseDistance(), [I(3, 4), I(3, 4)]),
    'MultiHeadAttention': (nn.MultiHeadAttention(6, 2, kdim=4, vdim=5), [I(2, 3, 6), I(2, 4, 4), I(2, 4, 5), B(2, 1, 3, 4)]), 'TransformerEncoderLayer': (nn.TransformerEncoderLayer(6, 2, 8, 0, 'gelu', normalize_before=True), [I(2, 3, 6)]),
    'TransformerEncoder': (nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, 0), 2, nn.LayerNorm(6)), [I(2, 3, 6), L(2, 2, 1, 3, 3)]),
    'GELU': (nn.GELU(True), [W(3, 4)]), 'SELU': (nn.SELU(), [W(3, 4)]), 'LeakyReLU': (nn.LeakyReLU(0.2), [W(3, 4)]), 'Hardtanh': (nn.Hardtanh(), [W(3, 4)]), 'Softplus': (nn.Softplus(2, 10), [W(3, 4)]), 'ThresholdedReLU': (nn.ThresholdedReLU(), [W(3, 4)]),
}


def run(specs, compute, parameters=()):
    given = [tensor(f'x{i}', spec) for i, spec in enumerate(specs)]
    inputs = []
    for values, differentiable in given:
        t = paddle.to_tensor(values)
        t.stop_gradient = not differentiable
        inputs.append(t)
    y = compute(*inputs)
    y = y[0] if isinstance(y, (list, tuple)) else y
    (y * paddle.to_tensor(image(SALT, 'dy', y.shape) if y.shape else np.float32(1))).sum().backward()
    # A loss may have no gradient by its labels.
    gradients = [None if t.stop_gradient or t.grad is None else digest(t.grad.numpy()) for t in inputs]
    return {'inputs': specs, 'shape': list(y.shape), 'y': digest(y.numpy()), 'gradients': gradients, **{'parameters': {k: digest(p.grad.numpy()) for k, p in parameters if p.grad is not None}}}


def layer(net, specs):
    text = str(net)
    fill(net, SALT)
    values = run(specs, net, list(net.named_parameters()))
    # Paddle's gradient of SpectralNorm is not the derivative of what it computes.
    if isinstance(net, nn.SpectralNorm):
        values['gradients'] = [None]
    return {**values, 'keys': [f'{k}:{list(v.shape)}' for k, v in net.state_dict().items()], 'text': text}


def collect(kind, cases, compute):
    out = {}
    for name, case in cases.items():
        try:
            out[name] = compute(case)
        except Exception as error:
            sys.exit(f'{kind} {name}: {error}')
    return out


functions = collect('function', FUNCTIONS, lambda case: run(*case))
layers = collect('layer', LAYERS, lambda case: layer(*case))
line = lambda cases: ',\n'.join(f'  {json.dumps(k)}: {json.dumps(v)}' for k, v in cases.items())
head = f'"salt": {json.dumps(SALT)}, "paddle": {json.dumps(paddle.__version__)}'
(here / 'nn-extra.json').write_text('{' + head + ',\n"functions": {\n' + line(functions) + '\n},\n"layers": {\n' + line(layers) + '\n}}\n')
