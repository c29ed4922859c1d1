// What every script here shares: connecting the stock client, waiting for an event, ending with a result.
// Arguments come as JSON in TEACHING_NB_SCENE: {url, token, documentId}. The last line of stdout is the result.

import { io } from "socket.io-client";

const TIMEOUT = 10_000;

export const scene = JSON.parse(process.env.TEACHING_NB_SCENE);

export function connect(token = scene.token) {
  const socket = io(scene.url, { auth: { token }, transports: ["websocket"], forceNew: true, reconnection: false });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", (error) => reject(new Error(error.message)));
  });
}

export function next(socket, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${TIMEOUT} ms`)), TIMEOUT);
    socket.once(event, (payload) => {
      clearTimeout(timer);
      resolve(payload);
    });
  });
}

export function ask(socket, event, payload) {
  return socket.timeout(TIMEOUT).emitWithAck(event, payload);
}

export async function request(method, path, body, headers = {}) {
  const response = await fetch(`${scene.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${scene.token}`, "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

export async function run(play) {
  try {
    const result = await play();
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  }
}
