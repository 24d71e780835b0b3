import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyedStep } from "./plan-keys.js";
import { Schedule } from "./schedule.js";

function step(id: string, parents: readonly string[] = [], key = id): KeyedStep {
  return { id, key, kind: "x", options: {}, inputs: { of: parents }, description: {}, plugins: {} };
}

const mapOf = (steps: readonly KeyedStep[]) => new Map(steps.map((each) => [each.id, each]));

/** Steps of two seeds: two networks, their fusion and its evaluation, and a network that nothing is made of. */
const plan = [0, 1].flatMap((seed) => [
  step(`joint ${seed}`),
  step(`a ${seed}`),
  step(`b ${seed}`),
  step(`fuse ${seed}`, [`a ${seed}`, `b ${seed}`]),
  step(`evaluate ${seed}`, [`fuse ${seed}`]),
]);

/** Takes and finishes one unit after another; gives their ids. */
function drain(schedule: Schedule): readonly string[] {
  const ids: string[] = [];
  for (let unit = schedule.take(); unit !== undefined; unit = schedule.take()) {
    ids.push(unit.step.id);
    schedule.finish(unit.key);
  }
  return ids;
}

describe("a schedule", () => {
  it("goes through the plan in its order", () => {
    expect(drain(new Schedule(mapOf(plan), new Set(), false))).toEqual(plan.map(({ id }) => id));
  });

  it("begins with what most other work waits for where several units are computed at once", () => {
    const ids = drain(new Schedule(mapOf(plan), new Set(), true));
    expect(ids.slice(0, 4)).toEqual(["a 0", "b 0", "a 1", "b 1"]);
    expect(ids.slice(4, 6)).toEqual(["fuse 0", "fuse 1"]);
    expect(new Set(ids)).toEqual(new Set(plan.map(({ id }) => id)));
  });

  it("begins what trains before what does not, where as many wait for both", () => {
    const steps = [step("average"), step("evaluate", ["average"]), { ...step("curve"), trains: true }];
    expect(drain(new Schedule(mapOf(steps), new Set(), true))).toEqual(["curve", "average", "evaluate"]);
    expect(drain(new Schedule(mapOf(steps), new Set(), false))).toEqual(["average", "evaluate", "curve"]);
  });

  it("gives a unit once everything it reads is finished, and only once", () => {
    const schedule = new Schedule(mapOf(plan.slice(0, 4)), new Set(["joint 0", "a 0"]), false);
    expect(schedule.take()?.key).toBe("b 0");
    expect(schedule.take()).toBeUndefined();
    schedule.finish("b 0");
    expect(schedule.take()?.key).toBe("fuse 0");
    expect(schedule.size).toBe(1);
  });

  it("makes one unit of steps with one key", () => {
    const twin = step("twin", [], "a");
    const reader = step("reader", ["a", "twin"]);
    const schedule = new Schedule(mapOf([step("a"), twin, reader]), new Set(), true);
    const unit = schedule.take();
    expect(unit?.steps.map(({ id }) => id)).toEqual(["a", "twin"]);
    expect(schedule.take()).toBeUndefined();
    expect(schedule.finish("a")).toEqual([]);
    expect(schedule.take()?.steps).toEqual([reader]);
    expect(schedule.finish("reader")).toEqual(["a", "reader"]);
  });

  it("tells which results are not read any more: those of steps that were there before too", () => {
    const schedule = new Schedule(mapOf(plan.slice(0, 5)), new Set(["a 0", "b 0"]), false);
    expect(schedule.finish("joint 0")).toEqual(["joint 0"]);
    expect(schedule.finish("fuse 0")).toEqual(["a 0", "b 0"]);
    expect(schedule.finish("evaluate 0")).toEqual(["fuse 0", "evaluate 0"]);
  });

  it("gives up what depends on a unit that is dropped, and nothing else", () => {
    const schedule = new Schedule(mapOf(plan), new Set(), false);
    schedule.finish("a 0");
    expect(schedule.drop("b 0")).toEqual(["fuse 0", "a 0", "b 0"]);
    expect(drain(schedule)).toEqual(["joint 0", "joint 1", "a 1", "b 1", "fuse 1", "evaluate 1"]);
    expect(schedule.size).toBe(0);
  });

  it("gives every unit exactly once and after those it reads, whatever the graph and however many are under way", () => {
    const graphs = fc.array(fc.array(fc.nat(11), { maxLength: 3 }), { maxLength: 12 });
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 4 }), fc.boolean(), (graph, width, longestFirst) => {
        const steps = graph.map((parents, i) => {
          return step(`${i}`, i === 0 ? [] : parents.map((parent) => `${parent % i}`));
        });
        const schedule = new Schedule(mapOf(steps), new Set(), longestFirst);
        const [running, finished, released] = [[] as KeyedStep[], new Set<string>(), [] as string[]];
        for (;;) {
          while (running.length < width) {
            const unit = schedule.take();
            if (unit === undefined) break;
            for (const parent of unit.step.inputs.of ?? []) expect(finished).toContain(parent);
            running.push(unit.step);
          }
          const done = running.shift();
          if (done === undefined) break;
          expect(finished).not.toContain(done.id);
          finished.add(done.id);
          released.push(...schedule.finish(done.key));
        }
        expect(finished.size).toBe(steps.length);
        expect(released.sort()).toEqual([...finished].sort());
      }),
    );
  });
});
