import type { SingleBar } from "cli-progress";
import type { Output } from "../context.js";
import { bars } from "../progress/progress-bars.js";

/** Packages that come with MLflow, about; only the length of the bar depends on it. */
const PACKAGES = 90;

/** Shows an installation that says a line for each thing it does. */
export interface InstallNotes {
  line(text: string): void;
  end(): void;
}

/** Whole sentences as lines; the installer's own many lines as a bar of packages on a terminal, and not at all elsewhere. */
export function installNotes(output: Output): InstallNotes {
  let multi: ReturnType<typeof bars> | undefined;
  let bar: SingleBar | undefined;
  const end = () => {
    multi?.stop();
    multi = undefined;
    bar = undefined;
  };
  return {
    line: (text) => {
      const name = /^Collecting ([\w.-]+)/.exec(text)?.[1];
      if (name !== undefined) {
        if (!output.isTerminal) return;
        multi ??= bars();
        bar ??= multi.create(PACKAGES, 0, { label: "packages", note: "" });
        bar.increment(1, { note: name });
      } else if (/^(Installing collected)/.test(text)) {
        end();
        output.line("Unpacking (about half a minute)…");
      } else if (/^(Creating|Installing MLflow|MLflow|Waiting)/.test(text)) {
        end();
        output.line(text);
      }
    },
    end,
  };
}
