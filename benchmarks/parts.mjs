// The parts of the suite, in the order of the page: each gives the Markdown of its section.
import { pipeline } from "./pipeline/run.mjs";
import { training } from "./training/run.mjs";

export const PARTS = {
  training: { title: "Training", measure: training },
  pipeline: { title: "A whole experiment", measure: pipeline },
};
