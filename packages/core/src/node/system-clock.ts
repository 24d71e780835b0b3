import { randomUUID } from "node:crypto";
import type { Clock, Ids } from "../contracts/ports.js";

/** The machine's time. */
export const systemClock: Clock = { now: () => Date.now() };

/** Random identifiers (UUID version 4, without hyphens). */
export const randomIds: Ids = { next: () => randomUUID().replaceAll("-", "") };
