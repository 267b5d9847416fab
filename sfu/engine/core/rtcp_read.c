#include "bytes.h"
#include "rtcp.h"
#include "twcc.h"

enum {
    SENDER_REPORT = 200,
    RECEIVER_REPORT = 201,
    BYE = 203,
    TRANSPORT_FEEDBACK = 205,
    PAYLOAD_FEEDBACK = 206,
};
enum { NACK = 1, PLI = 1, FIR = 4, APPLICATION = 15 };
enum {
    HEADER = 4,
    SENDER_HEAD = 24, /* what comes before the report blocks, here and below */
    RECEIVER_HEAD = 4,
    BLOCK = 24,
    FEEDBACK_HEAD = 8, /* SSRCs of sender and media */
    NACK_ITEM = 4,
    FIR_ITEM = 8,
    REMB_HEAD = 8,
    MAX_LOST = 1000, /* sequence numbers one NACK may name */
};

/* One packet of a compound. */
struct part {
    uint8_t kind;
    uint8_t count; /* or the format of feedback */
    const uint8_t *body;
    size_t size; /* of the body, without padding */
};

/* Cuts the next packet off the front of `*data`. */
static bool next_part(const uint8_t **data, size_t *size, struct part *part) {
    const uint8_t *at = *data;
    if (*size < HEADER || at[0] >> 6 != 2)
        return false;
    size_t body_size = 4 * (size_t)load16(at + 2);
    if (body_size > *size - HEADER)
        return false;
    *part = (struct part){.kind = at[1], .count = at[0] & 0x1F, .body = at + HEADER};
    *data = part->body + body_size;
    *size -= HEADER + body_size;
    size_t padding = 0;
    if (at[0] & 0x20) {
        padding = at[HEADER + body_size - 1];
        if (padding == 0 || padding > body_size)
            return false;
    }
    part->size = body_size - padding;
    return true;
}

/* Reads the numbers an item names; their count, at most 17. */
static size_t read_nack_item(const uint8_t *item, uint16_t *lost) {
    uint16_t first = load16(item);
    uint16_t following = load16(item + 2);
    size_t count = 0;
    lost[count++] = first;
    for (int i = 0; i < 16; i++) {
        if (following >> i & 1)
            lost[count++] = (uint16_t)(first + i + 1);
    }
    return count;
}

static bool is_nack_well_formed(const struct part *part) {
    if (part->size < FEEDBACK_HEAD || part->size % 4)
        return false;
    size_t count = 0;
    for (size_t at = FEEDBACK_HEAD; at < part->size; at += NACK_ITEM) {
        uint16_t lost[17];
        count += read_nack_item(part->body + at, lost);
    }
    return count <= MAX_LOST;
}

static bool is_remb(const struct part *part) {
    return part->count == APPLICATION && part->size >= FEEDBACK_HEAD + 4 &&
           memcmp(part->body + FEEDBACK_HEAD, "REMB", 4) == 0;
}

static bool is_remb_well_formed(const struct part *part) {
    if (part->size < FEEDBACK_HEAD + REMB_HEAD)
        return false;
    const uint8_t *remb = part->body + FEEDBACK_HEAD;
    size_t ssrcs = remb[4];
    if (part->size < FEEDBACK_HEAD + REMB_HEAD + 4 * ssrcs)
        return false;
    uint64_t mantissa = load32(remb + 4) & 0x3FFFF;
    /* 2^63 bit/s and more is nonsense, and would not fit. */
    return mantissa >> (63 - (remb[5] >> 2)) == 0;
}

static bool is_payload_feedback_well_formed(const struct part *part) {
    if (part->size < FEEDBACK_HEAD)
        return false;
    if (part->count == FIR)
        return (part->size - FEEDBACK_HEAD) % FIR_ITEM == 0;
    return !is_remb(part) || is_remb_well_formed(part);
}

