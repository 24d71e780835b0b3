import { type MemoryRule, Rng } from "@isthmus/core";
import { toyStream } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { toyContext } from "../../test/toy-context.js";
import { type KeptImage, keptState, OnlineMemory } from "./online-memory.js";

const [first, second] = toyStream();
const count = second.train.count;
const reservoir = (size: number): MemoryRule => ({ policy: "reservoir", size });
const all = Array.from({ length: count }, (_, i) => i);
const contents = (memory: OnlineMemory) =>
  memory.contents() as unknown as { kept: readonly KeptImage[]; shown: number };
const labels = (memory: OnlineMemory) => contents(memory).kept.map(({ label }) => label);
const times = (values: readonly number[], value: number) => values.filter((each) => each === value).length;

describe("a memory that is filled image by image", () => {
  it("as a reservoir holds every image shown with the same probability, those kept before included", () => {
    const hits = new Map<string, number>();
    const runs = 400;
    const size = 12;
    for (let seed = 0; seed < runs; seed++) {
      const memory = new OnlineMemory(toyContext([0, 1, 2, 3, 4, 5], { memoryRule: reservoir(size) }));
      for (const index of all) memory.offer([index], Rng.seed(seed).fork(String(index)));
      const { kept, shown } = contents(memory);
      expect([kept.length, shown]).toEqual([size, 6 + count]);
      for (const { task, index } of kept) {
        const image = `${task}/${index}`;
        hits.set(image, (hits.get(image) ?? 0) + 1);
      }
    }
    const expected = (runs * size) / (6 + count);
    const deviation = Math.sqrt(expected * (1 - size / (6 + count)));
    for (const image of ["0/0", "0/5", "1/0", `1/${count - 1}`])
      expect(Math.abs((hits.get(image) ?? 0) - expected), image).toBeLessThan(5 * deviation);
  });

  it("as a reservoir replaces by algorithm R, one draw for each image once it is full", () => {
    const memory = new OnlineMemory(toyContext([7], { memoryRule: reservoir(3) }));
    memory.offer(all, Rng.seed(5));
    const rng = Rng.seed(5);
    const slots = ["0/7"];
    for (const index of all) {
      const shown = 1 + index;
      const slot = shown < 3 ? shown : rng.int(shown + 1);
      if (slot < 3) slots[slot] = `1/${index}`;
    }
    expect(contents(memory).kept.map(({ task, index }) => `${task}/${index}`)).toEqual(slots);
  });

  it("that is balanced holds as many of each class, and takes from the largest only", () => {
    // The first task has classes 0 and 1 in turn, the second 0 and 2.
    const kept = [0, 1, 2, 3, 4, 5, 6, 7];
    const memory = new OnlineMemory(toyContext(kept, { memoryRule: { policy: "balanced", size: 9 } }));
    expect([0, 1, 2].map((label) => times(labels(memory), label))).toEqual([4, 4, 0]);
    for (const [shown, index] of all.entries()) {
      const before = labels(memory);
      memory.offer([index], Rng.seed(shown));
      const after = labels(memory);
      expect(after.length).toBe(9);
      const changed = after.findIndex((label, slot) => label !== before[slot]);
      if (changed < 0 || before.length < 9) continue;
      const largest = Math.max(...[0, 1, 2].map((label) => times(before, label)));
      expect(times(before, before[changed])).toBe(largest);
    }
    expect([0, 1, 2].map((label) => times(labels(memory), label))).toEqual([3, 3, 3]);
  });

  it("draws images without repetition, and no more than there are", () => {
    const memory = new OnlineMemory(toyContext([3, 5, 8], { memoryRule: reservoir(3) }));
    const drawn = (n: number) => memory.draw(n, Rng.seed(0)).map(({ index }) => index);
    expect(drawn(9).toSorted()).toEqual([3, 5, 8]);
    expect(new Set(drawn(2)).size).toBe(2);
    const seen = new Set(Array.from({ length: 30 }, (_, seed) => memory.draw(1, Rng.seed(seed))[0]?.index));
    expect(seen.size).toBe(3);
  });

  it("asks for logits only where an image comes in, and leaves all in the order of the images", () => {
    const logits = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const extra = { kept: new Map([["logits", logits]]) };
    const memory = new OnlineMemory(toyContext([4, 9], { memoryRule: reservoir(4), extra }));
    let asked = 0;
    const rows = () => {
      asked++;
      return all.map((index) => [index, 0, -index]);
    };
    memory.offer([8, 2], Rng.seed(0), () => [
      [7, 7, 7],
      [2, 2, 2],
    ]);
    const { notes } = memory;
    const saved = notes.save();
    const state = keptState(saved, [first, second]);
    expect(state.memory).toEqual([
      [4, 9],
      [2, 8],
    ]);
    expect(state.details).toEqual({ shown: 4 });
    expect(state.extra?.kept.get("logits")).toEqual({
      shape: [4, 3],
      data: Float32Array.of(1, 2, 3, 4, 5, 6, 2, 2, 2, 7, 7, 7),
    });
    for (let seed = 0; seed < 200; seed++) memory.offer([seed % count], Rng.seed(seed), rows);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(60); // Σ 4/n for n = 5 … 204 is 15.3
    notes.restore(JSON.parse(JSON.stringify(saved)));
    expect(memory.contents()).toEqual(saved);
  });
});
