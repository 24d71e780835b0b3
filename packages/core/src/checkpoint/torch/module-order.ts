/** Names of tensors within one module, in the order in which PyTorch's modules register them. */
const WITHIN = [
  "weight",
  "weight_ih",
  "weight_hh",
  "bias",
  "bias_ih",
  "bias_hh",
  "running_mean",
  "running_var",
];

/** Where a tensor belongs within its module: by the layer at the end of its name (`weight_ih_l1`), then as above, others last. */
function rankWithin(name: string): number {
  const [, stem, layer = "0"] = /^(.*?)(?:_l(\d+))?$/.exec(name) as RegExpExecArray;
  return WITHIN.includes(stem) ? Number(layer) * WITHIN.length + WITHIN.indexOf(stem) : Infinity;
}

/** Modules that come last in networks whose modules have names. */
const LAST = /^(fc|linear|classifier|head|output|out)\d*$/;
/** Modules that follow a convolution of the same number. */
const NORMALIZATION = /^(bn|norm|batch_?norm)\d*$/;
/** Modules that come first, beside others of the same place. */
const CONVOLUTION = /^conv\d*$/;

/** Where a segment of a key belongs among its siblings: group, number, rank within the number; then the name decides. */
function place(segment: string): readonly number[] {
  const number = Number(/\d+$/.exec(segment)?.[0] ?? 0);
  if (CONVOLUTION.test(segment)) return [0, number, 0];
  if (NORMALIZATION.test(segment)) return [0, number, 1];
  return [LAST.test(segment) ? 2 : 1, 0, 0];
}

function compareNames(a: string, b: string): number {
  const [digitsA, digitsB] = [a, b].map((name) => /\d+$/.exec(name)?.[0] ?? "");
  const [stemA, stemB] = [a.slice(0, a.length - digitsA.length), b.slice(0, b.length - digitsB.length)];
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  return Number(digitsA || -1) - Number(digitsB || -1);
}

function compareSegments(a: string, b: string, last: boolean): number {
  if (last) {
    const [rankA, rankB] = [a, b].map(rankWithin);
    if (rankA !== rankB) return rankA < rankB ? -1 : 1;
  }
  const [placeA, placeB] = [place(a), place(b)];
  const difference = placeA.findIndex((value, i) => value !== placeB[i]);
  return difference === -1 ? compareNames(a, b) : placeA[difference] - placeB[difference];
}

/**
 * Keys of a state dict in the order in which PyTorch most likely had them: numbers count as numbers, a weight comes before its bias, a
 * convolution before its normalization, and what is called `fc` or `classifier` last. For files that sort their tensors by name.
 *
 * @example moduleOrder(["10.weight", "2.bias", "2.weight"]) // ["2.weight", "2.bias", "10.weight"]
 */
export function moduleOrder(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => {
    const [pathA, pathB] = [a.split("."), b.split(".")];
    const depth = pathA.findIndex((segment, i) => segment !== pathB[i]);
    if (depth === -1 || depth >= pathB.length) return pathA.length - pathB.length;
    return compareSegments(
      pathA[depth],
      pathB[depth],
      depth === pathA.length - 1 && depth === pathB.length - 1,
    );
  });
}
