import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { measureTextWithBundledFont } from "./fonts.js";
import { messageOf, PlotError } from "./plot-error.js";
import { sealedLoader } from "./sealed-loader.js";
import type { Spec } from "./spec.js";
import { theme } from "./theme.js";

/** How to draw one figure. */
export interface RenderOptions {
  /** vega-lite `config` under the figure's own; the package's {@link theme} unless given. */
  readonly theme?: Spec;
  /** Called with each remark of vega-lite and vega, such as an empty domain; they are dropped otherwise. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Draws a vega-lite specification as SVG, without a browser and without network. Text is laid out for DejaVu Sans.
 * The same specification gives the same string, however many are drawn at once.
 *
 * @throws PlotError `plot/spec-invalid` where vega-lite rejects the specification, `plot/external-data` where it points
 * at a file or address, `plot/render-failed` where drawing fails.
 * @example
 * const svg = await renderSvg(lineChart({ xTitle: "t", yTitle: "loss", series: [{ name: "linear", x: [0, 1], y: [0.3, 0.4] }] }));
 */
export async function renderSvg(spec: Spec, options: RenderOptions = {}): Promise<string> {
  measureTextWithBundledFont();
  const failures: unknown[] = [];
  const logger = collectingLogger(failures, options.onWarning);
  const loader = sealedLoader();
  const runtime = toRuntime(spec, options.theme ?? theme, logger);
  const view = new vega.View(runtime, { renderer: "none", logger, loader });
  try {
    await view.runAsync();
    const svg = await view.toSVG();
    loader.check();
    if (failures.length > 0) throw failures[0];
    return renumberDefinitions(svg);
  } catch (cause) {
    if (cause instanceof PlotError) throw cause;
    throw new PlotError({
      code: "plot/render-failed",
      message: `The figure compiles, but drawing it failed: ${messageOf(cause)}`,
      hint: "Check the expressions, transforms and fields of the specification against its data.",
      cause,
    });
  } finally {
    view.finalize();
  }
}

function toRuntime(spec: Spec, config: Spec, logger: vega.LoggerInterface): vega.Runtime {
  const schema = spec?.$schema;
  const isVega = typeof schema === "string" && /\/schema\/vega\//.test(schema);
  try {
    if (isVega) throw new Error("its $schema names vega, not vega-lite");
    const compiled = compile(spec as unknown as TopLevelSpec, { config, logger });
    return vega.parse(compiled.spec);
  } catch (cause) {
    throw new PlotError({
      code: "plot/spec-invalid",
      message: `The specification is not vega-lite that compiles: ${messageOf(cause)}`,
      hint: "A figure is one vega-lite 6 specification: plain JSON with data.values, a mark and an encoding, or a composition (layer, hconcat, vconcat, facet) of such.",
      cause,
    });
  }
}

/** vega reports errors of a running view to its logger only; keep them. */
function collectingLogger(
  failures: unknown[],
  onWarning: ((message: string) => void) | undefined,
): vega.LoggerInterface {
  const logger: vega.LoggerInterface = {
    level: ((level?: number) => (level === undefined ? vega.Warn : logger)) as vega.LoggerInterface["level"],
    error: (...thrown) => {
      failures.push(thrown[0]);
      return logger;
    },
    warn: (...words) => {
      onWarning?.(words.map(messageOf).join(" "));
      return logger;
    },
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** vega counts clip paths and gradients over the whole process; count them from zero in each picture. */
function renumberDefinitions(svg: string): string {
  const numbers = new Map<string, string>();
  return svg.replace(
    /(id="|url\(#)(clip|gradient_)(\d+)/g,
    (_, before: string, kind: string, old: string) => {
      const name = kind + old;
      const renumbered = numbers.get(name) ?? `${kind}${numbers.size}`;
      numbers.set(name, renumbered);
      return before + renumbered;
    },
  );
}
