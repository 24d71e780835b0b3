// Started by probe-backend.ts: measures one backend in a process that a native library may take down.
import { isIsthmusError } from "@isthmus/core";
import { type MeasureRequest, measureBackend } from "./measure-backend.js";

process.once("message", async (request: MeasureRequest) => {
  const answer = await measureBackend(request).then(
    (measured) => ({ measured }),
    (error: Error) => ({ problem: isIsthmusError(error) ? error.message : String(error.stack) }),
  );
  process.send?.(answer, () => process.exit(0)); // a library's threads would keep it alive
});
