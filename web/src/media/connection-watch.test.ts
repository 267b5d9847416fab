import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionWatch } from "./connection-watch";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection of which each second has 100 packets, so many of them lost. */
class Way {
  lost = 0;
  /** Of each second, in which the picture stands. */
  frozen = 0;
  starved = false;
  gone = false;
  reports = 0;
  #at = Date.now();
  #lost = 0;
  #frozen = 0;

  readonly watch = new ConnectionWatch({
    report: () => (this.gone ? null : this.#report()),
    starved: () => this.starved,
    carried: () => new Map([["receiver", "ana's camera"]]),
  });

  async #report() {
    const seconds = (Date.now() - this.#at) / 1_000;
    this.#at = Date.now();
    this.#lost += seconds * this.lost;
    this.#frozen += seconds * this.frozen;
    this.reports += 1;
    const entry = {
      id: "I",
      type: "inbound-rtp",
      kind: "video",
      trackIdentifier: "receiver",
      timestamp: Date.now(),
      bytesReceived: Date.now(),
      packetsReceived: Date.now() / 10,
      packetsLost: this.#lost,
      totalFreezesDuration: this.#frozen,
    };
    return new Map([["I", entry]]);
  }

  after = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);
  own = () => this.watch.quality.get().own;
  weak = () => [...this.watch.quality.get().weak];
}

test("the own connection is graded, and only what lasts counts", async () => {
  const way = new Way();
  const stop = way.watch.start();
  expect(way.own()).toBeNull();
  await way.after(8);
  expect(way.own()).toBe("good");
  way.lost = 20;
  await way.after(4);
  expect(way.own()).toBe("good");
  await way.after(4);
  expect(way.own()).toBe("poor");
  way.lost = 5;
  await way.after(8);
  expect(way.own()).toBe("fair");
  way.lost = 0;
  way.starved = true;
  await way.after(8);
  expect(way.own()).toBe("fair");
  stop();
  expect(way.own()).toBeNull();
});

test("somebody whose picture stands is weak, unless one's own way explains it", async () => {
  const way = new Way();
  way.watch.start();
  way.frozen = 0.4;
  await way.after(8);
  expect(way.weak()).toEqual([]);
  await way.after(4);
  expect(way.weak()).toEqual(["ana's camera"]);
  way.lost = 20;
  await way.after(4);
  expect(way.weak()).toEqual([]);
});

test("nobody is told while nothing changes", async () => {
  const way = new Way();
  way.watch.start();
  await way.after(8);
  const told = vi.fn();
  way.watch.quality.subscribe(told);
  way.watch.figures.subscribe(told);
  await way.after(60);
  expect(told).not.toHaveBeenCalled();
});

test("figures are there while they are read, each second", async () => {
  const way = new Way();
  way.watch.start();
  const close = way.watch.read();
  await way.after(2);
  expect(way.watch.figures.get()?.received).toBe(8_000);
  const told = vi.fn();
  way.watch.figures.subscribe(told);
  await way.after(5);
  expect(told).toHaveBeenCalledTimes(5);
  close();
  expect(way.watch.figures.get()).toBeNull();
});

test("a connection that is gone is not compared with the next", async () => {
  const way = new Way();
  way.watch.start();
  await way.after(8);
  way.gone = true;
  await way.after(4);
  expect(way.own()).toBeNull();
  way.gone = false;
  await way.after(4);
  expect(way.own()).toBeNull();
  await way.after(4);
  expect(way.own()).toBe("good");
});
