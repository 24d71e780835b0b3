import type { Geometry } from "../kernels/conv/geometry.js";
import { numbers } from "./compare.js";

/** Runs over every product of a convolution, without dilation: `y[out, o] += x[in, i] · filter[tap, i, o]`, by their pixels. */
function forEachTap(g: Geometry, run: (input: number, tap: number, output: number) => void): void {
  for (let image = 0; image < g.batch; image++) {
    for (let row = 0; row < g.outHeight; row++) {
      for (let column = 0; column < g.outWidth; column++) {
        for (let tap = 0; tap < g.filterHeight * g.filterWidth; tap++) {
          const y = row * g.strideHeight - g.padTop + Math.floor(tap / g.filterWidth);
          const x = column * g.strideWidth - g.padLeft + (tap % g.filterWidth);
          if (y < 0 || y >= g.inHeight || x < 0 || x >= g.inWidth) continue;
          const output = (image * g.outHeight + row) * g.outWidth + column;
          run((image * g.inHeight + y) * g.inWidth + x, tap, output);
        }
      }
    }
  }
}

/** What goes in and what comes out of a convolution, by its definition in double precision. */
export interface PlainConvolution {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly dy: Float32Array;
  readonly y: Float64Array;
  readonly dx: Float64Array;
  readonly dFilter: Float64Array;
}

/** Convolves random numbers, changed by `change`, and computes the gradients from random slopes. */
export function plainConvolution(
  g: Geometry,
  change: (value: number) => number = (value) => value,
): PlainConvolution {
  const { inChannels, outChannels } = g;
  const inputs = g.batch * g.inHeight * g.inWidth * inChannels;
  const outputs = g.batch * g.outHeight * g.outWidth * outChannels;
  const weights = g.filterHeight * g.filterWidth * inChannels * outChannels;
  const x = numbers(inputs, 1).map(change);
  const filter = numbers(weights, 2).map(change);
  const dy = numbers(outputs, 3).map(change);
  const [y, dx] = [new Float64Array(outputs), new Float64Array(inputs)];
  const dFilter = new Float64Array(weights);
  forEachTap(g, (input, tap, output) => {
    for (let i = 0; i < inChannels; i++) {
      for (let o = 0; o < outChannels; o++) {
        const [from, weight] = [input * inChannels + i, (tap * inChannels + i) * outChannels + o];
        const to = output * outChannels + o;
        y[to]! += x[from]! * filter[weight]!;
        dx[from]! += dy[to]! * filter[weight]!;
        dFilter[weight]! += x[from]! * dy[to]!;
      }
    }
  });
  return { x, filter, dy, y, dx, dFilter };
}
