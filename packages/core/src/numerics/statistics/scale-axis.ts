import type { ArrayValue } from "../../contracts/params.js";
import { sizeOf } from "../params.js";

/** `value` with every entry whose index on `axis` is u multiplied by `scale[u]`. */
export function scaleAxis({ shape, data }: ArrayValue, axis: number, scale: ArrayLike<number>): ArrayValue {
  const inner = sizeOf(shape.slice(axis + 1));
  return { shape, data: data.map((value, i) => value * scale[Math.floor(i / inner) % shape[axis]]) };
}
