import { beforeEach, expect, test } from "vitest";
import { settle } from "@/testing/fake-socket";
import { EncodingSwitch } from "./encodings";

class FakeSender {
  encodings: RTCRtpEncodingParameters[];
  /** Rids that are active after each change. */
  readonly changes: string[] = [];
  readonly #waiting: ((error: Error | null) => void)[] = [];

  constructor(...rids: (string | undefined)[]) {
    this.encodings = rids.map((rid) => (rid === undefined ? {} : { rid, active: true }));
  }

  getParameters = () => structuredClone({ encodings: this.encodings });

  setParameters = ({ encodings }: { encodings: RTCRtpEncodingParameters[] }) => {
    this.changes.push(encodings.flatMap(({ rid, active }) => (active ? [rid] : [])).join());
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push((error) => {
        if (error) return reject(error);
        this.encodings = encodings;
        resolve();
      });
    });
  };

  async finish(error: Error | null = null): Promise<void> {
    this.#waiting.shift()?.(error);
    await settle();
  }
}

let sender: FakeSender;
let encodings: EncodingSwitch;

function switchOf(...rids: (string | undefined)[]): EncodingSwitch {
  sender = new FakeSender(...rids);
  return new EncodingSwitch(sender as unknown as RTCRtpSender);
}

beforeEach(() => {
  encodings = switchOf("q", "h", "f");
});

test("sends those that are wanted", async () => {
  encodings.want(["q", "h"]);
  await sender.finish();
  encodings.want([]);
  await sender.finish();
  encodings.want(null);
  await sender.finish();
  expect(sender.changes).toEqual(["q,h", "", "q,h,f"]);
});

test("changes nothing that is as it should be", () => {
  encodings.want(null);
  encodings.want(["q", "h", "f"]);
  expect(sender.changes).toEqual([]);
});

test("one change at a time; of what is wanted meanwhile only the latest counts", async () => {
  encodings.want(["q"]);
  encodings.want(["q", "h"]);
  encodings.want(["q", "f"]);
  expect(sender.changes).toEqual(["q"]);
  await sender.finish();
  expect(sender.changes).toEqual(["q", "q,f"]);
  await sender.finish();
  expect(sender.changes).toEqual(["q", "q,f"]);
});

test.each(["InvalidStateError", "InvalidModificationError"])(
  "after %s it goes on",
  async (name) => {
    encodings.want(["q"]);
    await sender.finish(new DOMException("", name));
    encodings.want(["q"]);
    await sender.finish();
    expect(sender.changes).toEqual(["q", "q"]);
  },
);

test("a lone encoding has no name", async () => {
  encodings = switchOf(undefined);
  encodings.want([]);
  await sender.finish();
  expect(sender.encodings).toEqual([{ active: false }]);
  encodings.want(["f"]);
  await sender.finish();
  expect(sender.encodings).toEqual([{ active: true }]);
});
