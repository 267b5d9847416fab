#include "twcc.h"

#include "bytes.h"

enum {
    TRANSPORT_FEEDBACK = 205,
    RTCP_HEADER = 4,
    HEAD = 16, /* SSRCs of sender and media, base, count, reference time, feedback count */
    REFERENCE_TICKS = 256,
    VECTOR = 0x8000, /* a chunk of single statuses, not a run of equal ones */
    WIDE = 0x4000,   /* they have two bits each */
    NARROW_SPAN = 14,
    WIDE_SPAN = 7,
    MAX_RUN_LENGTH = 0x1FFF,
};

/* The symbols; of a packet that came, it is the size of its delta. */
enum symbol { LOST, SMALL, LARGE, RESERVED };

/* Reading */

/* How many statuses a chunk has room for. */
static uint16_t span_of(uint16_t chunk) {
    if (!(chunk & VECTOR))
        return chunk & MAX_RUN_LENGTH;
    return chunk & WIDE ? WIDE_SPAN : NARROW_SPAN;
}

static enum symbol symbol_at(uint16_t chunk, unsigned index) {
    if (!(chunk & VECTOR))
        return chunk >> 13;
    if (chunk & WIDE)
        return chunk >> 2 * (WIDE_SPAN - 1 - index) & 3;
    return chunk >> (NARROW_SPAN - 1 - index) & 1;
}

/* Adds up the deltas of the first `count` statuses of a chunk. False if one has no meaning. */
static bool add_deltas(uint16_t chunk, uint16_t count, size_t *size) {
    if (!(chunk & VECTOR)) {
        *size += (size_t)count * symbol_at(chunk, 0);
        return symbol_at(chunk, 0) != RESERVED;
    }
    bool known = true;
    for (unsigned i = 0; i < count; i++) {
        enum symbol symbol = symbol_at(chunk, i);
        *size += symbol;
        known &= symbol != RESERVED;
    }
    return known;
}

bool twcc_read(const uint8_t *body, size_t size, struct twcc_reader *reader) {
    if (size < HEAD)
        return false;
    uint16_t count = load16(body + 10);
    size_t at = HEAD;
    size_t deltas = 0;
    for (uint16_t left = count; left;) {
        if (at + 2 > size)
            return false;
        uint16_t chunk = load16(body + at);
        uint16_t span = span_of(chunk);
        uint16_t used = span < left ? span : left;
        if (!used || !add_deltas(chunk, used, &deltas))
            return false;
        left = (uint16_t)(left - used);
        at += 2;
    }
    if (!count || deltas > size - at)
        return false;
    *reader = (struct twcc_reader){
        .base = load16(body + 8),
        .count = count,
        .chunk = body + HEAD,
        .delta = body + at,
        .sequence = load16(body + 8),
        .left = count,
        .ticks = (load32(body + 12) >> 8) * REFERENCE_TICKS,
    };
    return true;
}

static void take_delta(struct twcc_reader *reader, enum symbol symbol) {
    uint32_t delta = symbol == SMALL ? *reader->delta : (uint32_t)(int16_t)load16(reader->delta);
    reader->ticks += delta;
    reader->delta += symbol;
}

bool twcc_next(struct twcc_reader *reader, struct twcc_status *status) {
    if (!reader->left)
        return false;
    uint16_t chunk = load16(reader->chunk);
    uint16_t span = span_of(chunk);
    enum symbol symbol = symbol_at(chunk, reader->index);
    uint16_t count = 1;
    if (symbol != LOST)
        take_delta(reader, symbol);
    else if (!(chunk & VECTOR))
        count = span < reader->left ? span : reader->left;
    *status = (struct twcc_status){reader->sequence, count, symbol != LOST, reader->ticks};
    reader->sequence = (uint16_t)(reader->sequence + count);
    reader->left = (uint16_t)(reader->left - count);
    reader->index = (uint16_t)(reader->index + count);
    if (reader->index >= span) {
        reader->index = 0;
        reader->chunk += 2;
    }
    return true;
}

/* Writing */

/* The symbol for a packet that came at `ticks` after one at `before`; RESERVED if the difference is
 * too large for a delta. */
static enum symbol symbol_for(uint32_t ticks, uint32_t before) {
    int32_t delta = (int32_t)(ticks - before);
    if (!ticks)
        return LOST;
    if (delta >= 0 && delta <= UINT8_MAX)
        return SMALL;
    return delta >= INT16_MIN && delta <= INT16_MAX ? LARGE : RESERVED;
}

