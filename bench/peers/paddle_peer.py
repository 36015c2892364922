"""Runs one task with Paddle and prints what came of it as a line of JSON: paddle_peer.py '{"task": "train", ...}'."""

import json
import os
import sys
import time

begin = time.perf_counter()
import numpy as np  # noqa: E402
import paddle  # noqa: E402

from timing import peak_megabytes, summarize, time_calls  # noqa: E402


def make_network(name):
    models = paddle.vision.models
    return models.LeNet() if name == "lenet" else getattr(models, name)(num_classes=10)


def make_batch(name, batch):
    shape = (batch, 1, 28, 28) if name == "lenet" else (batch, 3, 32, 32)
    return np.random.randn(*shape).astype("float32"), np.random.randint(0, 10, (batch, 1))


def make_model(name):
    model = paddle.Model(make_network(name))
    optimizer = paddle.optimizer.Momentum(
        0.001, 0.9, parameters=model.parameters(), weight_decay=paddle.regularizer.L2Decay(1e-4)
    )
    model.prepare(optimizer, paddle.nn.CrossEntropyLoss())
    return model


def train_step(task):
    model = make_model(task["network"])
    images, labels = make_batch(task["network"], task["batch"])
    return lambda: model.train_batch([images], [labels])


def info(task):
    return {"label": f"Paddle {paddle.__version__}", "threads": int(os.environ["OMP_NUM_THREADS"])}


def train(task):
    times = time_calls(train_step(task), task["seconds"])
    return {**summarize(times), "peakMB": peak_megabytes()}


def predict(task):
    model = make_model(task["network"])
    images, _ = make_batch(task["network"], task["batch"])
    result = summarize(time_calls(lambda: model.predict_batch([images]), task["seconds"]))
    return {**result, "imagesPerSecond": task["batch"] / result["bestMs"] * 1000}


def startup(task):
    imported = time.perf_counter()
    train_step({"network": "lenet", "batch": task["batch"]})()
    end = time.perf_counter()
    return {
        "totalMs": time.time() * 1000 - task["started"],
        "importMs": (imported - begin) * 1000,
        "firstStepMs": (end - imported) * 1000,
    }


def epoch(task):
    from paddle.vision.datasets import MNIST
    from paddle.vision.transforms import ToTensor

    def digits(mode, part):
        path = os.path.join(task["mnist"], part)
        return MNIST(
            image_path=f"{path}-images-idx3-ubyte.gz",
            label_path=f"{path}-labels-idx1-ubyte.gz",
            mode=mode,
            transform=ToTensor(),
            download=False,
        )

    train_data, test_data = digits("train", "train"), digits("test", "t10k")
    model = paddle.Model(make_network("lenet"))
    optimizer = paddle.optimizer.Adam(0.001, parameters=model.parameters())
    model.prepare(optimizer, paddle.nn.CrossEntropyLoss(), paddle.metric.Accuracy())
    start = time.perf_counter()
    model.fit(train_data, epochs=1, batch_size=64, verbose=0)
    trained = time.perf_counter()
    accuracy = float(model.evaluate(test_data, batch_size=64, verbose=0)["acc"])
    return {
        "seconds": trained - start,
        "evaluateSeconds": time.perf_counter() - trained,
        "accuracy": accuracy,
    }


task = json.loads(sys.argv[1])
run = {"info": info, "train": train, "predict": predict, "startup": startup, "epoch": epoch}[task["task"]]
print(json.dumps(run(task)))
