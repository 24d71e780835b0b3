import "./reflect-polyfill.js";
import { container as globalContainer, instanceCachingFactory } from "tsyringe";

/**
 * The dependency-injection container of one host: a child of tsyringe's global container, in which nothing is ever registered.
 * Factories stand under symbols of their own, so that nothing collides; each runs when it is first asked for and not again.
 */
export class FactoryContainer {
  readonly #container = globalContainer.createChildContainer();

  /** Registers a factory and gives the token to resolve it by; `label` is for debugging only. */
  register(label: string, factory: () => unknown): symbol {
    const token = Symbol(label);
    this.#container.register(token, { useFactory: instanceCachingFactory(factory) });
    return token;
  }

  resolve(token: symbol): unknown {
    return this.#container.resolve<unknown>(token);
  }
}