/* What is to be written: the symbols of the numbers that fit, whatever the chunks will be. */
struct plan {
    uint32_t reference; /* ticks */
    size_t count;       /* the last of them came */
    uint8_t symbols[WIDE_SPAN * TWCC_MAX_SIZE / 2];
};

static uint32_t reference_of(const uint32_t *ticks, size_t count) {
    size_t first = 0;
    while (first < count && !ticks[first])
        first++;
    return first < count ? ticks[first] / REFERENCE_TICKS * REFERENCE_TICKS : 0;
}

static void make_plan(struct plan *plan, const uint32_t *ticks, size_t count) {
    plan->reference = reference_of(ticks, count);
    plan->count = 0;
    uint32_t before = plan->reference;
    size_t deltas = 0;
    for (size_t i = 0; i < count; i++) {
        enum symbol symbol = symbol_for(ticks[i], before);
        size_t chunks = 2 * (i / WIDE_SPAN + 1);
        deltas += symbol;
        /* And up to three bytes that fill the last word. */
        if (symbol == RESERVED || RTCP_HEADER + HEAD + chunks + deltas + 3 > TWCC_MAX_SIZE)
            return;
        plan->symbols[i] = (uint8_t)symbol;
        if (symbol == LOST)
            continue;
        before = ticks[i];
        plan->count = i + 1;
    }
}

/* How many statuses from the beginning are equal. */
static size_t run_length(const uint8_t *symbols, size_t count) {
    size_t length = 1;
    while (length < count && length < MAX_RUN_LENGTH && symbols[length] == symbols[0])
        length++;
    return length;
}

static uint16_t pack(const uint8_t *symbols, size_t count, size_t span, unsigned bits) {
    unsigned packed = 0;
    for (size_t i = 0; i < span; i++)
        packed = packed << bits | (i < count ? symbols[i] : LOST);
    return (uint16_t)packed;
}

/* Makes a chunk of the first of `count` statuses; returns of how many. */
static size_t make_chunk(const uint8_t *symbols, size_t count, uint16_t *chunk) {
    size_t length = run_length(symbols, count);
    size_t narrow = 0; /* how many have one bit */
    while (narrow < count && narrow < NARROW_SPAN && symbols[narrow] != LARGE)
        narrow++;
    if (length >= narrow && (length >= WIDE_SPAN || length == count)) {
        *chunk = (uint16_t)((size_t)symbols[0] << 13 | length);
        return length;
    }
    if (narrow == NARROW_SPAN || narrow == count) {
        *chunk = (uint16_t)(VECTOR | pack(symbols, narrow, NARROW_SPAN, 1));
        return narrow;
    }
    size_t wide = count < WIDE_SPAN ? count : WIDE_SPAN;
    *chunk = (uint16_t)(VECTOR | WIDE | pack(symbols, wide, WIDE_SPAN, 2));
    return wide;
}

static size_t write_deltas(uint8_t *at, const struct plan *plan, const uint32_t *ticks) {
    uint32_t before = plan->reference;
    size_t size = 0;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->symbols[i] == LOST)
            continue;
        uint32_t delta = ticks[i] - before;
        if (plan->symbols[i] == SMALL)
            at[size] = (uint8_t)delta;
        else
            store16(at + size, (uint16_t)delta);
        size += plan->symbols[i];
        before = ticks[i];
    }
    return size;
}

size_t twcc_write(uint8_t *at, uint32_t sender, uint32_t media, uint8_t feedback_count,
                  uint16_t base, const uint32_t *ticks, size_t count, size_t *told) {
    struct plan plan;
    make_plan(&plan, ticks, count);
    size_t size = RTCP_HEADER + HEAD;
    for (size_t done = 0; done < plan.count; size += 2) {
        uint16_t chunk;
        done += make_chunk(plan.symbols + done, plan.count - done, &chunk);
        store16(at + size, chunk);
    }
    size += write_deltas(at + size, &plan, ticks);
    while (size % 4)
        at[size++] = 0;
    at[0] = 0x80 | TWCC_FORMAT;
    at[1] = TRANSPORT_FEEDBACK;
    store16(at + 2, (uint16_t)(size / 4 - 1));
    store32(at + 4, sender);
    store32(at + 8, media);
    store16(at + 12, base);
    store16(at + 14, (uint16_t)plan.count);
    store32(at + 16, plan.reference / REFERENCE_TICKS << 8 | feedback_count);
    *told = plan.count;
    return size;
}
