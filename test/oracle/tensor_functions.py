"""Writes tensor-functions.json: results and gradients of Paddle's tensor functions.

python test/oracle/tensor_functions.py, with Paddle 3.3.1
The inputs and the names of the cases are those of tensor-functions.test.ts.
"""
import json
import math
import pathlib

import numpy as np
import paddle

paddle.seed(1)


def wave(shape, shift):
    size = int(np.prod(shape))
    return np.array([math.sin(shift + 1.3 * i) for i in range(size)], 'float32').reshape(shape)


FLOATS = {
    'a': wave([3, 4], 0), 'b': wave([3, 4], 5), 'c': wave([2, 3, 4], 9), 'd': wave([2, 4, 5], 3), 'v': wave([4], 7),
    'p': np.exp(wave([3, 4], 2)).astype('float32'), 'u': wave([3], 4), 'q': wave([4, 4], 6), 's': wave([3, 1], 1),
}
INTEGERS = {'i': np.array([2, 0, 2], 'int64'), 'n': np.array([[1, -2, 3], [-4, 5, 5]], 'int64'), 'nd': np.array([[0, 1], [2, 3]], 'int64'),
            'one': np.array([[1], [2]], 'int64')}

CASES = {
    'fullLike': lambda x: paddle.full_like(x.a, 2.5), 'linspace': lambda x: paddle.linspace(-1, 2, 7), 'linspace1': lambda x: paddle.linspace(3, 5, 1),
    'eye': lambda x: paddle.eye(2, 4), 'tril': lambda x: paddle.tril(x.c, 1), 'triu': lambda x: paddle.triu(x.a, -1),
    'diagVector': lambda x: paddle.diag(x.v, -2, 0.5), 'diagVectorUp': lambda x: paddle.diag(x.v, 1), 'diagMatrix': lambda x: paddle.diag(x.a, 1), 'diagMatrixDown': lambda x: paddle.diag(x.a, -2),
    'meshgrid': lambda x: paddle.meshgrid(x.v, x.u),
    'chunk': lambda x: paddle.chunk(x.a, 2, 1), 'unbind': lambda x: paddle.unbind(x.c, 1), 'tile': lambda x: paddle.tile(x.a, [2, 1, 3]), 'tileShort': lambda x: paddle.tile(x.c, [2]),
    'expand': lambda x: paddle.expand(x.s, [2, -1, 4]), 'expandAs': lambda x: paddle.expand_as(x.s, x.a), 'broadcastTo': lambda x: paddle.broadcast_to(x.v, [2, 4]),
    'flip': lambda x: paddle.flip(x.c, [0, -1]), 'roll': lambda x: paddle.roll(x.c, [1, -2], [0, 2]), 'rollFlat': lambda x: paddle.roll(x.a, 5),
    'moveaxis': lambda x: paddle.moveaxis(x.c, [0, 1], [-1, 0]), 'swapaxes': lambda x: paddle.transpose(x.c, [2, 1, 0]),
    'repeatInterleave': lambda x: paddle.repeat_interleave(x.a, 2, 1), 'repeatInterleaveFlat': lambda x: paddle.repeat_interleave(x.a, 2),
    'gather': lambda x: paddle.gather(x.a, x.i), 'gatherAxis': lambda x: paddle.gather(x.c, x.i, 2), 'gatherNd': lambda x: paddle.gather_nd(x.a, x.nd), 'gatherNdRows': lambda x: paddle.gather_nd(x.a, x.one),
    'indexSelect': lambda x: paddle.index_select(x.c, x.i, 1), 'takeAlongAxis': lambda x: paddle.take_along_axis(x.a, paddle.argsort(x.b, axis=0), 0),
    'scatter': lambda x: paddle.scatter(x.a, x.i[:2], x.b[:2]), 'scatterTwice': lambda x: paddle.scatter(x.a, x.i, x.b.detach()), 'scatterAdd': lambda x: paddle.scatter(x.a, x.i, x.b, False),
    'maskedSelect': lambda x: paddle.masked_select(x.a, x.b > 0), 'nonzero': lambda x: paddle.nonzero(x.c > 0.2),
    'where': lambda x: paddle.where(x.a > 0, x.a, x.b), 'whereBroadcast': lambda x: paddle.where(x.s > 0, x.a * 1, x.v),
    'unique': lambda x: paddle.unique(x.n), 'uniqueAll': lambda x: paddle.unique(x.n, True, True, True),
    'prod': lambda x: paddle.prod(x.b, 1), 'prodAxes': lambda x: paddle.prod(x.c, [0, 2], True), 'prodAll': lambda x: paddle.prod(x.v), 'std': lambda x: paddle.std(x.c, [0, 2]), 'stdBiased': lambda x: paddle.std(x.a, 0, False, True), 'var': lambda x: paddle.var(x.a),
    'logsumexp': lambda x: paddle.logsumexp(x.a, 1), 'logsumexpAll': lambda x: paddle.logsumexp(x.a), 'cumsum': lambda x: paddle.cumsum(x.c, 1), 'cumsumFlat': lambda x: paddle.cumsum(x.a),
    'all': lambda x: paddle.all(x.a > -0.9, 1), 'any': lambda x: paddle.any(x.a > 0.9, 0, True), 'median': lambda x: paddle.median(x.a, 1), 'medianOdd': lambda x: paddle.median(x.a, 0, True), 'medianAll': lambda x: paddle.median(x.c),
    'amax': lambda x: paddle.max(x.c, [0, 1]), 'amin': lambda x: paddle.min(x.c, 1), 'argmaxKeep': lambda x: paddle.argmax(x.a, 1, True), 'argminAll': lambda x: paddle.argmin(x.a),
    'norm': lambda x: paddle.norm(x.a), 'norm1': lambda x: paddle.norm(x.a, 1, 1), 'norm3': lambda x: paddle.norm(x.a, 3, 0, True), 'normInf': lambda x: paddle.norm(x.a, float('inf'), 1), 'normMinusInf': lambda x: paddle.norm(x.a, -float('inf'), 0), 'norm0': lambda x: paddle.norm(x.a.detach(), 0, 1),
    'normAxes': lambda x: paddle.norm(x.c, 'fro', [1, 2]), 'dist': lambda x: paddle.dist(x.a, x.b), 'dist1': lambda x: paddle.dist(x.a, x.b, 1), 'distInf': lambda x: paddle.dist(x.a, x.v, float('inf')),
    'equal': lambda x: paddle.equal(x.n, paddle.to_tensor(5)), 'notEqual': lambda x: paddle.not_equal(x.n, paddle.to_tensor(5)), 'lessThan': lambda x: paddle.less_than(x.a, x.b), 'lessEqual': lambda x: paddle.less_equal(x.a, x.a), 'greaterThan': lambda x: paddle.greater_than(x.a, x.v), 'greaterEqual': lambda x: paddle.greater_equal(x.s, x.v),
    'equalAll': lambda x: paddle.equal_all(x.a, x.a), 'equalAllShapes': lambda x: paddle.equal_all(x.a, x.v), 'allclose': lambda x: paddle.allclose(x.a, x.a + 1e-7), 'isclose': lambda x: paddle.isclose(x.a, x.b, 0.5, 0.1),
    'logicalAnd': lambda x: paddle.logical_and(x.a > 0, x.b > 0), 'logicalOr': lambda x: paddle.logical_or(x.a > 0, x.b > 0), 'logicalXor': lambda x: paddle.logical_xor(x.a > 0, x.b > 0), 'logicalNot': lambda x: paddle.logical_not(x.a > 0),
    'isnan': lambda x: paddle.isnan(paddle.log(x.a)), 'isinf': lambda x: paddle.isinf(x.a / 0.0), 'isfinite': lambda x: paddle.isfinite(paddle.log(x.a)),
    'sort': lambda x: paddle.sort(x.c, 1), 'sortDescending': lambda x: paddle.sort(x.a, descending=True), 'argsort': lambda x: paddle.argsort(x.c, 0), 'topk': lambda x: paddle.topk(x.a, 2), 'topkSmallest': lambda x: paddle.topk(x.c, 2, 1, False),
    'bmm': lambda x: paddle.bmm(x.c, x.d), 'mm': lambda x: paddle.mm(x.a, x.q), 'mv': lambda x: paddle.mv(x.a, x.v), 'dot': lambda x: paddle.dot(x.v, x.v * 2), 'dotRows': lambda x: paddle.dot(x.a, x.b), 'outer': lambda x: paddle.outer(x.u, x.v), 't': lambda x: paddle.t(x.a),
    'cross': lambda x: paddle.cross(x.a, x.b), 'crossAxis': lambda x: paddle.cross(x.c, x.c * x.c, 1), 'addmm': lambda x: paddle.addmm(x.a, x.b, x.q, beta=0.5, alpha=2.0),
    'einsumProduct': lambda x: paddle.einsum('ij,jk->ik', x.a, x.q), 'einsumImplicit': lambda x: paddle.einsum('kj,ij', x.q, x.a), 'einsumBatch': lambda x: paddle.einsum('bij,bjk->bki', x.c, x.d), 'einsumSum': lambda x: paddle.einsum('bij->j', x.c), 'einsumOuter': lambda x: paddle.einsum('i,j->ji', x.u, x.v),
    'einsumThree': lambda x: paddle.einsum('bij,ik,j->bk', x.c, x.a, x.v), 'einsumDots': lambda x: paddle.einsum('...ij,kj->...ki', x.c, x.q), 'einsumElementwise': lambda x: paddle.einsum('ij,ij->', x.a, x.b), 'einsumTranspose': lambda x: paddle.einsum('bij->jbi', x.c),
    'sin': lambda x: paddle.sin(x.a), 'cos': lambda x: paddle.cos(x.a), 'tan': lambda x: paddle.tan(x.a), 'asin': lambda x: paddle.asin(x.a * 0.9), 'acos': lambda x: paddle.acos(x.a * 0.9), 'atan': lambda x: paddle.atan(x.a), 'sinh': lambda x: paddle.sinh(x.a), 'cosh': lambda x: paddle.cosh(x.a), 'tanh': lambda x: paddle.tanh(x.a), 'erf': lambda x: paddle.erf(x.a), 'expm1': lambda x: paddle.expm1(x.a),
    'log1p': lambda x: paddle.log1p(x.p), 'log2': lambda x: paddle.log2(x.p), 'log10': lambda x: paddle.log10(x.p), 'rsqrt': lambda x: paddle.rsqrt(x.p), 'reciprocal': lambda x: paddle.reciprocal(x.p), 'neg': lambda x: paddle.neg(x.a), 'sign': lambda x: paddle.sign(x.a), 'floor': lambda x: paddle.floor(x.a * 3), 'ceil': lambda x: paddle.ceil(x.a * 3), 'round': lambda x: paddle.round(x.a * 3), 'trunc': lambda x: paddle.trunc(x.a * 3),
    'roundHalves': lambda x: paddle.round(x.n.astype('float32') / 2),
    'maximum': lambda x: paddle.maximum(x.a, x.b), 'maximumBroadcast': lambda x: paddle.maximum(x.s, x.v), 'minimum': lambda x: paddle.minimum(x.a, x.v), 'mod': lambda x: paddle.mod(x.a, x.p), 'modIntegers': lambda x: paddle.mod(x.n, paddle.to_tensor(3)), 'floorDivide': lambda x: paddle.floor_divide(x.n, paddle.to_tensor(3)), 'lerp': lambda x: paddle.lerp(x.a, x.b, 0.3), 'addIntegers': lambda x: x.n + 2,
}


