import type { DenseLayer } from "../contracts/model.js";
import type { ArrayValue, Params } from "../contracts/params.js";

/**
 * Logits `[images · classes]` of a stack of dense layers by definition, in double precision: what fast paths are held against.
 * `images` holds one image after the other.
 */
export function stackLogits(
  stack: readonly DenseLayer[],
  params: Params,
  images: ArrayLike<number>,
): Float64Array {
  let x = Float64Array.from(images);
  for (const { kernel, bias, activation } of stack) {
    const { shape, data } = params.get(kernel) as ArrayValue;
    const [inputs, units] = shape;
    const shift = bias === undefined ? undefined : (params.get(bias) as ArrayValue).data;
    x = Float64Array.from({ length: (x.length / inputs) * units }, (_, k) => {
      const [image, unit] = [Math.floor(k / units), k % units];
      let sum = shift?.[unit] ?? 0;
      for (let i = 0; i < inputs; i++) sum += x[image * inputs + i] * data[i * units + unit];
      return activation === "relu" ? Math.max(sum, 0) : sum;
    });
  }
  return x;
}
