"""What EarlyStopping and ReduceLROnPlateau of Paddle do with series of values: writes monitor-callbacks.json.

python test/oracle/monitor_callbacks.py, then npx prettier --write test/oracle/monitor-callbacks.json
"""
import contextlib
import io
import json
import pathlib
import random

import paddle
from paddle.callbacks import EarlyStopping, ReduceLROnPlateau

rng = random.Random(7)


def make_model(rate):
    net = paddle.nn.Linear(1, 1)
    model = paddle.Model(net)
    model.prepare(paddle.optimizer.SGD(rate, parameters=net.parameters()))
    return model


def make_series(length):
    """Values that fall, stand still and rise, with exact repeats and, at times, NaN."""
    value, series = rng.choice([1.0, 0.5]), []
    for _ in range(length):
        step = rng.choice([0, 0, -0.25, -0.125, 0.125, -1e-5, 1e-5])
        value = max(0.0, value + step)
        series.append(value if rng.random() > 0.05 else float('nan'))
    return series


def drive(callback, model, runs, monitor):
    """Per run its values, the rate after each, the values after which training is to stop, and what was printed."""
    callback.set_model(model)
    out = []
    for series in runs:
        model.stop_training = False
        callback.on_train_begin()
        rates, stops, text = [], [], io.StringIO()
        for index, value in enumerate(series):
            with contextlib.redirect_stdout(text):
                callback.on_eval_end({monitor: [value] if monitor == 'loss' else value})
            rates.append(model._optimizer.get_lr())
            if model.stop_training:
                stops.append(index)
            model.stop_training = False
        values = [None if value != value else value for value in series]
        out.append(dict(values=values, rates=rates, stops=stops, printed=text.getvalue()))
    return out


cases = []
for index in range(40):
    monitor, mode = rng.choice([('loss', 'auto'), ('loss', 'min'), ('acc', 'auto'), ('acc', 'max'), ('loss', 'max')])
    runs = [make_series(20), make_series(8)]
    rate = rng.choice([0.1, 0.01, 1.0])
    model = make_model(rate)
    options = dict(monitor=monitor, mode=mode, patience=rng.choice([0, 1, 2, 4]))
    if index % 2:
        options.update(min_delta=rng.choice([0, 0.1, -0.1, 1e-5]))
        if rng.random() < 0.5:
            options.update(baseline=rng.choice([0.5, 0.9]))
        callback = EarlyStopping(**options)
    else:
        options.update(factor=rng.choice([0.1, 0.5, 0.3]), cooldown=rng.choice([0, 1, 2, 3]))
        options.update(min_lr=rng.choice([0, 1e-3, 1e-5]), min_delta=rng.choice([1e-4, 0, 0.1]))
        callback = ReduceLROnPlateau(**options)
    name = type(callback).__name__
    cases.append(dict(callback=name, options=options, rate=rate, runs=drive(callback, model, runs, monitor)))

path = pathlib.Path(__file__).with_name('monitor-callbacks.json')
path.write_text(json.dumps(dict(paddle=paddle.__version__, cases=cases), indent=2) + '\n')
