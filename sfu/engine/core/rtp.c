#include "rtp.h"

#include "bytes.h"

enum { FIXED_HEADER = 12, EXTENSION_HEADER = 4, ONE_BYTE = 0xBEDE, TWO_BYTE = 0x1000 };

/* Moves `*offset` behind the header extension. */
static bool parse_extension(const uint8_t *data, size_t size, size_t *offset,
                            struct rtp_packet *packet) {
    if (*offset + EXTENSION_HEADER > size)
        return false;
    packet->extension_profile = load16(data + *offset);
    packet->extension_size = 4 * (size_t)load16(data + *offset + 2);
    *offset += EXTENSION_HEADER;
    if (packet->extension_size > size - *offset)
        return false;
    packet->extension = data + *offset;
    *offset += packet->extension_size;
    return true;
}

bool rtp_parse(const uint8_t *data, size_t size, struct rtp_packet *packet) {
    if (size < FIXED_HEADER || (data[0] & 0xC0) != 0x80)
        return false;
    *packet = (struct rtp_packet){
        .ssrc = load32(data + 8),
        .timestamp = load32(data + 4),
        .sequence = load16(data + 2),
        .payload_type = data[1] & 0x7F,
        .marker = (data[1] & 0x80) != 0,
        .has_extension = (data[0] & 0x10) != 0,
        .size = size,
    };
    size_t offset = FIXED_HEADER + 4 * (size_t)(data[0] & 0x0F);
    if (packet->has_extension && !parse_extension(data, size, &offset, packet))
        return false;
    if (offset > size)
        return false;
    size_t padding = 0;
    if (data[0] & 0x20) {
        padding = data[size - 1];
        if (padding == 0 || padding > size - offset)
            return false;
    }
    packet->payload = data + offset;
    packet->payload_size = size - offset - padding;
    return true;
}

void rtp_elements_begin(const struct rtp_packet *packet, struct rtp_elements *walk) {
    *walk = (struct rtp_elements){0};
    if (!packet->has_extension)
        return;
    walk->two_byte = (packet->extension_profile & 0xFFF0) == TWO_BYTE;
    if (walk->two_byte || packet->extension_profile == ONE_BYTE) {
        walk->at = packet->extension;
        walk->end = packet->extension + packet->extension_size;
    }
}

static bool stop(struct rtp_elements *walk, bool malformed) {
    walk->at = walk->end;
    walk->malformed = malformed;
    return false;
}

static bool take(struct rtp_elements *walk, uint8_t id, uint8_t size,
                 struct rtp_element *element) {
    if (size > walk->end - walk->at)
        return stop(walk, true);
    *element = (struct rtp_element){.id = id, .size = size, .value = walk->at};
    walk->at += size;
    return true;
}

bool rtp_next_element(struct rtp_elements *walk, struct rtp_element *element) {
    while (walk->at < walk->end && *walk->at == 0)
        walk->at++;
    if (walk->at == walk->end)
        return false;
    uint8_t head = *walk->at++;
    if (walk->two_byte) {
        if (walk->at == walk->end)
            return stop(walk, true);
        uint8_t size = *walk->at++;
        return take(walk, head, size, element);
    }
    uint8_t id = head >> 4;
    if (id == 0 || id == 15)
        return stop(walk, false); /* what follows must not be looked at */
    return take(walk, id, (uint8_t)((head & 0x0F) + 1), element);
}

static bool fit_one_byte(const struct rtp_element *elements, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (elements[i].id >= 15 || elements[i].size == 0 || elements[i].size > 16)
            return false;
    }
    return true;
}

size_t rtp_write_extension(uint8_t *block, const struct rtp_element *elements, size_t count) {
    if (count == 0)
        return 0;
    bool one_byte = fit_one_byte(elements, count);
    size_t size = EXTENSION_HEADER;
    for (size_t i = 0; i < count; i++) {
        const struct rtp_element *element = &elements[i];
        if (one_byte) {
            block[size++] = (uint8_t)(element->id << 4 | (element->size - 1));
        } else {
            block[size++] = element->id;
            block[size++] = element->size;
        }
        memcpy(block + size, element->value, element->size);
        size += element->size;
    }
    while (size & 3)
        block[size++] = 0;
    store16(block, one_byte ? ONE_BYTE : TWO_BYTE);
    store16(block + 2, (uint16_t)((size - EXTENSION_HEADER) / 4));
    return size;
}

void rtp_write_header(uint8_t *at, bool extension, uint8_t payload_type, bool marker,
                      uint16_t sequence, uint32_t timestamp, uint32_t ssrc) {
    at[0] = extension ? 0x90 : 0x80;
    at[1] = (uint8_t)(marker ? payload_type | 0x80 : payload_type);
    store16(at + 2, sequence);
    store32(at + 4, timestamp);
    store32(at + 8, ssrc);
}
