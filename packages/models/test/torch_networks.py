# Networks as PyTorch users write them, run on weights that come in our layouts.
# Usage: python3 torch_networks.py FOLDER   reads FOLDER/<i>.json (architecture, options, task, batch, tensors) and FOLDER/<i>.bin (their
# float32 numbers, then the images [batch, height, width, channels]); prints JSON: per network its logits in eval and in training mode,
# and all running statistics after the latter.
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Flat(nn.Module):
    """Features, flattened, then a classifier."""

    def __init__(self, features, classifier):
        super().__init__()
        self.features = nn.Sequential(*features)
        self.classifier = classifier

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


def blocks(plan, channels, bias, norm):
    modules = []
    for step in plan:
        if step == "M":
            modules.append(nn.MaxPool2d(2))
            continue
        modules.append(nn.Conv2d(channels, step, 3, padding=1, bias=bias))
        if norm:
            modules.append(nn.BatchNorm2d(step))
        modules.append(nn.ReLU())
        channels = step
    return modules


def scaled(units, width):
    return max(1, int(np.floor(units * width + 0.5)))


def convnet(options, shape, classes):
    plan = [step for each in options["channels"] for step in (scaled(each, options["width"]), "M")]
    features = blocks(plan, shape[2], options["bias"], options["batchNorm"])
    halvings = 2 ** len(options["channels"])
    inputs = (shape[0] // halvings) * (shape[1] // halvings) * plan[-2]
    dense = []
    for units in options["hidden"]:
        units = scaled(units, options["width"])
        dense += [nn.Linear(inputs, units, bias=options["bias"]), nn.ReLU()]
        inputs = units
    return Flat(features, nn.Sequential(*dense, nn.Linear(inputs, classes, bias=options["bias"])))


def vgg11(options, shape, classes):
    plan = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
    plan = [step if step == "M" else scaled(step, options["width"]) for step in plan]
    features = blocks(plan, shape[2], options["bias"], options["batchNorm"])
    inputs = plan[-2] * (shape[0] // 32) * (shape[1] // 32)
    return Flat(features, nn.Linear(inputs, classes, bias=options["bias"]))


class Block(nn.Module):
    def __init__(self, before, after, stride, bias, norm):
        super().__init__()
        normalization = nn.BatchNorm2d if norm else lambda _: nn.Identity()
        bias = bias and not norm
        self.conv1 = nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=bias)
        self.bn1 = normalization(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=bias)
        self.bn2 = normalization(after)
        self.shortcut = nn.Sequential()
        if stride != 1 or before != after:
            conv = nn.Conv2d(before, after, 1, stride=stride, bias=bias)
            self.shortcut = nn.Sequential(conv, normalization(after))

    def forward(self, x):
        hidden = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(hidden)) + self.shortcut(x))


class Resnet18(nn.Module):
    def __init__(self, options, shape, classes):
        super().__init__()
        bias, norm = options["bias"], options["batchNorm"]
        widths = [scaled(channels, options["width"]) for channels in (64, 128, 256, 512)]
        self.conv1 = nn.Conv2d(shape[2], widths[0], 3, padding=1, bias=bias and not norm)
        self.bn1 = nn.BatchNorm2d(widths[0]) if norm else nn.Identity()
        before = widths[0]
        for stage, after in enumerate(widths, 1):
            first = Block(before, after, 1 if stage == 1 else 2, bias, norm)
            setattr(self, f"layer{stage}", nn.Sequential(first, Block(after, after, 1, bias, norm)))
            before = after
        self.linear = nn.Linear(before, classes, bias=bias)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.linear(x.mean((2, 3)))


class Recurrent(nn.Module):
    def __init__(self, name, options, shape, classes):
        super().__init__()
        units = scaled(options["hidden"], options["width"])
        kind = {"rnn": nn.RNN, "lstm": nn.LSTM}[name]
        layers, bias = options["layers"], options["bias"]
        setattr(self, name, kind(shape[1] * shape[2], units, layers, bias=bias, batch_first=True))
        self.name = name
        self.fc = nn.Linear(units, classes, bias=bias)

    def forward(self, x):
        rows = x.permute(0, 2, 3, 1).flatten(2)
        states, _ = getattr(self, self.name)(rows)
        return self.fc(states[:, -1])


def mlp(options, shape, classes):
    modules, inputs = [nn.Flatten()], int(np.prod(shape))
    for units in options["hidden"]:
        modules += [nn.Linear(inputs, units, bias=options["bias"]), nn.ReLU()]
        inputs = units
    return nn.Sequential(*modules, nn.Linear(inputs, classes, bias=options["bias"]))


NETWORKS = {
    "mlp": mlp,
    "convnet": convnet,
    "vgg11": vgg11,
    "resnet18": Resnet18,
    "rnn": lambda *rest: Recurrent("rnn", *rest),
    "lstm": lambda *rest: Recurrent("lstm", *rest),
}

LAYOUTS = {
    "same": lambda x: x,
    "linear": lambda x: x.T,
    "conv": lambda x: x.transpose(3, 2, 0, 1),
    "linear-on-map": lambda x: x.transpose(3, 2, 0, 1).reshape(x.shape[3], -1),
    "gates": lambda x: x.transpose(1, 2, 0).reshape(-1, x.shape[0]),
    "gate-bias": lambda x: x.reshape(-1),
}


def run(file):
    described = json.loads(file.read_text())
    numbers = np.fromfile(file.with_suffix(".bin"), dtype="<f4")
    shape, classes = described["task"]["inputShape"], described["task"]["classes"]
    parameters, at = {}, 0
    for name, own in described["parameters"]:
        size = int(np.prod(own))
        parameters[name] = numbers[at : at + size].reshape(own)
        at += size
    images = torch.from_numpy(numbers[at:].reshape(-1, *shape)).permute(0, 3, 1, 2)

    state = {}
    rest = dict(parameters)  # a bias that PyTorch has two of is split between them, unevenly
    for tensor in described["torch"]:
        value = rest[tensor["parameter"]]
        several = sum(each["parameter"] == tensor["parameter"] for each in described["torch"]) > 1
        own = value * np.float32(0.25) if several and value is parameters[tensor["parameter"]] else value
        rest[tensor["parameter"]] = value - own if several else value
        state[tensor["key"]] = torch.from_numpy(LAYOUTS[tensor["layout"]](own).copy())

    network = NETWORKS[described["architecture"]](described["options"], shape, classes)
    expected = [key for key in network.state_dict() if not key.endswith("num_batches_tracked")]
    network.load_state_dict(state, strict=False)
    with torch.no_grad():
        evaluated = network.eval()(images)
        trained = network.train()(images)
    buffers = {name: value for name, value in network.state_dict().items() if "running" in name}
    return {
        "keys": expected,
        "evaluated": evaluated.flatten().tolist(),
        "trained": trained.flatten().tolist(),
        "buffers": {name: value.tolist() for name, value in buffers.items()},
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps([run(file) for file in sorted(Path(sys.argv[1]).glob("*.json"))]))
