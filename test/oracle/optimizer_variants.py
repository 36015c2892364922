"""Steps of Paddle's optimizers on two small parameters with given gradients, and their saved states.

Run with the Python of PaddlePaddle 3.3.1; writes optimizer-variants.json beside it. The rules for values and gradients
and the names of the cases are those of optimizer-variants.test.ts.
"""
import json
import math
import os

import numpy as np
import paddle

SHAPES = {'a': [2, 3], 'b': [3]}
STEPS = 8
O = paddle.optimizer
R = paddle.regularizer


def first_values(name):
    size = int(np.prod(SHAPES[name]))
    shift = 0 if name == 'a' else 10
    return np.array([math.cos(shift + i) for i in range(size)], 'float32').reshape(SHAPES[name])


def gradient(name, step):
    size = int(np.prod(SHAPES[name]))
    shift = 0 if name == 'a' else 10
    return np.array([math.sin(shift + 1 + 0.7 * step + i) for i in range(size)], 'float32').reshape(SHAPES[name])


made_so_far = 0


def make_parameters(attributes=None):
    """Parameters a7 and b7, where 7 is the number of the call: Paddle wants names that are new."""
    global made_so_far
    made_so_far += 1
    made = []
    for name, shape in SHAPES.items():
        attr = paddle.ParamAttr(name=f'{name}{made_so_far}', initializer=paddle.nn.initializer.Assign(first_values(name)), **(attributes or {}).get(name, {}))
        made.append(paddle.create_parameter(shape, 'float32', attr=attr))
    return made


CASES = {
    'Adagrad': lambda p: O.Adagrad(0.1, parameters=p),
    'Adagrad_initial_l2': lambda p: O.Adagrad(0.1, parameters=p, initial_accumulator_value=0.3, weight_decay=0.1),
    'Adadelta': lambda p: O.Adadelta(0.5, parameters=p),
    'Adadelta_rho_l1': lambda p: O.Adadelta(0.5, rho=0.8, epsilon=1e-3, parameters=p, weight_decay=R.L1Decay(0.1)),
    'Adamax': lambda p: O.Adamax(0.1, parameters=p),
    'Adamax_l2': lambda p: O.Adamax(0.1, beta1=0.8, beta2=0.9, epsilon=1e-2, parameters=p, weight_decay=0.1),
    'AdamW': lambda p: O.AdamW(0.1, parameters=p),
    'AdamW_filter': lambda p: O.AdamW(0.1, parameters=p, weight_decay=0.5, apply_decay_param_fun=lambda name: name[0] == 'a'),
    'AdamW_amsgrad': lambda p: O.AdamW(0.1, parameters=p, weight_decay=0.5, amsgrad=True),
    'AdamW_groups': lambda p: O.AdamW(0.1, parameters=[{'params': [p[0]], 'weight_decay': 0.3, 'learning_rate': 0.5}, {'params': [p[1]], 'beta1': 0.5}]),
    'Adam_groups': lambda p: O.Adam(0.1, parameters=[{'params': [p[0]], 'weight_decay': 0.3, 'learning_rate': 0.5}, {'params': [p[1]], 'beta1': 0.5, 'beta2': 0.9}]),
    'Adam_named': lambda p: O.Adam(0.1, parameters=p, name='mine'),
    'RMSProp': lambda p: O.RMSProp(0.1, parameters=p),
    'RMSProp_centered': lambda p: O.RMSProp(0.1, rho=0.9, epsilon=1e-3, momentum=0.5, centered=True, parameters=p, weight_decay=0.1),
    'Lamb': lambda p: O.Lamb(0.1, parameters=p),
    'Lamb_exclude': lambda p: O.Lamb(0.1, lamb_weight_decay=0.3, parameters=p, exclude_from_weight_decay_fn=lambda q: q.name[0] == 'b'),
    'Lamb_exclude_always': lambda p: O.Lamb(0.1, lamb_weight_decay=0.3, parameters=p, exclude_from_weight_decay_fn=lambda q: q.name[0] == 'b', always_adapt=True),
    'NAdam': lambda p: O.NAdam(parameters=p),
    'NAdam_l2': lambda p: O.NAdam(0.1, beta1=0.8, beta2=0.9, momentum_decay=0.5, parameters=p, weight_decay=0.1),
    'RAdam': lambda p: O.RAdam(0.1, parameters=p),
    'RAdam_l2': lambda p: O.RAdam(0.1, beta1=0.8, beta2=0.9, parameters=p, weight_decay=0.1),
    'Rprop': lambda p: O.Rprop(0.01, parameters=p),
    'Rprop_bounds': lambda p: O.Rprop(0.01, learning_rate_range=(0.008, 0.011), etas=(0.3, 1.5), parameters=p),
    'ASGD': lambda p: O.ASGD(0.1, parameters=p),
    'ASGD_batches_l2': lambda p: O.ASGD(0.1, batch_num=3, parameters=p, weight_decay=0.1),
    'SGD_groups': lambda p: O.SGD(0.1, parameters=[{'params': [p[0]], 'weight_decay': 0.3}, {'params': [p[1]], 'learning_rate': 2.0}]),
}
# The parameter a has a rate and a penalty of its own, b is not clipped.
ATTRIBUTES = {'a': {'learning_rate': 0.5, 'regularizer': R.L1Decay(0.2)}, 'b': {'need_clip': False}}
CLIP = paddle.nn.ClipGradByValue(0.3)
WITH_ATTRIBUTES = {
    'SGD_attributes': lambda p: O.SGD(0.1, parameters=p, weight_decay=0.1, grad_clip=CLIP),
    'Momentum_attributes': lambda p: O.Momentum(0.1, parameters=p, weight_decay=0.1, grad_clip=CLIP),
    'AdamW_attributes': lambda p: O.AdamW(0.1, parameters=p, weight_decay=0.1, grad_clip=CLIP),
    'Adamax_attributes': lambda p: O.Adamax(0.1, parameters=p, weight_decay=0.1, grad_clip=CLIP),
    'Lamb_attributes': lambda p: O.Lamb(0.1, lamb_weight_decay=0.1, parameters=p, grad_clip=CLIP),
    'Rprop_attributes': lambda p: O.Rprop(0.01, parameters=p, grad_clip=CLIP),
    'RMSProp_attributes': lambda p: O.RMSProp(0.1, parameters=p, weight_decay=0.1, grad_clip=CLIP),
}


