# Table 1 on MNIST with MLPNet and the protocol of the published code, as a researcher would write it in PyTorch:
# A, B and Joint are trained, then averaged, fused by optimal transport and by Mode Path Fusion, and evaluated.
# Usage: python3 peer.py DATA_DIR EPOCHS WORKERS THREADS   -> one line of JSON: accuracies in percent by model
import copy
import gzip
import json
import os
import sys

import numpy as np
import ot
import torch
from PIL import Image
from torch import nn
from torch.func import functional_call
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import transforms

data_dir, (epochs, workers, threads) = sys.argv[1], (int(each) for each in sys.argv[2:5])
torch.set_num_threads(threads)
WIDTHS = [784, 400, 200, 100, 10]
torch.manual_seed(0)


def read_idx(name, header):
    path = os.path.join(data_dir, name)
    with open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


class Mnist(Dataset):
    def __init__(self, split, transform):
        self.images = read_idx(f"{split}-images-idx3-ubyte", 16).reshape(-1, 28, 28)
        self.labels = read_idx(f"{split}-labels-idx1-ubyte", 8).astype(int)
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


to_input = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
train_set = Mnist("train", transforms.Compose([transforms.RandomHorizontalFlip(), *to_input]))
test_set = Mnist("t10k", transforms.Compose(to_input))


def loader(dataset, shuffle=True):
    return DataLoader(dataset, batch_size=128, shuffle=shuffle, num_workers=workers, persistent_workers=workers > 0)


def network():
    layers = [nn.Flatten()]
    for inputs, units in zip(WIDTHS, WIDTHS[1:]):
        layers += [nn.Linear(inputs, units, bias=False), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def train(dataset):
    model, batches = network(), loader(dataset)
    for _ in range(epochs):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.07, momentum=0.9)  # momentum starts anew every epoch
        for images, labels in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
    return model


def average(*models):
    fused = network()
    with torch.no_grad():
        for weight, *others in zip(fused.parameters(), *(model.parameters() for model in models)):
            weight.copy_(torch.stack(others).mean(0))
    return fused


def align(model, target):
    """Hidden units in the order of the target's, by exact optimal transport between rows of weights."""
    aligned = copy.deepcopy(model)
    weights, goals = list(aligned.parameters()), list(target.parameters())
    with torch.no_grad():
        for layer, (weight, goal) in enumerate(zip(weights[:-1], goals[:-1])):
            n, m = len(weight), len(goal)
            cost = torch.cdist(weight.double(), goal.double()).square().numpy()
            plan = m * torch.from_numpy(ot.emd(np.full(n, 1 / n), np.full(m, 1 / m), cost)).float()
            weight.copy_(plan.T @ weight)
            weights[layer + 1].copy_(weights[layer + 1] @ plan)
    return aligned


def decay(progress):
    return 1 if progress <= 0.5 else max(0.01, 1 - (progress - 0.5) / 0.4 * 0.99)


def curve_middle(start, end, dataset):
    """Middle of a quadratic Bézier curve with fixed ends, trained at one random point of it per batch."""
    bend, batches = network(), loader(dataset)

    def point(t):
        names = [name for name, _ in bend.named_parameters()]
        controls = zip(start.parameters(), bend.parameters(), end.parameters())
        return {
            name: (1 - t) ** 2 * first.detach() + 2 * t * (1 - t) * middle + t**2 * last.detach()
            for name, (first, middle, last) in zip(names, controls)
        }

    optimizer = torch.optim.SGD(bend.parameters(), lr=0.07, momentum=0.9)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: decay(epoch / epochs))
    for _ in range(epochs):
        for images, labels in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(functional_call(bend, point(torch.rand(()).item()), images), labels).backward()
            optimizer.step()
        schedule.step()
    with torch.no_grad():
        bend.load_state_dict(point(0.5))
    return bend


@torch.no_grad()
def accuracy(model):
    right = sum((model(images).argmax(1) == labels).sum().item() for images, labels in test_batches)
    return 100 * right / len(test_set)


# A has all images of the 4 and the first tenth of the others, B the other nine tenths.
others, fours = np.flatnonzero(train_set.labels != 4), np.flatnonzero(train_set.labels == 4)
tenth = len(others) // 10
a = train(Subset(train_set, np.concatenate([fours, others[:tenth]]).tolist()))
b = train(Subset(train_set, others[tenth:].tolist()))
joint = train(train_set)
target = network()
avg = average(a, b)
models = {
    "joint": joint,
    "a": a,
    "b": b,
    "avg": avg,
    "ot": average(align(a, target), align(b, target)),
    "mpf": curve_middle(avg, b, train_set),  # as published: the average was added into A's own weights
}
test_batches = loader(test_set, shuffle=False)
print(json.dumps({name: accuracy(model) for name, model in models.items()}))
