// The program of a worker process. Ctrl-C in a terminal reaches the whole process group: the parent decides what it means, so the
// signals are silenced before anything that takes time is loaded.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => {});
process.stderr.on("error", () => {}); // a terminal that was closed

const { serveWorker } = await import("./serve-worker.js");
serveWorker();
