"""Writes metrics.json: Precision, Recall and Auc of real Paddle 3.3.1 over batches of given numbers.

python test/oracle/metrics.py
"""
import json
import pathlib

import numpy as np
import paddle

metrics = {
    'Precision': lambda: paddle.metric.Precision(),
    'Recall': lambda: paddle.metric.Recall(),
    'Auc': lambda: paddle.metric.Auc(),
    'Auc_10': lambda: paddle.metric.Auc(num_thresholds=10),
    'Auc_PR': lambda: paddle.metric.Auc(curve='PR', num_thresholds=50),
}


def batch(number, count):
    """Probabilities of yes, some exactly a half, and labels."""
    yes = np.array([(7 * i + 3 * number) % 20 / 20 for i in range(count)], 'float32')
    return yes, np.array([[(i * i + number) % 3 % 2] for i in range(count)], 'int64')


values = {}
for name, make in metrics.items():
    metric = make()
    values[name] = [float(metric.accumulate())]
    for number in range(3):
        yes, labels = batch(number, 20 + number)
        metric.update(np.stack([1 - yes, yes], 1) if name.startswith('Auc') else yes[:, None], labels)
        values[name].append(float(metric.accumulate()))
    values[name + ' name'] = metric.name()

path = pathlib.Path(__file__).parent / 'metrics.json'
path.write_text(json.dumps(values, indent=2) + '\n')