static bool is_well_formed(const struct part *part) {
    switch (part->kind) {
    case SENDER_REPORT:
        return part->size >= SENDER_HEAD + BLOCK * (size_t)part->count;
    case RECEIVER_REPORT:
        return part->size >= RECEIVER_HEAD + BLOCK * (size_t)part->count;
    case BYE:
        return part->size >= 4 * (size_t)part->count;
    case TRANSPORT_FEEDBACK:
        return part->count != NACK || is_nack_well_formed(part);
    case PAYLOAD_FEEDBACK:
        return is_payload_feedback_well_formed(part);
    default:
        return true;
    }
}

static void tell_blocks(const struct part *part, size_t head, const struct rtcp_listener *listener,
                        void *context) {
    if (!listener->report_block)
        return;
    for (size_t i = 0; i < part->count; i++) {
        const uint8_t *at = part->body + head + BLOCK * i;
        /* The sign of 24 bits is shifted down from the top of 32. */
        struct report_block block = {
            .ssrc = load32(at),
            .fraction_lost = at[4],
            .packets_lost = (int32_t)(load32(at + 4) << 8) >> 8,
            .highest_sequence = load32(at + 8),
            .jitter = load32(at + 12),
            .lsr = load32(at + 16),
            .dlsr = load32(at + 20),
        };
        listener->report_block(context, &block);
    }
}

static void tell_sender_report(const struct part *part, const struct rtcp_listener *listener,
                               void *context) {
    const uint8_t *body = part->body;
    if (listener->sender_report)
        listener->sender_report(context, load32(body), load64(body + 4), load32(body + 12));
    tell_blocks(part, SENDER_HEAD, listener, context);
}

static void tell_nack(const struct part *part, const struct rtcp_listener *listener,
                      void *context) {
    if (!listener->nack)
        return;
    uint16_t lost[MAX_LOST];
    size_t count = 0;
    for (size_t at = FEEDBACK_HEAD; at < part->size; at += NACK_ITEM)
        count += read_nack_item(part->body + at, lost + count);
    listener->nack(context, load32(part->body + 4), lost, count);
}

static void tell_transport_feedback(const struct part *part, const struct rtcp_listener *listener,
                                    void *context) {
    if (part->count == NACK)
        tell_nack(part, listener, context);
    else if (part->count == TWCC_FORMAT && listener->arrivals)
        listener->arrivals(context, part->body, part->size);
}

static void tell_keyframe_wanted(const struct part *part, const struct rtcp_listener *listener,
                                 void *context) {
    if (!listener->keyframe_wanted)
        return;
    if (part->count == PLI) {
        listener->keyframe_wanted(context, load32(part->body + 4), false);
        return;
    }
    for (size_t at = FEEDBACK_HEAD; at < part->size; at += FIR_ITEM)
        listener->keyframe_wanted(context, load32(part->body + at), true);
}

static void tell_payload_feedback(const struct part *part, const struct rtcp_listener *listener,
                                  void *context) {
    if (part->count == PLI || part->count == FIR) {
        tell_keyframe_wanted(part, listener, context);
    } else if (is_remb(part) && listener->remb) {
        const uint8_t *remb = part->body + FEEDBACK_HEAD;
        uint64_t mantissa = load32(remb + 4) & 0x3FFFF;
        listener->remb(context, mantissa << (remb[5] >> 2));
    }
}

static void tell(const struct part *part, const struct rtcp_listener *listener, void *context) {
    if (part->kind == SENDER_REPORT)
        tell_sender_report(part, listener, context);
    else if (part->kind == RECEIVER_REPORT)
        tell_blocks(part, RECEIVER_HEAD, listener, context);
    else if (part->kind == TRANSPORT_FEEDBACK)
        tell_transport_feedback(part, listener, context);
    else if (part->kind == PAYLOAD_FEEDBACK)
        tell_payload_feedback(part, listener, context);
}

bool rtcp_read(const uint8_t *data, size_t size, const struct rtcp_listener *listener,
               void *context) {
    if (size == 0 || size > RTCP_MAX_RECEIVED)
        return false;
    struct part part;
    const uint8_t *at = data;
    for (size_t left = size; left > 0;) {
        if (!next_part(&at, &left, &part) || !is_well_formed(&part))
            return false;
    }
    at = data;
    for (size_t left = size; left > 0 && next_part(&at, &left, &part);)
        tell(&part, listener, context);
    return true;
}
