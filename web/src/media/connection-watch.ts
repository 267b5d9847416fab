import { Observable } from "@/store/observable";
import { type Grade, gappy, ownGrade } from "./quality";
import { type Carried, compare, type Figures, type Report } from "./statistics";

/** How often the connection is measured, ms: while somebody reads the figures, and else. */
const READ = 1_000;
const UNREAD = 4_000;

interface Sources {
  /** Null while there is no connection. */
  report(): Promise<Report> | null;
  /** Whether a picture is held back for want of room on the way. */
  starved(): boolean;
  carried(): Carried;
}

export interface Quality {
  /** Of one's own connection; null: not known yet. */
  own: Grade | null;
  /** Ids of others' tracks that come with gaps, though one's own way is good. */
  weak: ReadonlySet<string>;
}

const UNKNOWN: Quality = { own: null, weak: new Set() };

/** Measures the connection; what it finds changes only where somebody would see another thing. */
export class ConnectionWatch {
  readonly quality = new Observable<Quality>(UNKNOWN);
  /** Null unless somebody reads them. */
  readonly figures = new Observable<Figures | null>(null);
  readonly #sources: Sources;
  #readers = 0;
  #before: Report | null = null;
  /** What was found the time before: only what lasts counts. */
  #grade: Grade | null = null;
  #gaps: ReadonlySet<string> = new Set();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Until the function that is returned is called. */
  start(): () => void {
    this.#running = true;
    this.#schedule();
    return () => {
      this.#running = false;
      clearTimeout(this.#timer);
      this.#forget();
    };
  }

  /** Somebody reads the figures, until the function that is returned is called. */
  read(): () => void {
    this.#readers += 1;
    if (this.#running) void this.#measure();
    return () => {
      this.#readers -= 1;
      if (this.#readers === 0) this.figures.set(null);
    };
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#timer = setTimeout(() => void this.#measure(), this.#readers > 0 ? READ : UNREAD);
  }

  async #measure(): Promise<void> {
    const report = await this.#sources.report()?.catch(() => null);
    if (!this.#running) return;
    if (!report) this.#forget();
    else if (this.#before) this.#found(compare(this.#before, report, this.#sources.carried()));
    this.#before = report ?? null;
    this.#schedule();
  }

  #forget(): void {
    this.#before = null;
    this.#grade = null;
    this.#gaps = new Set();
    this.figures.set(null);
    this.quality.set(UNKNOWN);
  }

  #found(figures: Figures): void {
    if (this.#readers > 0) this.figures.set(figures);
    const grade = ownGrade(figures, this.#sources.starved());
    const gaps = gappy(figures);
    const { own } = this.quality.get();
    this.#show({
      own: own === null || grade === this.#grade ? grade : own,
      weak: grade === "good" ? both(gaps, this.#gaps) : new Set(),
    });
    this.#grade = grade;
    this.#gaps = gaps;
  }

  #show(next: Quality): void {
    const { own, weak } = this.quality.get();
    const same = weak.size === next.weak.size && both(weak, next.weak).size === weak.size;
    if (own !== next.own || !same) this.quality.set(next);
  }
}

function both(one: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one].filter((item) => other.has(item)));
}
