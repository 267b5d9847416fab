import type { Tile } from "./tiles";

/**
 * Who is shown where there are more people than places. Nobody moves without need: whoever speaks
 * takes the place of the one who has been silent longest, and all others stay where they are. Of those
 * who never spoke, faces go before names.
 */
export class Seating {
  /** Keys of tiles, by place. */
  #seats: string[] = [];
  /** In which turn of the conversation somebody led it last, by key of the tile. */
  readonly #turns = new Map<string, number>();
  #turn = 0;

  /** To be told of all tiles: whoever leads may have a place that is not given out here. */
  listen(tiles: readonly Tile[]): void {
    const leader = tiles.find((tile) => tile.leads);
    if (!leader || this.#turns.get(leader.key) === this.#turn) return;
    this.#turns.set(leader.key, ++this.#turn);
  }

  /** Those of `tiles` that get one of so many places, by place. */
  seat(tiles: readonly Tile[], places: number): Tile[] {
    const waiting = this.#waiting(tiles);
    const seats = this.#keep(tiles, waiting);
    const newcomers = waiting.splice(0, Math.max(0, places - seats.length));
    seats.push(...tiles.filter((tile) => newcomers.includes(tile)));
    while (seats.length > places) seats.splice(this.#mostSilent(seats), 1);
    for (const tile of waiting) this.#makeRoom(tile, seats);
    this.#seats = seats.map((tile) => tile.key);
    return seats;
  }

  /** Those of `tiles` that have a place, by place. */
  seated(tiles: readonly Tile[]): Tile[] {
    return this.#seats.flatMap((key) => tiles.find((tile) => tile.key === key) ?? []);
  }

  /** Whoever spoke last comes first. */
  #waiting(tiles: readonly Tile[]): Tile[] {
    return tiles
      .filter((tile) => !this.#seats.includes(tile.key))
      .sort((one, other) => this.#claim(other) - this.#claim(one));
  }

  /** The place of one who is gone is given to the next who waits. */
  #keep(tiles: readonly Tile[], waiting: Tile[]): Tile[] {
    const byKey = new Map(tiles.map((tile) => [tile.key, tile]));
    return this.#seats.flatMap((key) => byKey.get(key) ?? waiting.shift() ?? []);
  }

  #makeRoom(tile: Tile, seats: Tile[]): void {
    const place = this.#mostSilent(seats);
    const sitting = seats[place];
    if (sitting && this.#claim(tile) > this.#claim(sitting)) seats[place] = tile;
  }

  /** The last of those who never spoke, else whose turn is longest ago; -1: nobody. */
  #mostSilent(seats: readonly Tile[]): number {
    const claims = seats.map((tile) => this.#claim(tile));
    return claims.lastIndexOf(Math.min(...claims));
  }

  /** To a place: by when it spoke last. A screen is never silent. */
  #claim(tile: Tile): number {
    if (tile.source === "screen") return Number.POSITIVE_INFINITY;
    return this.#turns.get(tile.key) ?? (tile.live ? 0.5 : 0);
  }
}
