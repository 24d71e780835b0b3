import { engine, tf } from "@isthmus/core";
import { beforeAll, expect, it } from "vitest";
import { distillation } from "./distillation.js";

beforeAll(() => engine());

const z = [
  [0.3, -1.2, 2.5, 0.4],
  [1.5, 0.1, -0.7, -2],
];
const teacher = [
  [1.1, 0.2, -0.5, 9],
  [-0.4, 0.8, 0.3, -9],
];
const softmax = (row: number[]) => {
  const powers = row.map(Math.exp);
  const total = powers.reduce((a, b) => a + b);
  return powers.map((each) => each / total);
};
const of = (logits: number[][], classes: number[], temperature: number) =>
  tf.tidy(() => distillation(tf.tensor2d(logits), tf.tensor2d(teacher), classes, temperature).dataSync()[0]);

it("is the cross-entropy between the softened answers among the classes", () => {
  for (const [classes, temperature] of [
    [[0, 1, 2], 2],
    [[2, 0], 1],
  ] as const) {
    const soft = (row: number[]) => softmax(classes.map((c) => row[c] / temperature));
    const rows = z.map((row, i) => {
      const [p, q] = [soft(teacher[i]), soft(row)];
      return -p.reduce((sum, each, c) => sum + each * Math.log(q[c]), 0);
    });
    expect(of(z, [...classes], temperature)).toBeCloseTo((rows[0] + rows[1]) / 2, 5);
  }
});

it("is least at the teacher's own answers, and does not look at other classes", () => {
  const elsewhere = teacher.map((row) => row.map((value, c) => (c === 3 ? -value : value)));
  expect(of(elsewhere, [0, 1, 2], 2)).toBe(of(teacher, [0, 1, 2], 2));
  expect(of(teacher, [0, 1, 2], 2)).toBeLessThan(of(z, [0, 1, 2], 2));
  const slope = tf.tidy(() => {
    const [target, own] = [tf.tensor2d(teacher), tf.tensor2d(teacher)];
    const gradient = tf.grad((z: tf.Tensor) => distillation(z, target, [0, 1, 2], 2))(own);
    return Math.max(...tf.abs(gradient).dataSync());
  });
  expect(slope).toBeLessThan(1e-7);
});