class Inputs:
    def __init__(self):
        self.used = set()
        self.tensors = {k: paddle.to_tensor(v, stop_gradient=False) for k, v in FLOATS.items()}
        self.tensors.update({k: paddle.to_tensor(v) for k, v in INTEGERS.items()})

    def __getattr__(self, name):
        return self.tensors[name]


def kind(tensor):
    name = str(tensor.dtype).split('.')[-1]
    return 'float32' if name.startswith('float') else 'bool' if name == 'bool' else 'int32'


def flat(array):
    return [float(f'{float(v):.7g}') for v in np.asarray(array).ravel()]


out = {}
for name, run in CASES.items():
    x = Inputs()
    made = run(x)
    results = list(made) if isinstance(made, (list, tuple)) else [made]
    entry = {'results': [{'shape': list(r.shape), 'dtype': kind(r), 'values': flat(r.numpy())} for r in results]}
    smooth = [r for r in results if kind(r) == 'float32' and not r.stop_gradient]
    if smooth:
        # Squares tell the elements apart.
        sum([(r * r).sum() for r in smooth[1:]], (smooth[0] * smooth[0]).sum()).backward()
        entry['gradients'] = {k: flat(t.grad.numpy()) for k, t in x.tensors.items() if t.grad is not None and not np.isnan(t.grad.numpy()).any()}
    out[name] = entry

path = pathlib.Path(__file__).parent / 'tensor-functions.json'
path.write_text(json.dumps(out, separators=(',', ':')) + '\n')
print(len(out), path.stat().st_size)
