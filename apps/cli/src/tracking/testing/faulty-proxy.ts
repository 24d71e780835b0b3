import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of a request: passed on, or passed on while its answer gets lost; or it is answered with a status. */
export type Fate = "pass" | "lose-answer" | number;

/** A server in front of another. */
export interface FaultyProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a proxy on a free loopback port that asks `decide` about each request. */
export async function startFaultyProxy(target: string, decide: (path: string) => Fate): Promise<FaultyProxy> {
  const server = createServer((incoming, outgoing) => {
    const fate = decide(incoming.url ?? "");
    if (typeof fate === "number") {
      incoming.resume();
      outgoing.writeHead(fate).end("not now");
    } else forward(target, incoming, outgoing, fate === "lose-answer");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, lose: boolean): void {
  const { method, url, headers } = incoming;
  const onward = request(`${target}${url}`, { method, headers, agent: false }, (answer) => {
    if (lose) {
      answer.resume().once("end", () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.once("error", () => incoming.socket.destroy());
  incoming.pipe(onward);
}
