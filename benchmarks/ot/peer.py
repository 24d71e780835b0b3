# Solves one problem with POT's `ot.emd` and, where it is square, SciPy's `linear_sum_assignment`, in a process of its own.
# Usage: python3 peer.py COST_FILE N M   -> one line of JSON
import json
import re
import sys
import time

import numpy as np
import ot
import scipy
from scipy.optimize import linear_sum_assignment


def memory(line):
    try:
        with open("/proc/self/status") as status:
            return int(re.search(line + r":\s+(\d+)", status.read())[1])
    except (OSError, TypeError):
        return float("nan")


def measured(solve):
    try:
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")  # from here on the peak counts
    except OSError:
        pass
    before = memory("VmRSS")
    start = time.perf_counter()
    solution = solve()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "megabytes": (memory("VmHWM") - before) / 1024, "solution": solution}


def flat(size):
    return np.full(size, 1 / size)


def emd(cost):
    return ot.emd(flat(cost.shape[0]), flat(cost.shape[1]), cost, numItermax=100_000_000, numThreads=1)


def lsa(cost):
    rows, columns = linear_sum_assignment(cost)
    return float(cost[rows, columns].sum() / len(cost))


if len(sys.argv) == 1:
    print(json.dumps({"pot": ot.__version__, "scipy": scipy.__version__}))
    sys.exit()

file, n, m = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
small = np.random.default_rng(0).random((400, 400))
emd(small)  # warm-up
lsa(small)

cost = np.fromfile(file).reshape(n, m)
emd_result = measured(lambda: emd(cost))
emd_result["total"] = float((emd_result.pop("solution") * cost).sum())
result = {"emd": emd_result}
if n == m:
    result["lsa"] = measured(lambda: lsa(cost))
    result["lsa"]["total"] = result["lsa"].pop("solution")
print(json.dumps(result))
