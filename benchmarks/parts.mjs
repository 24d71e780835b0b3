// The parts of the suite, in the order of the page: each gives the Markdown of its section.
import { fileURLToPath } from "node:url";
import { machineLine } from "./lib/machine.mjs";
import { textOf } from "./lib/turns.mjs";
import { pipeline } from "./pipeline/run.mjs";
import { training } from "./training/run.mjs";
import { vgg } from "./vgg/run.mjs";

/** A part that is a program of its own: what it prints, as it prints it. */
function program(file, ...args) {
  return async () => {
    const machine = machineLine();
    const { text } = await textOf(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args]);
    return `${machine}.\n\n\`node benchmarks/${[file, ...args].join(" ")}\`\n\n\`\`\`text\n${text.trim()}\n\`\`\``;
  };
}

export const PARTS = {
  training: { title: "Training", measure: training },
  vgg: { title: "Training a convolutional network", measure: vgg },
  pipeline: { title: "A whole experiment", measure: pipeline },
  plane: { title: "A plane of networks", measure: program("plane.mjs", "21") },
  ot: {
    title: "Exact optimal transport",
    measure: program("ot/run.mjs", "512", "1024", "2048", "4096", "1024x800"),
  },
};
