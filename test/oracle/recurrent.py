"""Writes recurrent.json: what real Paddle 3.3.1 computes for recurrent layers and cells.

python test/oracle/recurrent.py
ORACLE_DIR is the folder of paddle_oracle.py, whose rule fills the tensors.
"""
import json
import os
import pathlib
import sys

import paddle
from paddle import nn
from paddle.nn.layer.rnn import concat_states, split_states

here = pathlib.Path(__file__).parent
sys.path.insert(0, os.environ.get('ORACLE_DIR', str(here / '../../../shared/oracle')))
import paddle_oracle  # noqa: E402
from paddle_oracle import fill, image  # noqa: E402

SALT = 'recurrent'
BATCH, STEPS, FEATURES, HIDDEN = 3, 5, 4, 6
LENGTHS = [5, 2, 0]


def digest(values):
    """The shared digest, in nine digits."""
    short = lambda x: [short(v) for v in x] if isinstance(x, list) else x if isinstance(x, int) else float(f'{x:.9g}')
    return {k: short(v) for k, v in paddle_oracle.digest(values).items()}


def given(key, shape):
    x = paddle.to_tensor(image(SALT, key, shape))
    x.stop_gradient = False
    return x


def step_by_step(net, x, states, lengths):
    """What a bidirectional net gives, computed by its sublayers: Paddle's kernel has the same values, but its gradients of
    the way back leave out a part for initial states of sequences that end early."""
    y, final = x, []
    for layer, own in zip(net, split_states(states, True, net.state_components)):
        y, last = layer(y, own, lengths)
        final.append(last)
    mask = nn.functional.sequence_mask(lengths, y.shape[1], 'float32').unsqueeze(-1)
    return y * mask, concat_states(final, True, net.state_components)


def run(layer, inputs, states=None, lengths=None, call=lambda layer, *arguments: layer(*arguments)):
    """Digests of what a layer gives, and of the gradients of a weighted sum of all of it.

    states: shapes of the initial states, as they are nested.
    """
    text = str(layer)
    fill(layer, SALT)
    x = given('x', inputs)
    flat = []

    def make(shape):
        if isinstance(shape[0], int):
            flat.append(given(f'state{len(flat)}', shape))
            return flat[-1]
        return tuple(make(one) for one in shape)

    arguments = [x] if states is None else [x, make(states)]
    if lengths is not None:
        arguments += [None] * (2 - len(arguments)) + [paddle.to_tensor(lengths)]
    outputs, final = call(layer, *arguments)
    results = [outputs, *paddle.utils.flatten(final)]
    paddle.add_n([(y * paddle.to_tensor(image(SALT, f'dy{i}', y.shape))).sum() for i, y in enumerate(results)]).backward()
    return {
        'inputs': inputs,
        'states': states,
        'lengths': lengths,
        'text': text,
        'keys': [f'{k}:{list(v.shape)}' for k, v in layer.state_dict().items()],
        'shapes': [list(y.shape) for y in results],
        'results': [digest(y.numpy()) for y in results],
        'gradients': [digest(t.grad.numpy()) for t in [x, *flat]],
        'parameters': {k: digest(p.grad.numpy()) for k, p in layer.named_parameters() if p.grad is not None},
    }


X, TX, ONE = [BATCH, STEPS, FEATURES], [STEPS, BATCH, FEATURES], [BATCH, FEATURES]
H = [BATCH, HIDDEN]
S = lambda cells, features=HIDDEN: [cells, BATCH, features]

