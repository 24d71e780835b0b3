import { type Command, InvalidArgumentError } from "commander";

/** Options of commands that make a network. */
export interface NetworkOptions {
  readonly out: string;
  readonly set?: readonly string[];
  readonly seed: number;
  readonly torch?: boolean;
  readonly trackingUri?: string;
  readonly json?: boolean;
}

function seedNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 0.");
}

/** Adds the options that every command has which makes a network. */
export function addNetworkOptions(command: Command): Command {
  return command
    .requiredOption(
      "-o, --out <file>",
      "checkpoint to write (safetensors); an existing file is replaced, in one go",
    )
    .option("--seed <n>", "seed of everything that is drawn at random", seedNumber, 0)
    .option("--torch", "write it under the names and in the layouts of PyTorch's state dict")
    .option("--tracking-uri <uri>", "MLflow server to send the run to (MLFLOW_TRACKING_URI)")
    .option("--json", "print one JSON document, and nothing else, on stdout");
}
