// @vitest-environment node
// The connection of a page to the hub: when it is tried again, and that Socket.IO tells what decides on that.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { type Follower, HubLine, lineTo, type Wire } from "../../src/live/hub-line";
import { NOBODY_THERE } from "../../src/schema/closing";
import { FakeHub } from "../fake-hub";

const TRY_AGAIN_LATER = 1013;
const SECONDS = 30_000;

let ups: number;
const follower: Follower = {
  onUp: () => {
    ups += 1;
  },
  onDown: () => {},
};

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  ups = 0;
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a page whose Jupyter server", () => {
  let server: Server;
  let sockets: WebSocketServer;
  let opened: number;
  let take: (socket: WebSocket) => void;

  beforeEach(async () => {
    // Browsers have it, and Node.js from version 22 on.
    vi.stubGlobal("WebSocket", WebSocket);
    opened = 0;
    server = createServer((_request, response) => {
      response.setHeader("Content-Type", "application/json").end('{"id":"u1"}');
    });
    sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket) => {
      opened += 1;
      take(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterEach(async () => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    vi.unstubAllGlobals();
  });

  test("has found no hub tries again at once, and is connected when there is one", {
    timeout: 2 * SECONDS,
  }, async () => {
    take = (socket) => (opened < 4 ? socket.close(TRY_AGAIN_LATER, NOBODY_THERE) : welcome(socket));
    const line = lineTo(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/teaching/static/teaching.js`,
    );

    line.follow(follower);
    // Until an attempt counts as timed out it takes 15 s.
    await vi.waitUntil(() => ups === 1, { timeout: SECONDS, interval: 10 });
    const { user } = line;
    line.unfollow(follower);

    expect([user, opened]).toEqual(["u1", 4]);
  });
});

/** What a hub says first, and to whoever wants to be let in. */
function welcome(socket: WebSocket): void {
  const opening = {
    sid: "s",
    upgrades: [],
    pingInterval: 25_000,
    pingTimeout: 20_000,
    maxPayload: 1_000_000,
  };
  socket.send(`0${JSON.stringify(opening)}`);
  socket.on("message", () => socket.send('40{"sid":"s"}'));
}

describe("the next attempt", () => {
  let attempts: number[];
  let tell: (event: string, payload?: object) => void;
  let end: (reason: string) => void;
  let line: HubLine;

  beforeEach(async () => {
    vi.useFakeTimers();
    attempts = [];
    line = new HubLine({
      askUser: async () => "u1",
      makeWire: async () => aWire(),
      onEnd: (_wire, listener) => {
        end = listener;
      },
      random: () => 1,
    });
    line.follow(follower);
    await vi.advanceTimersByTimeAsync(0);
  });

  afterEach(() => {
    line.unfollow(follower);
    vi.useRealTimers();
  });

  function aWire(): Wire {
    const listeners = new Map<string, (payload: never) => void>();
    tell = (event, payload = {}) => listeners.get(event)?.(payload as never);
    return {
      on: (event, listener) => listeners.set(event, listener),
      emit: () => {},
      connect: () => attempts.push(Date.now()) as never,
      disconnect: () => tell("disconnect") as never,
    };
  }

  /** The seconds until the next attempts, when each ends so. */
  async function waits(fail: () => void, count = 4): Promise<number[]> {
    const found: number[] = [];
    while (found.length < count) {
      const [failedAt, before] = [Date.now(), attempts.length];
      fail();
      while (attempts.length === before) await vi.advanceTimersByTimeAsync(50);
      found.push(((attempts.at(-1) as number) - failedAt) / 1000);
    }
    return found;
  }

  test.each<[string, () => void]>([
    ["the Jupyter server cannot be reached", () => tell("connect_error", { type: "TransportError" })],
    ["the Jupyter server has found no hub", () => end(NOBODY_THERE)],
  ])("comes soon when %s", async (_name, fail) => {
    expect(await waits(fail)).toEqual([1, 2, 2.5, 2.5]);
  });

  test.each<[string, () => void]>([
    ["the hub refuses", () => tell("connect_error", { message: "unauthorized" })],
    ["the hub keeps silent", () => tell("connect_error", new Error("timeout"))],
    ["the Jupyter server gives another reason", () => end("too many connections, the limit is 50")],
    ["there is no reason", () => end("")],
  ])("leaves the hub alone longer and longer when %s", async (_name, fail) => {
    expect(await waits(fail)).toEqual([1, 2, 4, 8]);
  });

  async function liveFor(milliseconds: number): Promise<void> {
    tell("connect");
    await vi.advanceTimersByTimeAsync(milliseconds);
    expect(line.user).toBe("u1");
  }

  test.each([
    [3_000, 1],
    [1_000, 16],
  ])("after a connection of %s ms comes within %s s", async (milliseconds, seconds) => {
    await waits(() => tell("connect_error"));
    await liveFor(milliseconds);

    expect(await waits(() => tell("disconnect"), 1)).toEqual([seconds]);
  });

  test("is not made twice when Socket.IO and the connection tell the same", async () => {
    await waits(() => {
      end(NOBODY_THERE);
      tell("connect_error", { type: "TransportError" });
      end("");
    }, 2);

    expect(attempts).toHaveLength(3);
  });
});

describe("what somebody has", () => {
  test("is heard as long as somebody listens, and asked for again after a lost connection", async () => {
    vi.useFakeTimers();
    const hub = new FakeHub();
    const line = hub.line();
    const heard: string[] = [];
    const listener = (name: string) => ({
      onDocument: ({ id }: { id: string }) => heard.push(`${name} ${id}`),
      onDocuments: () => heard.push(`${name} list`),
    });
    const [one, other] = [listener("one"), listener("other")];
    line.follow(follower);
    line.followDocuments("ada", one);
    await vi.advanceTimersByTimeAsync(10);
    const asked = () =>
      hub.wires.flatMap((wire) => wire.askedOf("FOLLOW_DOCUMENTS")).map(({ payload }) => payload);
    expect(asked()).toEqual([{ userId: "ada", on: true }]);
    line.followDocuments("ada", other);
    expect(heard).toEqual(["one list", "other list"]);

    hub.wires[0]?.tell("CHANGED_DOCUMENT", { id: "d1", data: {}, updatedAt: "" });
    hub.wires[0]?.tell("NEW_RECORD", { type: "User", record: {} });
    hub.wires[0]?.tell("DELETED_RECORD", { type: "Document", id: "d2" });
    expect(heard.splice(0)).toEqual([
      "one list",
      "other list",
      "one d1",
      "other d1",
      "one list",
      "other list",
    ]);
    hub.die();
    hub.isAlive = true;
    await vi.advanceTimersByTimeAsync(SECONDS);
    expect(heard.splice(0)).toEqual(["one list", "other list"]);

    line.unfollowDocuments("ada", one);
    line.unfollowDocuments("ada", one);
    expect(asked()).toHaveLength(2);
    line.unfollowDocuments("ada", other);
    hub.wires.at(-1)?.tell("CHANGED_DOCUMENT", { id: "d1", data: {}, updatedAt: "" });
    expect(asked().at(-1)).toEqual({ userId: "ada", on: false });
    expect(heard).toEqual([]);
    line.unfollow(follower);
    vi.useRealTimers();
  });
});

describe("presence", () => {
  test("is heard as long as somebody listens, and asked for again after a lost connection", async () => {
    vi.useFakeTimers();
    const hub = new FakeHub();
    const line = hub.line();
    const heard: [string, number][] = [];
    const listener = { onPresence: (counts: [string, number][]) => heard.push(...counts) };
    line.followPresence(listener);
    line.follow(follower);
    await vi.advanceTimersByTimeAsync(10);
    const asked = () =>
      hub.wires.flatMap((wire) => wire.askedOf("FOLLOW_PRESENCE")).map(({ payload }) => payload);
    expect(asked()).toEqual([{ on: true }]);

    hub.wires[0]?.tell("CONNECTED_CLIENTS", { rooms: [["ada", 1]], type: "update" });
    hub.die();
    hub.isAlive = true;
    await vi.advanceTimersByTimeAsync(SECONDS);
    expect(asked()).toEqual([{ on: true }, { on: true }]);

    line.unfollowPresence(listener);
    hub.wires.at(-1)?.tell("CONNECTED_CLIENTS", { rooms: [["ada", 0]], type: "update" });
    expect(asked().at(-1)).toEqual({ on: false });
    expect(heard).toEqual([["ada", 1]]);
    line.unfollow(follower);
    vi.useRealTimers();
  });
});
