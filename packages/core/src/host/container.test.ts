import "./reflect-polyfill.js";
import { container as globalContainer } from "tsyringe";
import { afterEach, expect, it, vi } from "vitest";
import { FactoryContainer } from "./container.js";

afterEach(() => vi.restoreAllMocks());

it("a factory runs when first asked for, and once", () => {
  const container = new FactoryContainer();
  const factory = vi.fn(() => ({}));
  const token = container.register("x", factory);
  expect(factory).not.toHaveBeenCalled();
  expect(container.resolve(token)).toBe(container.resolve(token));
  expect(factory).toHaveBeenCalledTimes(1);
});

it("nothing reaches the global container", () => {
  const register = vi.spyOn(globalContainer, "register");
  const container = new FactoryContainer();
  const token = container.register("x", () => 1);
  container.resolve(token);
  expect(register).not.toHaveBeenCalled();
  expect(globalContainer.isRegistered(token, true)).toBe(false);
});

it("containers share nothing, even under equal labels", () => {
  const [one, two] = [new FactoryContainer(), new FactoryContainer()];
  const [first, second] = [one.register("x", () => 1), two.register("x", () => 2)];
  expect([one.resolve(first), two.resolve(second)]).toEqual([1, 2]);
  expect(() => one.resolve(second)).toThrow();
});

it("an error thrown by a factory comes through as it is", () => {
  const container = new FactoryContainer();
  const error = new RangeError("no");
  const token = container.register("x", () => {
    throw error;
  });
  expect(() => container.resolve(token)).toThrow(error);
});
