import type { Model, ParameterSpec } from "../contracts/model.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import type { Rng } from "./rng.js";

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function initialValue({ shape, initializer }: ParameterSpec, rng: Rng): ArrayValue {
  const size = sizeOf(shape);
  switch (initializer.kind) {
    case "uniform":
      return { shape, data: rng.uniforms(size, -initializer.bound, initializer.bound) };
    case "normal":
      return { shape, data: rng.normals(size, initializer.std) };
    case "constant":
      return { shape, data: new Float32Array(size).fill(initializer.value) };
  }
}

/** Fresh weights of a model; each parameter has its own stream, so its values do not depend on the others. */
export function initialize(model: Model, rng: Rng): Params {
  return new Map(model.parameters.map((spec) => [spec.name, initialValue(spec, rng.fork(spec.name))]));
}

/**
 * Refuses weights that do not fit a model, naming the parameter and both shapes.
 *
 * @param source where they came from
 * @param hint what to do about it
 * @throws `params/mismatch`
 */
export function checkParams(
  model: Model,
  params: Params,
  source: string,
  hint = "Use weights of the same architecture and options.",
): void {
  for (const { name, shape } of model.parameters) {
    const value = params.get(name);
    if (value === undefined || value.shape.join() !== shape.join() || value.data.length !== sizeOf(shape)) {
      const found = value === undefined ? "is missing" : `has shape [${value.shape.join(", ")}]`;
      throw new IsthmusError({
        code: "params/mismatch",
        message: `${source}: parameter "${name}" ${found}; ${model.spec.architecture} needs [${shape.join(", ")}].`,
        hint,
      });
    }
  }
  for (const name of params.keys()) {
    if (!model.parameters.some((spec) => spec.name === name)) {
      throw new IsthmusError({
        code: "params/mismatch",
        message: `${source}: parameter "${name}" is not one of ${model.spec.architecture}.`,
        hint,
      });
    }
  }
}

/** Σ cᵢ θᵢ, summed in double precision. All must have the same names and shapes (`checkParams` them first). */
export function linearCombination(coefficients: readonly number[], params: readonly Params[]): Params {
  const [first] = params;
  if (first === undefined) throw new RangeError("A linear combination needs at least one term.");
  const result = new Map<string, ArrayValue>();
  for (const [name, { shape, data }] of first) {
    const terms = params.map((each) => (each.get(name) as ArrayValue).data);
    const sum = new Float32Array(data.length);
    for (let i = 0; i < sum.length; i++) {
      let value = coefficients[0] * terms[0][i];
      for (let k = 1; k < terms.length; k++) value += coefficients[k] * terms[k][i];
      sum[i] = value;
    }
    result.set(name, { shape, data: sum });
  }
  return result;
}

/** True where no value is NaN or infinite. */
export function allFinite(params: Params): boolean {
  let sum = 0;
  for (const { data } of params.values())
    for (let i = 0; i < data.length; i++) sum += 0 * (data[i] as number); // NaN once one is not finite
  return sum === 0;
}

/** True where two parameter sets have the same names in the same order, shapes and bits. */
export function sameBits(a: Params, b: Params): boolean {
  if ([...a.keys()].join("\n") !== [...b.keys()].join("\n")) return false;
  for (const [name, { shape, data }] of a) {
    const other = b.get(name) as ArrayValue;
    if (shape.join() !== other.shape.join()) return false;
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const otherBits = new Uint32Array(other.data.buffer, other.data.byteOffset, other.data.length);
    for (let i = 0; i < bits.length; i++) if (bits[i] !== otherBits[i]) return false;
  }
  return true;
}
