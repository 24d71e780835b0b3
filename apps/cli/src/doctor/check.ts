/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `note`: not there, and not needed; `warning`: missing, and a recipe may need it; `broken`: nothing works without it. */
  readonly status: "ok" | "note" | "warning" | "broken";
  /** What was found. */
  readonly message: string;
  /** What to do about it, where it is not ok. */
  readonly fix?: string;
}
