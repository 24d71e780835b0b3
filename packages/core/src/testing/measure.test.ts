import { beforeAll, describe, expect, it } from "vitest";
import { useBackend } from "../numerics/engine/engine.js";
import { tf } from "../numerics/engine/tf.js";
import { leakedTensors } from "./measure.js";

describe.each(["wasm", "cpu"])("the leak count on %s", (name) => {
  beforeAll(async () => {
    await useBackend(name);
  });

  it("is 0 where everything is freed", async () => {
    const work = async () => tf.tidy(() => tf.square(tf.tensor1d([1, 2])).dataSync());
    expect(await leakedTensors(work)).toBe(0);
  });

  it("counts tensors that stay, those that share their memory too", async () => {
    const kept: tf.Tensor[] = [];
    expect(await leakedTensors(async () => kept.push(tf.tensor1d([1]), tf.tensor1d([2])))).toBe(2);
    expect(await leakedTensors(async () => kept.push(tf.clone(kept[0])))).toBe(1);
    tf.dispose(kept);
  });

  it("counts buffers that belong to no tensor, as a kernel makes them", async () => {
    const made: object[] = [];
    const backend = tf.backend();
    const work = async () => made.push(backend.write(Float32Array.of(1), [1], "float32"));
    expect(await leakedTensors(work)).toBe(1);
    for (const dataId of made) backend.disposeData(dataId);
  });
});
