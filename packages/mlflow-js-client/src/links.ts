/** What an experiment's page shows first. */
export interface ExperimentUrlOptions {
  /** Id of a saved view to open. */
  readonly view?: string | undefined;
  /** `chart`, or `artifact` (tables side by side); default: the runs table. */
  readonly mode?: "chart" | "artifact" | undefined;
}

/**
 * Address of an experiment's runs in MLflow's web pages. Without `workflowType=machine_learning` they open a page
 * about language-model traces.
 *
 * @param base tracking URI without a trailing slash.
 */
export function experimentUrl(
  base: string,
  experimentId: string,
  options: ExperimentUrlOptions = {},
): string {
  const query = new URLSearchParams({ workflowType: "machine_learning" });
  if (options.view !== undefined) query.set("viewStateShareKey", options.view);
  if (options.mode !== undefined) query.set("compareRunsMode", options.mode.toUpperCase());
  return `${base}/#/experiments/${encodeURIComponent(experimentId)}/runs?${query}`;
}

/** Address of one run in MLflow's web pages. */
export function runUrl(base: string, experimentId: string, runId: string): string {
  const page = `${encodeURIComponent(experimentId)}/runs/${encodeURIComponent(runId)}`;
  return `${base}/#/experiments/${page}?workflowType=machine_learning`;
}
