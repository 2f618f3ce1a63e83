import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Server } from './server';

type Message = Record<string, unknown>;

/** Stands between a page and a server, and changes what the server says. */
export async function changing(server: Server, change: (message: Message) => void) {
  const http = createServer((asked, answer) => {
    const headers = {
      ...asked.headers,
      host: new URL(server.http).host,
      authorization: `Bearer ${server.token}`,
    };
    delete (headers as Message).origin;
    const { method, url } = asked;
    const forwarded = request(server.http + url, { method, headers }, (found) => {
      answer.writeHead(found.statusCode!, found.headers);
      found.pipe(answer);
    });
    asked.pipe(forwarded);
  });
  const sockets = new WebSocketServer({ server: http, path: '/ws' });
  sockets.on('connection', (page) => {
    const headers = { Authorization: `Bearer ${server.token}` };
    const real = new WebSocket(`${server.http.replace('http', 'ws')}/ws`, 'atheria.v1', {
      headers,
    });
    real.on('message', (data, binary) => {
      if (binary) return page.send(data);
      const message = JSON.parse(String(data)) as Message;
      change(message);
      page.send(JSON.stringify(message));
    });
    real.on('close', () => page.close());
    page.on('message', (data, binary) => real.send(data, { binary }));
    page.on('close', () => real.close());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    sockets.clients.forEach((page) => page.terminate());
    http.close();
  };
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`, stop };
}
