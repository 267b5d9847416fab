/* What a receiver sees of one sink, and what it must never see. All of it is checked where packets
 * are about to be encrypted: there they are plain, and in order. */
#ifndef TERTULIA_FUZZ_STREAM_H
#define TERTULIA_FUZZ_STREAM_H

#include "bytes.h"
#include "dependency.h"
#include "encode.h"
#include "rtp.h"
#include "sequence.h"

enum { RTP_HEADER = 12, LONGEST_PLAIN = MAX_DATAGRAM + RTP_EXTENSION_MAX + 2, KEPT_HASHES = 1024 };

/* The end of the payloads that are made here: whose they are. */
enum { TAG = 0x54414700, TAG_SIZE = 4 };

struct sent_hash {
    bool kept;
    uint16_t sequence;
    uint32_t hash;
};

struct stream {
    uint64_t sink;
    uint32_t ssrc;
    uint32_t rtx_ssrc; /* 0 for none */
    const struct codec_types *types;
    size_t type_count;
    const struct extension_id *extensions;
    size_t extension_count;
    /* What is told of it. */
    bool orderly;     /* all that it showed came in order, and it was sent all that it may show */
    bool thinned;     /* it may have been sent some layers only */
    unsigned showing; /* bits of the sources it may show */
    int64_t floor;    /* no RTP timestamp before it; unwrapped */
    /* What it got. */
    uint64_t packets;
    uint16_t sequence;
    int64_t timestamp; /* latest, unwrapped */
    uint16_t rtx_sequence;
    bool has_picture;
    uint16_t picture_id;
    bool has_frame;
    uint16_t frame_number;
    uint8_t used[0x10000 / 8]; /* sequence numbers, one bit each */
    struct sent_hash hashes[KEPT_HASHES];
};

static inline uint32_t hash_of(const uint8_t *data, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash;
}

static inline bool stream_used(const struct stream *stream, uint16_t sequence) {
    return stream->used[sequence / 8] >> sequence % 8 & 1;
}

static inline uint8_t extension_of(const struct stream *stream, uint8_t id) {
    for (size_t i = 0; i < stream->extension_count; i++)
        if (stream->extensions[i].id == id)
            return stream->extensions[i].extension;
    return NO_EXTENSION;
}

/* A publisher's mid in a packet would make a browser look for an m-line of that name. What is not
 * an element is padding. */
static inline void check_extensions(const struct stream *stream, const struct rtp_packet *packet) {
    struct rtp_elements walk;
    struct rtp_element element;
    size_t padding = packet->extension_size;
    rtp_elements_begin(packet, &walk);
    while (rtp_next_element(&walk, &element)) {
        CHECK(extension_of(stream, element.id) < FORWARDED);
        padding -= (walk.two_byte ? 2u : 1u) + element.size;
    }
    CHECK(!walk.malformed && padding < 4);
}

/* The codec a payload type stands for. */
static inline enum codec check_type(const struct stream *stream, uint8_t type, bool repair) {
    size_t i = 0;
    while (i < stream->type_count &&
           type != (repair ? stream->types[i].rtx : stream->types[i].media) &&
           (repair || type != stream->types[i].red))
        i++;
    CHECK(i < stream->type_count);
    return stream->types[i].codec;
}

static inline void check_tag(const struct stream *stream, const struct rtp_packet *packet) {
    if (packet->payload_size < TAG_SIZE)
        return;
    uint32_t tag = load32(packet->payload + packet->payload_size - TAG_SIZE);
    if ((tag & 0xFFFFFF00) == TAG)
        CHECK(stream->showing >> (tag & 0xFF) & 1);
}

/* Under one key a sequence number is used for one packet only, or GCM is broken. */
static inline void check_sequence(struct stream *stream, uint16_t sequence) {
    CHECK(!stream_used(stream, sequence));
    stream->used[sequence / 8] |= (uint8_t)(1 << sequence % 8);
    if (stream->orderly)
        CHECK(sequence == (uint16_t)(stream->sequence + 1));
    if (stream->packets == 0 || (int16_t)(sequence - stream->sequence) > 0)
        stream->sequence = sequence;
}

