/** The MLflow release that {@link ensureMlflow} installs unless told otherwise; the one this package is tested with. */
export const MLFLOW_VERSION = "3.17.2";
