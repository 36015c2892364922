"""Runs one task with PyTorch and prints what came of it as a line of JSON: pytorch_peer.py '{"task": "train", ...}'."""

import gzip
import json
import os
import sys
import time

begin = time.perf_counter()
import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

from timing import peak_megabytes, summarize, time_calls  # noqa: E402


def make_network(name):
    if name != "lenet":
        import torchvision

        return getattr(torchvision.models, name)(num_classes=10)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, 1, 1),
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2, 2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.Linear(120, 84),
        nn.Linear(84, 10),
    )


def make_batch(name, batch):
    shape = (batch, 1, 28, 28) if name == "lenet" else (batch, 3, 32, 32)
    return torch.randn(shape), torch.randint(0, 10, (batch,))


def with_layout(task, network, images):
    if task.get("variant") != "channels_last":
        return network, images
    layout = torch.channels_last
    return network.to(memory_format=layout), images.contiguous(memory_format=layout)


def train_step(task):
    images, labels = make_batch(task["network"], task["batch"])
    network, images = with_layout(task, make_network(task["network"]), images)
    optimizer = torch.optim.SGD(network.parameters(), 0.001, 0.9, weight_decay=1e-4)
    criterion = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss = criterion(network(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def info(task):
    return {"label": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads()}


def train(task):
    times = time_calls(train_step(task), task["seconds"])
    return {**summarize(times), "peakMB": peak_megabytes()}


def predict(task):
    images, _ = make_batch(task["network"], task["batch"])
    network, images = with_layout(task, make_network(task["network"]).eval(), images)

    def forward():
        with torch.no_grad():
            return network(images).numpy()

    result = summarize(time_calls(forward, task["seconds"]))
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
    from PIL import Image
    from torchvision.transforms import ToTensor

    def read(name, header):
        with gzip.open(os.path.join(task["mnist"], f"{name}.gz")) as file:
            return np.frombuffer(file.read(), np.uint8, offset=header)

    class Digits(torch.utils.data.Dataset):
        def __init__(self, part):
            self.images = read(f"{part}-images-idx3-ubyte", 16).reshape(-1, 28, 28)
            self.labels = read(f"{part}-labels-idx1-ubyte", 8).astype("int64")
            self.transform = ToTensor()

        def __len__(self):
            return len(self.labels)

        def __getitem__(self, index):
            return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])

    train_data, test_data = Digits("train"), Digits("t10k")
    network, criterion = make_network("lenet"), nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), 0.001)
    start = time.perf_counter()
    for images, labels in torch.utils.data.DataLoader(train_data, 64, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(network(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
    trained = time.perf_counter()
    correct = 0
    with torch.no_grad():
        for images, labels in torch.utils.data.DataLoader(test_data, 64):
            correct += (network(images).argmax(1) == labels).sum().item()
    return {
        "seconds": trained - start,
        "evaluateSeconds": time.perf_counter() - trained,
        "accuracy": correct / len(test_data),
    }


def rate(operations, seconds, fn):
    """Billions of operations a second, from how many `fn` does."""
    return operations / summarize(time_calls(fn, seconds, minimum=5))["bestMs"] / 1e6


def measure_product(size, seconds):
    m, k, n = size
    a, b = torch.randn(m, k), torch.randn(k, n)
    return {"size": size, "forward": rate(2 * m * k * n, seconds, lambda: torch.mm(a, b))}


def measure_convolution(task, geometry):
    kernel, stride = geometry["kernel"], geometry["stride"]
    convolution = nn.Conv2d(geometry["channels"], geometry["filters"], kernel, stride, kernel // 2, bias=False)
    images = torch.randn(geometry["batch"], geometry["channels"], geometry["size"], geometry["size"])
    convolution, images = with_layout(task, convolution, images)
    weight = convolution.weight.detach()
    with torch.no_grad():
        dy = torch.randn_like(convolution(images))
    operations = 2 * dy.numel() * kernel * kernel * geometry["channels"]
    seconds = task["seconds"]

    def backward(mask):
        return torch.ops.aten.convolution_backward(
            dy, images, weight, None, [stride] * 2, [kernel // 2] * 2, [1, 1], False, [0, 0], 1, mask
        )

    with torch.no_grad():
        return {
            **geometry,
            "forward": rate(operations, seconds, lambda: convolution(images)),
            "inputGradient": rate(operations, seconds, lambda: backward([True, False, False])),
            "filterGradient": rate(operations, seconds, lambda: backward([False, True, False])),
        }


def kernels(task):
    return {
        "products": [measure_product(size, task["seconds"]) for size in task["products"]],
        "convolutions": [measure_convolution(task, geometry) for geometry in task["convolutions"]],
    }


task = json.loads(sys.argv[1])
torch.set_num_threads(task["threads"])
run = {
    "info": info,
    "train": train,
    "predict": predict,
    "startup": startup,
    "epoch": epoch,
    "kernels": kernels,
}[task["task"]]
print(json.dumps(run(task)))
