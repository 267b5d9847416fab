// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { Link, useLocation } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renderAt } from "@/testing/render";
import { useSearch } from "./use-search";

function Searched() {
  const { text, change, wanted } = useSearch();
  return (
    <>
      <input value={text} onChange={(event) => change(event.target.value)} />
      <output>{`${useLocation().search} ${wanted}`}</output>
      <Link to="/blog">all</Link>
    </>
  );
}

const field = () => screen.getByRole<HTMLInputElement>("textbox");
const shown = () => screen.getByRole("status").textContent;
const type = (value: string) => fireEvent.change(field(), { target: { value } });
const rest = () => act(() => vi.advanceTimersByTime(300));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("what is typed comes into the address when typing rests, beside what is there", () => {
  renderAt("/blog?author=7&search=tea", <Searched />);
  expect(field().value).toBe("tea");
  type("coffee ");
  expect(shown()).toBe("?author=7&search=tea tea");
  rest();
  expect(shown()).toBe("?author=7&search=coffee coffee");
  expect(field().value).toBe("coffee ");
  type("");
  rest();
  expect(shown()).toBe("?author=7 ");
});

test("a link without a search empties the field", () => {
  renderAt("/blog", <Searched />);
  type("tea");
  rest();
  fireEvent.click(screen.getByText("all"));
  expect([field().value, shown()]).toEqual(["", " "]);
});