static inline void check_timestamp(struct stream *stream, uint32_t timestamp) {
    int32_t step = distance32(timestamp, (uint32_t)stream->timestamp);
    CHECK(stream->timestamp + step >= stream->floor);
    CHECK(!stream->orderly || step >= 0);
    if (step > 0)
        stream->timestamp += step;
}

/* A decoder waits for ever for a picture whose number was left out; those of VP9 refer to others by
 * it, so there layers that are left out leave gaps. */
static inline void check_picture(struct stream *stream, enum codec codec,
                                 const struct rtp_packet *packet) {
    if ((codec != VP8 && codec != VP9) || !stream->orderly || packet->payload_size == 0)
        return;
    size_t at = codec == VP8 ? 2 : 1;
    uint16_t picture_id = load16(packet->payload + at) & 0x7FFF;
    uint16_t step = (picture_id - stream->picture_id) & 0x7FFF;
    bool gaps = codec == VP9 && stream->thinned;
    CHECK(!stream->has_picture || (gaps ? step > 0 && step < 0x4000 : step == 1));
    stream->has_picture = true;
    stream->picture_id = picture_id;
}

/* A decoder takes an older frame number for an older frame. */
static inline void check_frame(struct stream *stream, const struct rtp_packet *packet) {
    struct rtp_elements walk;
    struct rtp_element element;
    rtp_elements_begin(packet, &walk);
    while (rtp_next_element(&walk, &element)) {
        if (extension_of(stream, element.id) != DEPENDENCY_DESCRIPTOR)
            continue;
        CHECK(element.size >= DEPENDENCY_MIN);
        uint16_t number = dependency_frame_number(element.value);
        bool newer = (int16_t)(number - stream->frame_number) > 0;
        CHECK(newer || !stream->has_frame || !stream->orderly);
        stream->has_frame = true;
        stream->frame_number = number;
    }
}

static inline void check_media(struct stream *stream, const struct rtp_packet *packet, bool wild) {
    enum codec codec = check_type(stream, packet->payload_type, false);
    if (!wild) {
        check_tag(stream, packet);
        check_sequence(stream, packet->sequence);
        check_timestamp(stream, packet->timestamp);
        check_picture(stream, codec, packet);
        check_frame(stream, packet);
    }
    stream->packets++;
}

/* A retransmission repeats what was sent, under a number of its own (RFC 4588). What was lost on the
 * way to us, or could not be sent, may come by it for the first time; but nothing newer. */
static inline void check_rtx(struct stream *stream, const struct rtp_packet *packet, bool wild) {
    check_type(stream, packet->payload_type, true);
    CHECK(packet->payload_size >= 2);
    uint16_t original = load16(packet->payload);
    CHECK(wild || !stream->orderly || stream_used(stream, original));
    CHECK(wild || (int16_t)(stream->sequence - original) >= 0);
    CHECK(packet->sequence != stream->rtx_sequence);
    CHECK((uint16_t)(packet->sequence - stream->rtx_sequence) < 0x8000);
    stream->rtx_sequence = packet->sequence;
}

/* `wild`: publishers have sent numbers that nothing is known about. */
static inline void stream_protecting(struct stream *stream, const uint8_t *data, size_t size,
                                     bool wild) {
    struct rtp_packet packet;
    CHECK(size <= LONGEST_PLAIN);
    CHECK(rtp_parse(data, size, &packet));
    check_extensions(stream, &packet);
    if (packet.ssrc == stream->ssrc)
        check_media(stream, &packet, wild);
    else
        check_rtx(stream, &packet, wild);
    if (packet.ssrc == stream->ssrc)
        stream->hashes[packet.sequence % KEPT_HASHES] =
            (struct sent_hash){true, packet.sequence, hash_of(data, size)};
}

/* What leaves is what was encrypted, the first time and each time it is repeated. */
static inline void stream_leaving(const struct stream *stream, const uint8_t *data, size_t size) {
    uint16_t sequence = load16(data + 2);
    const struct sent_hash *sent = &stream->hashes[sequence % KEPT_HASHES];
    if (load32(data + 8) == stream->ssrc && sent->kept && sent->sequence == sequence)
        CHECK(sent->hash == hash_of(data, size));
}

#endif
