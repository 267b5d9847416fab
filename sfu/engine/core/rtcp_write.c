#include "bytes.h"
#include "rtcp.h"

enum {
    SENDER_REPORT = 200,
    RECEIVER_REPORT = 201,
    SOURCE_DESCRIPTION = 202,
    TRANSPORT_FEEDBACK = 205,
    PAYLOAD_FEEDBACK = 206,
};
enum { NACK = 1, PLI = 1, APPLICATION = 15, CNAME = 1 };

/* `size`: of the whole packet; `count`: or the format of feedback. */
static size_t write_header(uint8_t *at, uint8_t kind, size_t count, size_t size) {
    at[0] = (uint8_t)(0x80 | count);
    at[1] = kind;
    store16(at + 2, (uint16_t)(size / 4 - 1));
    return size;
}

size_t rtcp_write_sender_report(uint8_t *at, uint32_t ssrc, uint64_t ntp, uint32_t timestamp,
                                uint32_t packets, uint32_t octets) {
    store32(at + 4, ssrc);
    store64(at + 8, ntp);
    store32(at + 16, timestamp);
    store32(at + 20, packets);
    store32(at + 24, octets);
    return write_header(at, SENDER_REPORT, 0, 28);
}

static void write_block(uint8_t *at, const struct report_block *block) {
    store32(at, block->ssrc);
    at[4] = block->fraction_lost;
    store24(at + 5, (uint32_t)block->packets_lost);
    store32(at + 8, block->highest_sequence);
    store32(at + 12, block->jitter);
    store32(at + 16, block->lsr);
    store32(at + 20, block->dlsr);
}

size_t rtcp_write_receiver_report(uint8_t *at, uint32_t ssrc, const struct report_block *blocks,
                                  size_t count) {
    store32(at + 4, ssrc);
    for (size_t i = 0; i < count; i++)
        write_block(at + 8 + 24 * i, &blocks[i]);
    return write_header(at, RECEIVER_REPORT, count, 8 + 24 * count);
}

size_t rtcp_write_cname(uint8_t *at, uint32_t ssrc, const uint8_t *cname, size_t size) {
    store32(at + 4, ssrc);
    at[8] = CNAME;
    at[9] = (uint8_t)size;
    memcpy(at + 10, cname, size);
    size_t end = 10 + size;
    /* An empty item ends the list; zeros fill the last word. */
    at[end++] = 0;
    at[end++] = 0;
    while (end % 4)
        at[end++] = 0;
    return write_header(at, SOURCE_DESCRIPTION, 1, end);
}

static size_t write_feedback(uint8_t *at, uint8_t kind, uint8_t format, uint32_t sender,
                             uint32_t media, size_t size) {
    store32(at + 4, sender);
    store32(at + 8, media);
    return write_header(at, kind, format, size);
}

size_t rtcp_write_nack(uint8_t *at, uint32_t sender, uint32_t media, const uint16_t *lost,
                       size_t count) {
    size_t end = 12;
    uint16_t first = 0;
    uint16_t following = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t distance = (uint16_t)(lost[i] - first - 1);
        if (end > 12 && distance < 16) {
            following = (uint16_t)(following | 1 << distance);
        } else {
            first = lost[i];
            following = 0;
            end += 4;
        }
        store16(at + end - 4, first);
        store16(at + end - 2, following);
    }
    return write_feedback(at, TRANSPORT_FEEDBACK, NACK, sender, media, end);
}

size_t rtcp_write_pli(uint8_t *at, uint32_t sender, uint32_t media) {
    return write_feedback(at, PAYLOAD_FEEDBACK, PLI, sender, media, 12);
}

size_t rtcp_write_remb(uint8_t *at, uint32_t sender, uint64_t bitrate, const uint32_t *ssrcs,
                       size_t count) {
    uint32_t exponent = 0;
    for (; bitrate > 0x3FFFF; bitrate >>= 1)
        exponent++;
    memcpy(at + 12, "REMB", 4);
    at[16] = (uint8_t)count;
    store24(at + 17, exponent << 18 | (uint32_t)bitrate);
    for (size_t i = 0; i < count; i++)
        store32(at + 20 + 4 * i, ssrcs[i]);
    return write_feedback(at, PAYLOAD_FEEDBACK, APPLICATION, sender, 0, 20 + 4 * count);
}
