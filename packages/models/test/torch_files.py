# Files of PyTorch's networks, and PyTorch's logits of ours.
# Usage: python3 torch_files.py FOLDER, which holds cases.json (by name: architecture, options, inputShape, classes), for each case
# <name>.images, float32 [batch, height, width, channels], and <name>.ours.safetensors, a network written for PyTorch.
# Writes <name>.<ending>, the same random network in every kind of file; <name>.logits, what it makes of the images; and
# <name>.ours.logits, what the network of ours makes of them.
import json
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch_networks import NETWORKS


def write_safetensors(path, state, keys):
    header, data, at = {}, [], 0
    for key in keys:
        raw = state[key].contiguous().numpy().astype("<f4").tobytes()
        header[key] = {"dtype": "F32", "shape": list(state[key].shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(data))


def read_safetensors(path):
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    header.pop("__metadata__")
    tensors = {}
    for key, info in header.items():
        begin, end = info["data_offsets"]
        values = np.frombuffer(raw, "<f4", offset=start + begin, count=(end - begin) // 4)
        tensors[key] = torch.from_numpy(values.reshape(info["shape"]).copy())
    return tensors


def views(state):
    """Every tensor a part of one storage, matrices transposed in memory."""
    turned = [v.t() if v.dim() == 2 else v for v in state.values()]
    flat = torch.cat([torch.zeros(3)] + [v.float().reshape(-1) for v in turned])
    result, at = OrderedDict(), 3
    for (key, v), own in zip(state.items(), turned):
        part = flat[at : at + v.numel()].view(own.shape)
        result[key] = part.t() if v.dim() == 2 else part
        at += v.numel()
    return result


def write_all(folder, name, state):
    torch.save(state, folder / f"{name}.pt")
    wrapped = OrderedDict((f"module.{key}", value) for key, value in state.items())
    legacy = {"epoch": 3, "state_dict": wrapped}
    torch.save(legacy, folder / f"{name}.legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"model": views(state)}, folder / f"{name}.views.checkpoint")
    torch.save(OrderedDict((k, v.double()) for k, v in state.items()), folder / f"{name}.double.pt")
    keys = [key for key in state if not key.endswith("num_batches_tracked")]
    write_safetensors(folder / f"{name}.safetensors", state, keys)
    write_safetensors(folder / f"{name}.sorted.safetensors", state, sorted(keys))


def run(folder, name, case):
    model = NETWORKS[case["architecture"]](case["options"], case["inputShape"], case["classes"]).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values, low, high in [
                (module.running_mean, -1, 1),
                (module.running_var, 0.5, 2),
                (module.weight, 0.5, 2),
                (module.bias, -1, 1),
            ]:
                values.uniform_(low, high)
    images = torch.from_numpy(np.fromfile(folder / f"{name}.images", "<f4")).reshape(-1, *case["inputShape"])
    images = images.permute(0, 3, 1, 2)
    write_all(folder, name, model.state_dict())
    model(images).numpy().astype("<f4").tofile(folder / f"{name}.logits")
    model.load_state_dict(read_safetensors(folder / f"{name}.ours.safetensors"), strict=True)
    model(images).numpy().astype("<f4").tofile(folder / f"{name}.ours.logits")


torch.set_num_threads(1)
torch.manual_seed(0)
folder = Path(sys.argv[1])
with torch.no_grad():
    for name, case in json.loads((folder / "cases.json").read_text()).items():
        run(folder, name, case)
