import { Workspace } from "./workspace.js";

/** Numbers that are worked on at a time: they stay in the processor's nearest cache between the copies. */
const BLOCK = 4096;
const workspace = new Workspace([BLOCK]);
const block = workspace.array(0);

/**
 * `out[i] = max(0, x[i])`, NaN where `x` is NaN; `out` may be `x`. Copied into WebAssembly's memory and back, block by block: four
 * numbers at a time there are worth the two copies.
 */
export function relu(x: Float32Array, out: Float32Array): void {
  for (let at = 0; at < x.length; at += BLOCK) {
    const part = x.subarray(at, at + BLOCK);
    const place = part.length === BLOCK ? block : block.subarray(0, part.length);
    place.set(part);
    workspace.relu(place);
    out.set(place, at);
  }
}
