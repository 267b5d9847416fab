/* RTCP as far as an SFU speaks it (RFC 3550, section 6; RFC 4585; RFC 5104; goog-remb). */
#ifndef TERTULIA_RTCP_H
#define TERTULIA_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RTCP_OUR_SSRC = 1,       /* sender of our feedback: we have no stream on the way to a publisher */
    RTCP_MAX_COMPOUND = 1200, /* bytes of plain RTCP in one datagram of ours */
    RTCP_MAX_RECEIVED = 1500, /* bytes; as `MAX_COMPOUND` of sfu/rtp/rtcp.py: keep them equal */
    RTCP_MAX_REPORTS = 31,
};

struct report_block {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256 */
    int32_t packets_lost;  /* 24 bits */
    uint32_t highest_sequence;
    uint32_t jitter; /* RTP clock ticks */
    uint32_t lsr;    /* middle 32 bits of the NTP time of the last sender report; 0 for none */
    uint32_t dlsr;   /* 1/65536 s */
};

/* What one received compound says, in its order. A function that is NULL is not called. */
struct rtcp_listener {
    void (*sender_report)(void *context, uint32_t ssrc, uint64_t ntp, uint32_t timestamp);
    void (*report_block)(void *context, const struct report_block *block);
    /* One call for each NACK packet; `lost` in the order it was written. */
    void (*nack)(void *context, uint32_t media_ssrc, const uint16_t *lost, size_t count);
    /* PLI, and each entry of an FIR. */
    void (*keyframe_wanted)(void *context, uint32_t media_ssrc, bool full_intra);
    void (*remb)(void *context, uint64_t bitrate);
    /* Transport-wide feedback: its body, as `twcc_read` takes it, not looked at yet. */
    void (*arrivals)(void *context, const uint8_t *body, size_t size);
};

/* A compound (or reduced-size, RFC 5506) packet is checked as a whole before the listener hears any
 * of it. False if any part is malformed; kinds that we do not know are skipped. */
bool rtcp_read(const uint8_t *data, size_t size, const struct rtcp_listener *listener,
               void *context);

/* Writers return the bytes written; the caller has room for them (sizes in the comments). */
size_t rtcp_write_sender_report(uint8_t *at, uint32_t ssrc, uint64_t ntp, uint32_t timestamp,
                                uint32_t packets, uint32_t octets); /* 28 */
size_t rtcp_write_receiver_report(uint8_t *at, uint32_t ssrc, const struct report_block *blocks,
                                  size_t count); /* 8 + 24 * count */
size_t rtcp_write_cname(uint8_t *at, uint32_t ssrc, const uint8_t *cname,
                        size_t size); /* at most 16 + size */
size_t rtcp_write_nack(uint8_t *at, uint32_t sender, uint32_t media, const uint16_t *lost,
                       size_t count); /* at most 12 + 4 * count; neighbours share an item */
size_t rtcp_write_pli(uint8_t *at, uint32_t sender, uint32_t media); /* 12 */
size_t rtcp_write_remb(uint8_t *at, uint32_t sender, uint64_t bitrate, const uint32_t *ssrcs,
                       size_t count); /* 20 + 4 * count; 18 significant bits */

#endif
