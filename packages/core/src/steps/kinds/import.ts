import { z } from "zod";
import { defineStep } from "../../contracts/step.js";
import { IsthmusError } from "../../errors/isthmus-error.js";

const options = z.strictObject({
  sha256: z.string().describe("of the network's weights and model"),
  spec: z.strictObject({
    architecture: z.string(),
    options: z.json(),
    task: z.strictObject({ inputShape: z.array(z.number().int().positive()), classes: z.number().int() }),
  }),
});

/** A network that came from a file. It is never computed: `importNetwork` keeps it in the store when the file is read. */
export const importStep = defineStep({
  name: "import",
  options,
  dependencies: ({ spec }) => ({ contributions: [{ kind: "architecture", name: spec.architecture }] }),
  async run() {
    throw new IsthmusError({
      code: "store/import-missing",
      message: "A network that was read from a file is no longer in the project's store.",
      hint: "Start the same command again: it reads the file once more.",
    });
  },
});
