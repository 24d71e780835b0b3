# Times the same training in PyTorch: float tensors in memory, a new random order every epoch, each of its implementations of SGD.
# Usage: python3 peer.py WIDTHS IMAGES THREADS STEPS WARM_UP BATCH EPOCHS SLICES   -> a line of JSON when ready, then one with the
# seconds of every slice of an epoch by implementation, each when told
import json
import sys
import time

import torch
from torch import nn

widths = [int(width) for width in sys.argv[1].split("-")]
images, threads, steps, warm_up, batch, epochs, slices = (int(each) for each in sys.argv[2:9])
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


def train(model, optimizer, steps, slice_steps):
    """Trains an epoch; gives the seconds of each slice where that ends, and goes on when asked for the next."""
    total = torch.zeros(())
    start = time.perf_counter()
    for step, indices in enumerate(torch.randperm(images)[: steps * batch].split(batch), 1):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x[indices]), y[indices])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(indices)
        if step == steps:
            total.item()
        if step % slice_steps == 0:
            yield time.perf_counter() - start
            start = time.perf_counter()


def training(options):
    """Trains by one implementation: a first slice to warm up, then those of every epoch."""
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, **options)
    yield from train(model, optimizer, warm_up, warm_up)
    for _ in range(epochs):
        yield from train(model, optimizer, steps, steps // slices)


trainings = {name: training(options) for name, options in IMPLEMENTATIONS.items()}
for _ in range(1 + epochs * slices):
    print(json.dumps({name: next(each) for name, each in trainings.items()}), flush=True)
    if not sys.stdin.readline():
        break
