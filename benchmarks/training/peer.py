# Times the same training in PyTorch: float tensors in memory, a new random order every epoch, each of its implementations of SGD.
# Usage: python3 peer.py WIDTHS IMAGES THREADS STEPS WARM_UP BATCH EPOCHS   -> one line of JSON: seconds of each epoch by implementation
import json
import sys
import time

import torch
from torch import nn

widths = [int(width) for width in sys.argv[1].split("-")]
images, threads, steps, warm_up, batch, epochs = (int(each) for each in sys.argv[2:8])
torch.set_num_threads(threads)
torch.manual_seed(0)
x = torch.rand(images, widths[0]).sub_(0.5).div_(0.29)
y = torch.arange(images) % widths[-1]

IMPLEMENTATIONS = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def network():
    layers = []
    for inputs, units in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, units, bias=False), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train(model, optimizer, steps):
    total = torch.zeros(())
    for indices in torch.randperm(images)[: steps * batch].split(batch):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x[indices]), y[indices])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(indices)
    return total.item()


def seconds(options):
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, **options)
    train(model, optimizer, warm_up)
    times = [time.perf_counter()]
    for _ in range(epochs):
        train(model, optimizer, steps)
        times.append(time.perf_counter())
    return [end - start for start, end in zip(times, times[1:])]


print(json.dumps({name: seconds(options) for name, options in IMPLEMENTATIONS.items()}))
