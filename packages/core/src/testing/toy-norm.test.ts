import { beforeAll } from "vitest";
import { useBackend } from "../numerics/engine/engine.js";
import { initialize } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { architectureStatisticsLaws } from "./architecture-statistics-laws.js";
import { toyData } from "./fixtures.js";
import { toyNormModel } from "./toy-norm.js";

beforeAll(async () => {
  await useBackend("wasm");
});

const model = toyNormModel();
architectureStatisticsLaws({ model, params: initialize(model, Rng.seed(0)), data: toyData(0, 12) });
