// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/client";
import { usePages } from "@/api/pages";
import { renderAt } from "@/testing/render";
import { announce } from "./announcements";
import { ConfirmDialog } from "./confirm-dialog";
import { Dialog } from "./dialog";
import { Select, TextArea } from "./field";
import { IconButton } from "./icon-button";
import { InfiniteList } from "./infinite-list";
import { LiveRegions } from "./live-regions";
import { Menu, MenuItem } from "./menu";
import { Switch } from "./switch";
import { Tabs } from "./tabs";
import { Time } from "./time";
import Toaster from "./toaster";
import { showToast, toasts } from "./toasts";

afterEach(() => {
  cleanup();
  toasts.set([]);
});

test("what is wrong with a control is tied to it", () => {
  render(<TextArea label="Content" error="is too long" defaultValue="x" />);
  const area = screen.getByLabelText("Content");
  expect(area.getAttribute("aria-invalid")).toBe("true");
  const note = area.getAttribute("aria-describedby") ?? "";
  expect(document.getElementById(note)?.textContent).toBe("is too long");
});

test("a select tells what was chosen", () => {
  const onChoose = vi.fn();
  const options = [
    { value: "a", label: "First" },
    { value: "b", label: "Second" },
  ];
  render(<Select label="Which" value="a" options={options} onChoose={onChoose} />);
  fireEvent.change(screen.getByLabelText("Which"), { target: { value: "b" } });
  expect(onChoose).toHaveBeenCalledWith("b");
});

test("a switch is turned by its label", () => {
  const onChange = vi.fn();
  render(<Switch label="Camera off" hint="When joining" checked={false} onChange={onChange} />);
  fireEvent.click(screen.getByLabelText("Camera off"));
  expect(onChange).toHaveBeenCalledWith(true);
});

test("a button of a picture has a name", () => {
  render(<IconButton label="Delete" icon={Trash2} />);
  expect(screen.getByRole("button", { name: "Delete" })).toBeTruthy();
});

function TwoTabs() {
  const [value, setValue] = useState<"one" | "two">("one");
  return (
    <Tabs
      label="Parts"
      value={value}
      onChange={setValue}
      tabs={[
        { value: "one", label: "One", content: "first" },
        { value: "two", label: "Two", content: "second" },
      ]}
    />
  );
}

test("only the chosen tab has content", () => {
  render(<TwoTabs />);
  fireEvent.mouseDown(screen.getByRole("tab", { name: "Two" }), { button: 0 });
  expect(screen.getByText("second")).toBeTruthy();
  expect(screen.queryByText("first")).toBeNull();
});

test("a dialog is named by its title and closed by its cross", () => {
  const onOpenChange = vi.fn();
  render(
    <Dialog open onOpenChange={onOpenChange} title="New group">
      form
    </Dialog>,
  );
  expect(screen.getByRole("dialog", { name: "New group" })).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(onOpenChange).toHaveBeenCalledWith(false);
});

test("a question stays open and says why what it asks for was not done", async () => {
  const onOpenChange = vi.fn();
  const onConfirm = vi
    .fn()
    .mockRejectedValueOnce(new ApiError(403, { detail: "Only the host can do that." }))
    .mockResolvedValueOnce(undefined);
  render(
    <ConfirmDialog
      open
      onOpenChange={onOpenChange}
      title="Delete it?"
      action="Delete"
      onConfirm={onConfirm}
    >
      It will be gone.
    </ConfirmDialog>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  expect(await screen.findByText("Only the host can do that.")).toBeTruthy();
  expect(onOpenChange).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  await vi.waitFor(() => expect(onOpenChange).toHaveBeenCalledWith(false));
});

test("a menu opens by keyboard and does what is chosen", () => {
  const onChoose = vi.fn();
  render(
    <Menu trigger={<button type="button">More</button>}>
      <MenuItem onChoose={onChoose}>Rename</MenuItem>
    </Menu>,
  );
  fireEvent.keyDown(screen.getByRole("button", { name: "More" }), { key: "Enter" });
  fireEvent.click(screen.getByRole("menuitem", { name: "Rename" }));
  expect(onChoose).toHaveBeenCalledTimes(1);
});

test("announcements are heard each time, also the same one twice", () => {
  render(<LiveRegions />);
  const said = () => screen.getByTestId("polite").firstElementChild;
  act(() => announce("Ben joined"));
  const first = said();
  act(() => announce("Ben joined"));
  expect(said()?.textContent).toBe("Ben joined");
  expect(said()).not.toBe(first);
  act(() => announce("You were muted", "assertive"));
  expect(screen.getByTestId("assertive").textContent).toBe("You were muted");
});

test("shows the latest three toasts, and what can be done about them", () => {
  render(<Toaster />);
  const undo = vi.fn();
  act(() => {
    for (const text of ["one", "two", "three"]) showToast(text);
    showToast({ text: "four", problem: true, action: { label: "Undo", onClick: undo } });
  });
  expect(screen.queryByText("one")).toBeNull();
  expect(screen.getByText("two")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  expect(undo).toHaveBeenCalledTimes(1);
  expect(screen.queryByText("four")).toBeNull();
});

test("a time has the exact one behind it", () => {
  render(<Time value="2026-11-23T09:00:00Z" style="date" />);
  const time = document.querySelector("time");
  expect(time?.dateTime).toBe("2026-11-23T09:00:00Z");
  expect(time?.title).toMatch(/2026/);
});

type Load = (place: { after?: string }) => Promise<{ items: number[]; next: string | null }>;

function Numbers({ load }: { load: Load }) {
  return (
    <InfiniteList
      label="Numbers"
      pages={usePages(["numbers"], load)}
      keyOf={(item) => item}
      empty="nothing"
    >
      {(item) => `number ${item}`}
    </InfiniteList>
  );
}

test("a list goes on page by page until the last", async () => {
  const load = vi.fn<Load>(async ({ after }) =>
    after ? { items: [3], next: null } : { items: [1, 2], next: "2" },
  );
  renderAt("/", <Numbers load={load} />);
  expect(screen.getByRole("status").textContent).toBe("Loading …");
  fireEvent.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByText("number 3")).toBeTruthy();
  expect(screen.getAllByRole("listitem")).toHaveLength(3);
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  expect(load.mock.calls).toEqual([[{}], [{ after: "2" }]]);
});

test("a list that does not come says why, and can be tried again", async () => {
  const load = vi
    .fn<Load>()
    .mockRejectedValueOnce(new ApiError(0, undefined))
    .mockResolvedValueOnce({ items: [], next: null });
  renderAt("/", <Numbers load={load} />);
  expect(await screen.findByText(/cannot be reached/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("nothing")).toBeTruthy();
});