CASES = {
    'SimpleRNNCell': lambda: run(nn.SimpleRNNCell(FEATURES, HIDDEN), ONE, H),
    'SimpleRNNCell/relu': lambda: run(nn.SimpleRNNCell(FEATURES, HIDDEN, 'relu', bias_hh_attr=False), ONE),
    'LSTMCell': lambda: run(nn.LSTMCell(FEATURES, HIDDEN), ONE, [H, H]),
    'LSTMCell/projection': lambda: run(nn.LSTMCell(FEATURES, HIDDEN, proj_size=2), ONE, [[BATCH, 2], H]),
    'GRUCell': lambda: run(nn.GRUCell(FEATURES, HIDDEN), ONE, H),
    'RNN': lambda: run(nn.RNN(nn.GRUCell(FEATURES, HIDDEN)), X),
    'RNN/reverse': lambda: run(nn.RNN(nn.LSTMCell(FEATURES, HIDDEN), is_reverse=True), X, [H, H], LENGTHS),
    'RNN/timeMajor': lambda: run(nn.RNN(nn.SimpleRNNCell(FEATURES, HIDDEN), time_major=True), TX, None, LENGTHS),
    'BiRNN': lambda: run(nn.BiRNN(nn.LSTMCell(FEATURES, HIDDEN), nn.LSTMCell(FEATURES, 3)), X, [[H, H], [[BATCH, 3], [BATCH, 3]]], LENGTHS),
    'SimpleRNN': lambda: run(nn.SimpleRNN(FEATURES, HIDDEN), X),
    'SimpleRNN/relu': lambda: run(nn.SimpleRNN(FEATURES, HIDDEN, 2, activation='relu'), X, S(2), LENGTHS),
    'LSTM': lambda: run(nn.LSTM(FEATURES, HIDDEN), X),
    'LSTM/bidirect': lambda: run(nn.LSTM(FEATURES, HIDDEN, 2, 'bidirect', time_major=True), TX, [S(4), S(4)]),
    'LSTM/lengths': lambda: run(nn.LSTM(FEATURES, HIDDEN, 2, 'bidirect', time_major=True), TX, None, LENGTHS),
    'LSTM/all': lambda: run(nn.LSTM(FEATURES, HIDDEN, 2, 'bidirect'), X, [S(4), S(4)], LENGTHS, step_by_step),
    'LSTM/projection': lambda: run(nn.LSTM(FEATURES, HIDDEN, 2, proj_size=2), X, [S(2, 2), S(2)], LENGTHS),
    'LSTM/bidirectProjection': lambda: run(nn.LSTM(FEATURES, HIDDEN, direction='bidirectional', proj_size=2), X),
    'GRU': lambda: run(nn.GRU(FEATURES, HIDDEN), X, S(1)),
    'GRU/bidirect': lambda: run(nn.GRU(FEATURES, HIDDEN, 2, 'bidirect'), X, S(4)),
    'GRU/lengths': lambda: run(nn.GRU(FEATURES, HIDDEN, 2, 'bidirect'), X, None, LENGTHS),
    'GRU/all': lambda: run(nn.GRU(FEATURES, HIDDEN, 2, 'bidirect'), X, S(4), LENGTHS, step_by_step),
}


def keys(layer):
    return {'text': str(layer), 'keys': [f'{k}:{list(v.shape)}' for k, v in layer.state_dict().items()], 'trained': [k for k, p in layer.named_parameters() if not p.stop_gradient]}


# What Paddle cannot compute on a CPU: names and texts alone.
NAMES = {
    'LSTM/noBias': lambda: keys(nn.LSTM(FEATURES, HIDDEN, bias_ih_attr=False, bias_hh_attr=False)),
    'GRU/oneBias': lambda: keys(nn.GRU(FEATURES, HIDDEN, direction='bidirect', time_major=True, bias_ih_attr=False)),
    'GRU/dropout': lambda: keys(nn.GRU(FEATURES, HIDDEN, 2, dropout=0.3)),
    'SimpleRNN/frozen': lambda: keys(nn.SimpleRNN(FEATURES, HIDDEN, weight_ih_attr=False, weight_hh_attr=False)),
}

line = lambda cases: ',\n'.join(f'  {json.dumps(k)}: {json.dumps(make())}' for k, make in cases.items())
head = f'"salt": {json.dumps(SALT)}, "paddle": {json.dumps(paddle.__version__)}'
(here / 'recurrent.json').write_text('{' + head + ',\n"cases": {\n' + line(CASES) + '\n},\n"names": {\n' + line(NAMES) + '\n}}\n')
