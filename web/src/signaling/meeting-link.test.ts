import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeNetwork, type FakeSocket, settle } from "@/testing/fake-socket";
import { MeetingLink } from "./meeting-link";

const ELSEWHERE = {
  joined: null,
  elsewhere: { url: "ws://there/ws", ticket: "ticket-0123456789" },
};
const JOINED = { joined: { participant_id: "me" }, elsewhere: null };

let network: FakeNetwork;
let link: MeetingLink;
let online: boolean[];
let noticed: string[];

beforeEach(async () => {
  vi.useFakeTimers();
  network = new FakeNetwork();
  online = [];
  noticed = [];
  link = new MeetingLink(
    {
      url: "ws://here/ws",
      token: () => "token",
      meetingId: "m",
      createSocket: network.createSocket,
      random: () => 1,
    },
    {
      online: (resumed) => online.push(resumed),
      notice: (notice) => noticed.push(notice.type),
    },
  );
  link.open();
  network.latest.accept();
  await network.latest.welcome();
});

afterEach(() => {
  link.close();
  vi.useRealTimers();
});

async function goElsewhere(): Promise<{ here: FakeSocket; there: FakeSocket }> {
  const here = network.latest;
  const joining = link.join(null);
  await here.reply("join", ELSEWHERE);
  const there = network.latest;
  there.accept();
  await there.welcome();
  await there.reply("join", JOINED);
  expect(await joining).toEqual({ joined: JOINED.joined });
  return { here, there };
}

test("joins at the page's own server", async () => {
  const joining = link.join({ session_id: "old", secret: "secret-0123456789" });
  expect(network.latest.request("join")).toMatchObject({
    meeting_id: "m",
    replaces: { session_id: "old", secret: "secret-0123456789" },
  });
  await network.latest.reply("join", JOINED);
  expect(await joining).toEqual({ joined: JOINED.joined });
  expect(network.sockets).toHaveLength(1);
});

test("elsewhere: shows the ticket there, and keeps the first socket", async () => {
  const { here, there } = await goElsewhere();
  expect(there.url).toBe("ws://there/ws");
  expect(there.request("authenticate").token).toBe("ticket-0123456789");
  expect(here.closed).toBe(false);
  expect(online).toEqual([false]);
});

test("elsewhere: the meeting is there, whatever the first server says", async () => {
  const { here, there } = await goElsewhere();
  void link.request("leave", {}).catch(() => undefined);
  await settle();
  expect(there.types).toContain("leave");
  expect(here.types).not.toContain("leave");

  here.tell({ type: "levels", levels: {} });
  expect(noticed).toEqual([]);
  there.tell({ type: "levels", levels: {} });
  expect(noticed).toEqual(["levels"]);

  here.cut();
  expect(link.state.get().name).toBe("online");
  there.cut();
  expect(link.state.get().name).toBe("reconnecting");
});

test("elsewhere: comes back there by itself", async () => {
  const { there } = await goElsewhere();
  there.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  expect(network.latest.url).toBe("ws://there/ws");
  await network.latest.welcome({ resumed: true });
  expect(online).toEqual([false, true]);
});

test("elsewhere: forgotten there, begins anew at the first server", async () => {
  const { here, there } = await goElsewhere();
  there.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  await network.latest.refuse("authenticate", "bad_token");
  expect(online).toEqual([false, false]);
  expect(link.state.get().name).toBe("online");
  void link.join(null).catch(() => undefined);
  await settle();
  expect(here.types.filter((type) => type === "join")).toHaveLength(2);
});

test("elsewhere: a refused ticket fails the join", async () => {
  const outcome = expect(link.join(null)).rejects.toMatchObject({ code: "unavailable" });
  await network.latest.reply("join", ELSEWHERE);
  network.latest.accept();
  await network.latest.refuse("authenticate", "bad_token");
  await outcome;
  expect(link.state.get().name).toBe("online");
});
