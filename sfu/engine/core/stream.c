#include "stream.h"

#include <stdlib.h>

struct stream *stream_new(uint32_t ssrc, int clock_rate, struct transport_clock *clock) {
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->ssrc = ssrc;
    stream->clock = source_clock_new(clock_rate, clock);
    if (!stream->clock) {
        free(stream);
        return NULL;
    }
    reception_init(&stream->reception, clock_rate);
    nack_init(&stream->missing);
    return stream;
}

void stream_free(struct stream *stream) {
    if (!stream)
        return;
    source_clock_release(stream->clock);
    nack_free(&stream->missing);
    free(stream);
}

enum drop stream_place(struct stream *stream, const struct rtp_packet *packet, double now,
                       bool repaired, int64_t *sequence, int64_t *timestamp) {
    int64_t number = unwrap16(&stream->sequences, packet->sequence);
    if (number <= stream->sequences.highest - STREAM_WINDOW)
        return DROP_TOO_OLD;
    uint8_t *seen = &stream->seen[number % STREAM_WINDOW];
    uint8_t turn = (uint8_t)(number / STREAM_WINDOW);
    if (*seen == turn)
        return DROP_DUPLICATE;
    *seen = turn;
    if (!repaired) {
        /* A repair tells nothing about the way here (RFC 4588, section 6.1). */
        reception_received(&stream->reception, packet->sequence, packet->timestamp, now);
        source_clock_received(stream->clock, packet->timestamp, now);
    }
    *sequence = number;
    *timestamp = unwrap32(&stream->timestamps, packet->timestamp);
    return NO_DROP;
}