def run(make, attributes=None):
    parameters = make_parameters(attributes)
    optimizer = make(parameters)
    after = []
    for step in range(STEPS):
        for p in parameters:
            (p * paddle.to_tensor(gradient(p.name[0], step))).sum().backward()
        optimizer.step()
        optimizer.clear_grad()
        after.append([p.numpy().ravel().tolist() for p in parameters])
    state = {k[0] + k[k.index('_'):]: {'shape': list(v.shape), 'dtype': str(v.dtype).split('.')[-1], 'values': v.numpy().ravel().tolist()}
             for k, v in optimizer.state_dict().items() if k not in ('LR_Scheduler', 'master_weights')}
    return {'first': after[0], 'last': after[-1], 'state': state}


def quadratic_and_more(line_search, max_iter=4, history=100, lr=1.0, calls=3, **options):
    """A function of the kind of Rosenbrock's, minimised by a few calls of step."""
    p, q = make_parameters()
    optimizer = O.LBFGS(lr, max_iter=max_iter, history_size=history, line_search_fn=line_search, parameters=[p, q], **options)
    evaluations = 0

    def closure():
        nonlocal evaluations
        evaluations += 1
        optimizer.clear_grad()
        loss = ((p - 1) ** 2).sum() + 5 * ((q - (p ** 2).sum(0)) ** 2).sum()
        loss.backward()
        return loss

    losses = [float(optimizer.step(closure)) for _ in range(calls)]
    return {'losses': losses, 'evaluations': evaluations, 'parameters': [p.numpy().ravel().tolist(), q.numpy().ravel().tolist()]}


out = {name: run(make) for name, make in CASES.items()}
out.update({name: run(make, ATTRIBUTES) for name, make in WITH_ATTRIBUTES.items()})
lbfgs = {
    'fixed step': quadratic_and_more(None, lr=0.05),
    'strong Wolfe': quadratic_and_more('strong_wolfe'),
    'short history': quadratic_and_more('strong_wolfe', max_iter=6, history=2),
    'penalty and clip': quadratic_and_more('strong_wolfe', weight_decay=0.5, grad_clip=paddle.nn.ClipGradByNorm(0.1)),
}


def rounded(value):
    if isinstance(value, float):
        return float(f'{value:.7g}')
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'optimizer-variants.json')
with open(path, 'w') as file:
    json.dump(rounded({'steps': out, 'lbfgs': lbfgs}), file, separators=(',', ':'))
    file.write('\n')
