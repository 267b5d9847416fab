/* The RTP header and its extensions: the input is one packet. What can be read of it is written
 * again, and must then be read as before. */
#include "bytes.h"
#include "fuzz.h"
#include "rtp.h"

enum { HEADER = 12, MOST_ELEMENTS = 4, LARGEST_ELEMENT = 4 };

/* `at` and what follows it lie within the packet, after the fixed header. */
static void check_view(const uint8_t *data, size_t size, const uint8_t *at, size_t view) {
    CHECK(at >= data + HEADER && at <= data + size);
    CHECK(view <= (size_t)(data + size - at));
}

static void check_packet(const uint8_t *data, size_t size, const struct rtp_packet *packet) {
    CHECK(size >= HEADER && packet->size == size);
    CHECK(packet->payload_type < 0x80);
    CHECK(packet->sequence == load16(data + 2) && packet->timestamp == load32(data + 4));
    CHECK(packet->ssrc == load32(data + 8));
    check_view(data, size, packet->payload, packet->payload_size);
    if (packet->has_extension) {
        check_view(data, size, packet->extension, packet->extension_size);
        CHECK(packet->extension_size % 4 == 0);
        CHECK(packet->extension + packet->extension_size == packet->payload);
    }
}

static void check_element(const struct rtp_packet *packet, const struct rtp_elements *walk,
                          const struct rtp_element *element) {
    CHECK(element->id && element->id < (walk->two_byte ? 256 : 15));
    CHECK(walk->two_byte || (element->size > 0 && element->size <= 16));
    const uint8_t *end = packet->extension + packet->extension_size;
    CHECK(element->value >= packet->extension && element->value <= end);
    CHECK(element->size <= end - element->value);
}

/* The first ones that can be written again; how many. */
static size_t walk_elements(const struct rtp_packet *packet, struct rtp_element *writable) {
    struct rtp_elements walk;
    struct rtp_element element;
    size_t count = 0, total = 0;
    rtp_elements_begin(packet, &walk);
    while (rtp_next_element(&walk, &element)) {
        check_element(packet, &walk, &element);
        CHECK(++total <= packet->extension_size);
        if (count < MOST_ELEMENTS && element.size <= LARGEST_ELEMENT)
            writable[count++] = element;
    }
    CHECK(!rtp_next_element(&walk, &element));
    return count;
}

static void check_same_elements(const struct rtp_packet *packet, const struct rtp_element *elements,
                                size_t count) {
    struct rtp_elements walk;
    struct rtp_element element;
    rtp_elements_begin(packet, &walk);
    for (size_t i = 0; i < count; i++) {
        CHECK(rtp_next_element(&walk, &element));
        CHECK(element.id == elements[i].id && element.size == elements[i].size);
        CHECK(memcmp(element.value, elements[i].value, element.size) == 0);
    }
    CHECK(!rtp_next_element(&walk, &element) && !walk.malformed);
}

static void check_written(const struct rtp_packet *packet, const struct rtp_element *elements,
                          size_t count) {
    uint8_t *data = malloc(HEADER + RTP_EXTENSION_MAX + packet->payload_size);
    CHECK(data);
    rtp_write_header(data, count > 0, packet->payload_type, packet->marker, packet->sequence,
                     packet->timestamp, packet->ssrc);
    size_t block = rtp_write_extension(data + HEADER, elements, count);
    CHECK(block <= RTP_EXTENSION_MAX && block % 4 == 0 && (block > 0) == (count > 0));
    memcpy(data + HEADER + block, packet->payload, packet->payload_size);
    struct rtp_packet again;
    CHECK(rtp_parse(data, HEADER + block + packet->payload_size, &again));
    CHECK(again.payload_type == packet->payload_type && again.marker == packet->marker);
    CHECK(again.sequence == packet->sequence && again.timestamp == packet->timestamp);
    CHECK(again.ssrc == packet->ssrc && again.has_extension == (count > 0));
    CHECK(again.payload_size == packet->payload_size);
    CHECK(memcmp(again.payload, packet->payload, packet->payload_size) == 0);
    check_same_elements(&again, elements, count);
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = exact_copy(data, size);
    struct rtp_packet packet;
    if (rtp_parse(copy, size, &packet)) {
        struct rtp_element elements[MOST_ELEMENTS];
        check_packet(copy, size, &packet);
        check_written(&packet, elements, walk_elements(&packet, elements));
    }
    free(copy);
    return 0;
}
