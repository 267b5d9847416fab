/* What a source reads from a packet, once for all sinks. */
#include "source.h"
#include "state.h"
#include "transport.h"

/* Those of one byte are copied. False if malformed. */
static bool read_elements(const struct source *source, const struct rtp_packet *packet,
                          struct media *media, struct text *descriptor) {
    struct rtp_elements walk;
    struct rtp_element element;
    if (!packet->has_extension)
        return true;
    rtp_elements_begin(packet, &walk);
    while (rtp_next_element(&walk, &element)) {
        uint8_t name = source->transport->extension_of[element.id];
        if (name == DEPENDENCY_DESCRIPTOR)
            *descriptor = (struct text){element.value, element.size};
        if (name >= DEPENDENCY_DESCRIPTOR)
            continue;
        media->has_element[name] = element.size == 1;
        media->element[name] = element.size == 1 ? element.value[0] : 0;
    }
    return !walk.malformed;
}

static void hear(struct source *source, const struct media *media) {
    struct engine *engine = source->engine;
    if (source->parameters.kind != AUDIO || !media->has_element[AUDIO_LEVEL])
        return;
    if (level_meter_update(&source->meter, media->element[AUDIO_LEVEL], engine->now))
        events_source(&engine->events, VOICE_STARTED, source->id);
}

/* Other codecs come with one, too, but not every switch between their sources would leave the
 * receiver a valid one. */
static bool is_described(uint8_t codec) {
    return codec == VP9 || codec == AV1;
}

static void describe(struct source *source, struct media *media, struct text data) {
    struct descriptor *descriptor =
        descriptor_new(&source->descriptors, data.bytes, data.size, media->sequence);
    media->descriptor = descriptor;
    if (!descriptor || !descriptor->structure)
        return;
    media->has_placing = true;
    media->placing = (struct placing){.layer = descriptor->frame.layer,
                                      .begins = dependency_starts(descriptor->data),
                                      .ends = dependency_ends(descriptor->data)};
}

/* What the payload says. False if it is malformed. */
static bool read_payload(const struct source *source, const struct rtp_packet *packet,
                         struct media *media) {
    struct description description;
    uint8_t type = source->parameters.payload_types[OPUS].media;
    if (source_is_redundant(source, packet->payload_type) && media->payload_size &&
        !red_read(media->payload, media->payload_size, type, &media->red))
        return false;
    struct text payload = media_payload(media, false);
    if (!payload_describe(media->codec, payload.bytes, payload.size, &description))
        return false;
    media->joinable = description.joinable;
    media->has_picture = description.has_picture;
    media->picture = description.picture;
    media->has_placing = description.has_placing;
    media->placing = description.placing;
    return true;
}

/* What the packet says. False for a payload or an extension that cannot be read. */
static bool read_media(struct source *source, const struct rtp_packet *packet,
                       struct media *media) {
    struct text descriptor = {0};
    if (!read_payload(source, packet, media) ||
        !read_elements(source, packet, media, &descriptor))
        return false;
    hear(source, media);
    size_t size = media_payload(media, false).size;
    if (descriptor.bytes && size && is_described(media->codec))
        describe(source, media, descriptor);
    if (source->parameters.kind == VIDEO)
        rate_meter_count(&source->rates,
                         media->has_placing ? media->placing.layer : (struct layer){0}, size);
    return true;
}

struct media *source_read(struct source *source, const struct rtp_packet *packet, uint8_t codec,
                          int64_t sequence, int64_t timestamp) {
    struct media *media =
        media_new(packet->payload, packet->payload_size, source->stream->clock);
    if (!media)
        return NULL;
    media->codec = codec;
    media->marker = packet->marker;
    media->sequence = sequence;
    media->timestamp = timestamp;
    write_abs_send_time(media->abs_send_time, engine_unix(source->engine));
    if (read_media(source, packet, media))
        return media;
    media_release(media);
    return NULL;
}
