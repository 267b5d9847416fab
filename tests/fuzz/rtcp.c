/* RTCP: the input is one compound packet. All that was heard of it is written again by our own
 * writers, and must then be heard as before. */
#include <stdbool.h>

#include "fuzz.h"
#include "rtcp.h"

enum { MOST_LOST = 1000, LARGEST_WRITTEN = 12 + 4 * MOST_LOST };

struct heard {
    size_t calls;
    bool again; /* what was written is being read */
    uint8_t written[LARGEST_WRITTEN];
    /* What the last call said. */
    uint32_t ssrc;
    uint32_t timestamp;
    uint64_t number;
    struct report_block block;
    uint8_t lost[0x10000 / 8];
};

static const struct rtcp_listener listener;

/* Lets the listener hear the first `size` bytes of `written`. */
static void hear_again(struct heard *heard, size_t size) {
    if (size > RTCP_MAX_RECEIVED)
        return;
    size_t calls = heard->calls;
    uint8_t *copy = exact_copy(heard->written, size);
    heard->again = true;
    CHECK(rtcp_read(copy, size, &listener, heard));
    heard->again = false;
    CHECK(heard->calls == calls + 1);
    free(copy);
}

static void sender_report(void *context, uint32_t ssrc, uint64_t ntp, uint32_t timestamp) {
    struct heard *heard = context;
    heard->calls++;
    heard->ssrc = ssrc;
    heard->number = ntp;
    heard->timestamp = timestamp;
    if (heard->again)
        return;
    hear_again(heard, rtcp_write_sender_report(heard->written, ssrc, ntp, timestamp, 1, 2));
    CHECK(heard->ssrc == ssrc && heard->number == ntp && heard->timestamp == timestamp);
}

static bool same_block(const struct report_block *a, const struct report_block *b) {
    return a->ssrc == b->ssrc && a->fraction_lost == b->fraction_lost &&
           a->packets_lost == b->packets_lost && a->highest_sequence == b->highest_sequence &&
           a->jitter == b->jitter && a->lsr == b->lsr && a->dlsr == b->dlsr;
}

static void report_block(void *context, const struct report_block *block) {
    struct heard *heard = context;
    heard->calls++;
    heard->block = *block;
    if (heard->again)
        return;
    CHECK(block->packets_lost >= -0x800000 && block->packets_lost <= 0x7FFFFF);
    struct report_block before = *block;
    hear_again(heard, rtcp_write_receiver_report(heard->written, RTCP_OUR_SSRC, &before, 1));
    CHECK(same_block(&heard->block, &before));
}

static void remember_lost(struct heard *heard, const uint16_t *lost, size_t count) {
    memset(heard->lost, 0, sizeof heard->lost);
    for (size_t i = 0; i < count; i++)
        heard->lost[lost[i] / 8] |= (uint8_t)(1 << lost[i] % 8);
}

/* In any order, and twice or more: the same set comes out, though not the same list. */
static void nack(void *context, uint32_t media_ssrc, const uint16_t *lost, size_t count) {
    struct heard *heard = context;
    CHECK(count <= MOST_LOST);
    heard->calls++;
    heard->ssrc = media_ssrc;
    remember_lost(heard, lost, count);
    if (heard->again || count == 0)
        return;
    uint8_t before[sizeof heard->lost];
    memcpy(before, heard->lost, sizeof before);
    size_t size = rtcp_write_nack(heard->written, RTCP_OUR_SSRC, media_ssrc, lost, count);
    CHECK(size <= 12 + 4 * count);
    hear_again(heard, size);
    CHECK(heard->ssrc == media_ssrc && memcmp(heard->lost, before, sizeof before) == 0);
}

static void keyframe_wanted(void *context, uint32_t media_ssrc) {
    struct heard *heard = context;
    heard->calls++;
    heard->ssrc = media_ssrc;
    if (heard->again)
        return;
    hear_again(heard, rtcp_write_pli(heard->written, RTCP_OUR_SSRC, media_ssrc));
    CHECK(heard->ssrc == media_ssrc);
}

static void remb(void *context, uint64_t bitrate) {
    static const uint32_t ssrcs[] = {1, 2, 3};
    struct heard *heard = context;
    heard->calls++;
    heard->number = bitrate;
    if (heard->again)
        return;
    CHECK(bitrate <= INT64_MAX);
    hear_again(heard, rtcp_write_remb(heard->written, RTCP_OUR_SSRC, bitrate, ssrcs, 3));
    CHECK(heard->number == bitrate);
}

static const struct rtcp_listener listener = {
    .sender_report = sender_report,
    .report_block = report_block,
    .nack = nack,
    .keyframe_wanted = keyframe_wanted,
    .remb = remb,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct heard heard;
    static const struct rtcp_listener nobody;
    uint8_t *copy = exact_copy(data, size);
    heard.calls = 0;
    bool good = rtcp_read(copy, size, &listener, &heard);
    CHECK(good || heard.calls == 0);
    CHECK(rtcp_read(copy, size, &nobody, NULL) == good);
    free(copy);
    return 0;
}
