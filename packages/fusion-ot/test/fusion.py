# An independent fusion of two small ReLU networks, in double precision, from the formulas of the paper (Singh and Jaggi 2020)
# and with the solvers of POT. Reads {"plans": […], "fusions": […]} from standard input, answers with the results as JSON.
import json
import sys

import numpy as np
import ot


def rows(network, l, columns):
    """What feeds each unit of layer l: weights, whose columns may be other than its own, and bias."""
    weights, bias = network[l]
    return np.hstack([weights if columns is None else columns, bias[:, None]])


def forward(network, images, l):
    """Pre-activations of layer l, [units, images]."""
    x = images.T
    for weights, bias in network[:l]:
        x = np.maximum(weights @ x + bias[:, None], 0)
    weights, bias = network[l]
    return weights @ x + bias[:, None]


def costs(x, y, o, samples):
    if o["unitRows"]:
        x, y = (z / (np.linalg.norm(z, axis=1, keepdims=True) + 1e-9) for z in (x, y))
    if o["metric"] == "cosine":
        lengths = np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1))
        zeros = np.equal.outer(*(np.linalg.norm(z, axis=1) == 0 for z in (x, y)))
        c = np.where(lengths > 0, np.maximum(1 - x @ y.T / np.where(lengths > 0, lengths, 1), 0), 1.0 - zeros)
    else:
        c = ((x[:, None, :] - y[None, :, :]) ** 2).sum(2)
        c = c / {"none": 1, "samples": samples, "norm": (y**2).sum(1).mean()}[o["scale"]]
        c = c if o["squared"] else np.sqrt(c)
    n = o["normalization"]
    if n == "log":
        c = np.log(1 + c)
    elif n != "none":
        c = c / {"max": c.max(), "mean": c.mean(), "median": np.sort(c.ravel())[(c.size - 1) // 2]}[n]
    if o["clip"] is not None:
        c = np.clip(c, o["clip"]["min"] * o["regularization"], o["clip"]["max"] * o["regularization"])
    return c


def masses(x, o, output):
    free = o["solver"] == "unbalanced"
    if o["importance"] == "none" or output:
        return np.ones(len(x)) / (1 if free else len(x))
    norms = np.linalg.norm(x, ord={"l1": 1, "l2": 2}[o["importance"]], axis=1) + 1e-9
    return norms if free else norms / norms.sum()


def plan(a, b, c, o):
    if o["solver"] == "exact":
        return ot.emd(a, b, c)
    if o["solver"] == "sinkhorn":
        return ot.sinkhorn(
            a, b, c, o["regularization"], method="sinkhorn_log", numItermax=20000, stopThr=1e-12, warn=False
        )
    return ot.unbalanced.sinkhorn_unbalanced(
        a,
        b,
        c,
        o["regularization"],
        o["marginalRegularization"],
        reg_type="entropy",
        numItermax=50000,
        stopThr=1e-13,
        warn=False,
    )


def fuse(source, target, o, s, images):
    """(1 - s) · source, moved into the target's order, + s · target; layers are [weights (out, in), bias]."""
    fused, moved_columns, last = [], None, len(source) - 1
    for l, (weights, bias) in enumerate(source):
        aligned = weights if moved_columns is None else weights @ moved_columns
        applied = aligned if o["pastCorrection"] else weights
        if l == last and o["lastLayer"] != "transport":
            moved = target[l] if o["lastLayer"] == "target" else (applied, bias)
        else:
            if o["cost"] == "weights":
                x, y = rows(source, l, aligned), rows(target, l, None)
            else:
                other = fused + target[l:] if o["targetActivations"] == "fused" else target
                x, y = forward(source, images, l), forward(other, images, l)
                if o["activation"] == "post" and l < last:
                    x, y = np.maximum(x, 0), np.maximum(y, 0)
            c = costs(x, y, o, len(images) if o["cost"] == "activations" else 1)
            a, b = (masses(rows(each, l, None), o, l == last) for each in (source, target))
            T = plan(a, b, c, o)
            n, m = T.shape
            proper = o["properMarginals"] or n != m
            column = T.sum(0) if proper else np.ones(m) / m
            row = T.sum(1) if proper else np.ones(n) / n
            into = T / column if o["correction"] else T
            moved_columns = T / row[:, None] if o["correction"] and o["outgoing"] == "conserve" else into
            moved = (into.T @ applied, into.T @ bias)
        fused.append(tuple((1 - s) * p + s * q for p, q in zip(moved, target[l])))
    return fused


def network(layers):
    return [(np.array(layer["weights"]), np.array(layer["bias"])) for layer in layers]


asked = json.load(sys.stdin)
images = np.array(asked.get("images", []))
answers = {
    "plans": [
        plan(np.array(p["a"]), np.array(p["b"]), np.array(p["cost"]).reshape(len(p["a"]), -1), p["options"]).tolist()
        for p in asked["plans"]
    ],
    "fusions": [
        [
            {"weights": weights.tolist(), "bias": bias.tolist()}
            for weights, bias in fuse(network(f["source"]), network(f["target"]), f["options"], f["share"], images)
        ]
        for f in asked["fusions"]
    ],
}
json.dump(answers, sys.stdout)
