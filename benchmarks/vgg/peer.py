# Times the same training in PyTorch: float tensors in memory, with each of its memory formats and implementations of SGD.
# Usage: python3 peer.py OPTIONS THREADS STEPS WARM_UP BATCH   -> one line of JSON: seconds per step by way
import json
import sys
import time

import torch
from torch import nn

options = json.loads(sys.argv[1])
threads, steps, warm_up, batch = (int(each) for each in sys.argv[2:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
PLAN = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
WAYS = {
    f"{memory}, {name}": (getattr(torch, memory), sgd)
    for memory in ("contiguous_format", "channels_last")
    for name, sgd in (("for-loop", {"foreach": False}), ("foreach", {"foreach": True}), ("fused", {"fused": True}))
}


def network():
    modules, channels = [], 3
    for step in PLAN:
        if step == "M":
            modules.append(nn.MaxPool2d(2))
            continue
        modules.append(nn.Conv2d(channels, step, 3, padding=1, bias=options.get("bias", False)))
        if options.get("batchNorm"):
            modules.append(nn.BatchNorm2d(step))
        modules.append(nn.ReLU(inplace=True))
        channels = step
    return nn.Sequential(*modules, nn.Flatten(), nn.Linear(512, 10, bias=options.get("bias", False)))


def seconds(memory, sgd):
    images = (warm_up + steps) * batch
    x = torch.rand(images, 3, 32, 32).sub_(0.5).div_(0.29).contiguous(memory_format=memory)
    y = torch.arange(images) % 10
    model = network().to(memory_format=memory)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, **sgd)
    total = torch.zeros(())
    for step, indices in enumerate(torch.randperm(images).split(batch)):
        if step == warm_up:
            start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x[indices]), y[indices])
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(indices)
    total.item()
    return (time.perf_counter() - start) / steps


print(json.dumps({way: seconds(*own) for way, own in WAYS.items()}))
