import type { Rng } from "@isthmus/core";
import { SIDE } from "./canvas.js";

/** Uniform on [low, high). */
export function between(rng: Rng, low: number, high: number): number {
  return low + (high - low) * rng.uniform();
}

/** Lattice points per side of the elastic warp, with one cell beyond the image on each side. */
const LATTICE = 6;
const CELL = SIDE / (LATTICE - 3);

/**
 * Random smooth displacement of the plane: independent uniform displacements on a coarse lattice, blended by smoothstep weights.
 * In the spirit of the elastic distortions of Simard, Steinkraus & Platt 2003, applied to strokes instead of pixels.
 */
function elastic(rng: Rng, amplitude: number): (path: Float64Array) => void {
  const shifts = rng.uniforms(2 * LATTICE * LATTICE, -amplitude, amplitude);
  const cell = (value: number) => Math.min(LATTICE - 2, Math.max(0, Math.floor(value / CELL) + 1));
  const weight = (value: number, index: number) => {
    const t = Math.min(1, Math.max(0, value / CELL + 1 - index));
    return t * t * (3 - 2 * t);
  };
  return (path) => {
    for (let i = 0; i < path.length; i += 2) {
      const [column, row] = [cell(path[i]), cell(path[i + 1])];
      const [u, v] = [weight(path[i], column), weight(path[i + 1], row)];
      const corner = 2 * (row * LATTICE + column);
      for (let axis = 0; axis < 2; axis++) {
        const upper = corner + axis;
        const lower = upper + 2 * LATTICE;
        const above = shifts[upper] + u * (shifts[upper + 2] - shifts[upper]);
        const below = shifts[lower] + u * (shifts[lower + 2] - shifts[lower]);
        path[i + axis] += above + v * (below - above);
      }
    }
  };
}

/**
 * A random map from the unit box of a glyph to pixels, applied in place: scale, shear, rotation, translation, elastic warp.
 * The rotation by θ is written with q = tan(θ/2), cos θ = (1 - q²)/(1 + q²), sin θ = 2q/(1 + q²): only operations that
 * IEEE 754 rounds exactly, so that every machine draws the same images.
 */
export function randomWarp(rng: Rng): (path: Float64Array) => void {
  const width = between(rng, 9, 15);
  const height = between(rng, 15, 21);
  const shear = between(rng, -0.25, 0.25);
  const q = between(rng, -0.14, 0.14);
  const cos = (1 - q * q) / (1 + q * q);
  const sin = (2 * q) / (1 + q * q);
  const centerX = (SIDE - 1) / 2 + between(rng, -1.5, 1.5);
  const centerY = (SIDE - 1) / 2 + between(rng, -1.5, 1.5);
  const bend = elastic(rng, 1.6);
  return (path) => {
    for (let i = 0; i < path.length; i += 2) {
      const y = (path[i + 1] - 0.5) * height;
      const x = (path[i] - 0.5) * width - shear * y;
      path[i] = centerX + cos * x - sin * y;
      path[i + 1] = centerY + sin * x + cos * y;
    }
    bend(path);
  };
}
