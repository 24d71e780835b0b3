import { type Model, type Network, type ParameterSpec, Rng, type UnitAxis } from "@isthmus/core";

/** A parameter that starts random, whatever its role. */
export const parameter = (name: string, shape: number[], role: ParameterSpec["role"]): ParameterSpec => ({
  name,
  shape,
  role,
  initializer: { kind: "normal", std: 0.4 },
});

/** An axis of a parameter that feeds units, and of one that reads them. */
export const incoming = (name: string, axis: number): UnitAxis => ({
  parameter: name,
  axis,
  side: "incoming",
});
export const outgoing = (name: string, axis: number): UnitAxis => ({
  parameter: name,
  axis,
  side: "outgoing",
});

/** Random weights as of a trained network: no two biases, scales or running statistics alike, variances positive. */
export function trained(model: Model, seed: number): Network {
  const rng = Rng.seed(seed);
  const params = new Map(
    model.parameters.map(({ name, shape, role }) => {
      const size = shape.reduce((x, y) => x * y, 1);
      const data = rng.fork(name).normals(size, role === "weight" ? 0.4 : 0.2);
      const positive = role === "scale" || name.endsWith("variance");
      return [name, { shape, data: positive ? data.map((x) => 1 + Math.abs(x)) : data }] as const;
    }),
  );
  return { model, params };
}
