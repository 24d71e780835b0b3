import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** A small HTTP server on a free loopback port. */
export interface Loopback {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server that answers with `handler`. */
export async function startLoopback(handler: RequestListener): Promise<Loopback> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What happens to a request on its way: passed on, cut before or after the server did its work, or refused. */
export type Fate =
  | "pass"
  | "cut-before"
  | "cut-after"
  | { readonly status: number; readonly retryAfter?: string };

/** Starts a proxy in front of `target`; `decide` is asked about each request. */
export function startFaultyProxy(
  target: string,
  decide: (request: IncomingMessage) => Fate,
): Promise<Loopback> {
  return startLoopback((incoming, outgoing) => {
    const fate = decide(incoming);
    if (fate === "cut-before") return void incoming.socket.destroy();
    if (typeof fate === "object") {
      outgoing.writeHead(fate.status, fate.retryAfter ? { "retry-after": fate.retryAfter } : {});
      return void outgoing.end("try again");
    }
    forward(target, incoming, outgoing, fate === "cut-after");
  });
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, cut: boolean): void {
  const { method, url, headers } = incoming;
  const onward = request(`${target}${url}`, { method, headers, agent: false }, (answer) => {
    if (cut) {
      answer.resume().once("end", () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.once("error", () => incoming.socket.destroy());
  incoming.pipe(onward);
}

/** The body of a request as text. */
export async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
