/* The RTP fixed header (RFC 3550, section 5.1), and the elements of header extensions in their
 * one-byte and two-byte forms (RFC 8285, sections 4.2 and 4.3). */
#ifndef TERTULIA_RTP_H
#define TERTULIA_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A parsed packet: everything is a view of the bytes it was parsed from. */
struct rtp_packet {
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    uint8_t payload_type;
    bool marker;
    bool has_extension;
    uint16_t extension_profile;
    const uint8_t *extension; /* the elements, without profile and length */
    size_t extension_size;
    const uint8_t *payload; /* without padding */
    size_t payload_size;
    size_t size; /* of the whole packet, padding included; bytes */
};

/* False for anything that is no well-formed RTP version 2 packet. */
bool rtp_parse(const uint8_t *data, size_t size, struct rtp_packet *packet);

struct rtp_element {
    uint8_t id;
    uint8_t size;
    const uint8_t *value;
};

/* Walks the elements of a packet. A profile of neither form has none that we could understand. */
struct rtp_elements {
    const uint8_t *at;
    const uint8_t *end;
    bool two_byte;
    bool malformed; /* an element left the block; said after the last `rtp_next_element` */
};

void rtp_elements_begin(const struct rtp_packet *packet, struct rtp_elements *walk);
bool rtp_next_element(struct rtp_elements *walk, struct rtp_element *element);

/* Bytes of the largest block that `rtp_write_extension` makes. */
enum { RTP_EXTENSION_MAX = 280 };

/* Writes the whole block, profile and length included, padded to 32 bits: one-byte form if all
 * elements fit it. Returns its size, 0 for no elements. At most one element of 255 bytes and four of
 * 3 bytes. */
size_t rtp_write_extension(uint8_t *block, const struct rtp_element *elements, size_t count);

/* Writes 12 bytes: the fixed header of a packet without CSRCs and padding. */
void rtp_write_header(uint8_t *at, bool extension, uint8_t payload_type, bool marker,
                      uint16_t sequence, uint32_t timestamp, uint32_t ssrc);

#endif
