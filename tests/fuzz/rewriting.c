/* A whole engine in a small meeting. The input is a script: media and repairs with fuzzed headers,
 * extensions and payloads, feedback of all kinds, switches, restarts, and time. What the receivers
 * must never see is in stream.h.
 *
 * Each step is one byte for what happens and as many as it takes to say how; after the end all
 * bytes are 0. */
#include "meeting.h"
#include "rtcp.h"

enum { MOST_STEPS = 300, TICKS = 450, TAIL = 40, MOST_PADDING = 8 };
enum { LARGEST_PACKET = MAX_DATAGRAM - RECEIVED_TRAILER };

static struct reader script;

static uint16_t read16(void) {
    uint16_t low = read8(&script);
    return (uint16_t)(low | read8(&script) << 8);
}

static void disorder(void) {
    meeting.disordered = true;
    for (size_t i = 0; i < SINKS; i++)
        meeting.streams[i].orderly = false;
}

static void mix(void) {
    disorder();
    meeting.mixed = true;
    for (size_t i = 0; i < SINKS; i++)
        meeting.streams[i].showing = ~0u;
}

/* What a peer sends comes with a trailer whose last byte says what libsrtp thinks of it. */
static void receive(uint64_t transport, const uint8_t *data, size_t size, uint8_t status) {
    size_t whole = size + RECEIVED_TRAILER;
    uint8_t *datagram = malloc(whole);
    CHECK(datagram);
    memcpy(datagram, data, size);
    memset(datagram + size, 0, RECEIVED_TRAILER);
    datagram[whole - 1] = status;
    engine_receive(meeting.engine, path_of(transport, 0), datagram, whole);
    free(datagram);
}

/* Media */

enum extension_mode {
    NO_BLOCK,
    ONE_BYTE_BLOCK,
    TWO_BYTE_BLOCK,
    REPAIR_BLOCK,
    RAW_ONE_BYTE_BLOCK,
    RAW_TWO_BYTE_BLOCK,
    RAW_BLOCK,
    EXTENSION_MODES
};

enum media_flag {
    IS_KEYFRAME = 1,
    HAS_MARKER = 2,
    HAS_PADDING = 4,
    HAS_CSRCS = 8,
    HAS_RAW_PAYLOAD = 16,
    IS_LARGE = 32,
    IS_EMPTY = 64,
    IS_REFUSED = 128,
};

static void put_element(struct buffer *out, bool two_byte, uint8_t id, const void *value,
                        size_t size) {
    if (two_byte) {
        buffer_put8(out, id);
        buffer_put8(out, (uint8_t)size);
    } else {
        buffer_put8(out, (uint8_t)((size_t)id << 4 | (size - 1)));
    }
    buffer_append(out, value, size);
}

/* Temporal layers of pictures that follow each other; keyframes are of the lowest. */
static uint8_t temporal_layer(const struct encoding *encoding, bool key) {
    static const uint8_t pattern[] = {0, 2, 1, 2};
    return key ? 0 : pattern[encoding->picture_id % COUNT(pattern)];
}

/* Of two temporal layers; with the structure if it is a keyframe. */
static void put_descriptor(struct buffer *out, struct encoding *encoding, bool two_byte,
                           bool key) {
    uint8_t descriptor[] = {0xC0, 0, 0, 0x80, 0x01, 0x7A, 0x14, 0x10, 0x08};
    descriptor[0] |= temporal_layer(encoding, key) != 0;
    store16(descriptor + 1, ++encoding->frame_number);
    put_element(out, two_byte, 12, descriptor, key ? sizeof descriptor : DEPENDENCY_MIN);
}

static void put_names(struct buffer *out, const struct source_description *source, bool two_byte,
                      bool repair) {
    uint8_t level = 0x85;
    put_element(out, two_byte, 4, source->mid, strlen(source->mid));
    if (source->rid)
        put_element(out, two_byte, repair ? 11 : 10, source->rid, strlen(source->rid));
    put_element(out, two_byte, 1, &level, 1);
    put_element(out, two_byte, 2, "abc", 3);
    put_element(out, two_byte, 13, "\1", 1);
}

static void put_raw(struct buffer *out) {
    for (size_t left = read8(&script) % 64; left; left--)
        buffer_put8(out, read8(&script));
}

static void put_block(struct buffer *out, const struct source_description *source,
                      struct encoding *encoding, enum extension_mode mode, bool key) {
    bool two_byte = mode == TWO_BYTE_BLOCK || mode == RAW_TWO_BYTE_BLOCK;
    uint16_t profile = two_byte ? 0x1000 : 0xBEDE;
    if (mode == NO_BLOCK)
        return;
    if (mode == RAW_BLOCK)
        profile = read16();
    size_t begin = out->size;
    buffer_put32(out, 0);
    if (mode >= RAW_ONE_BYTE_BLOCK) {
        mix(); /* a malformed block is a lost packet; another mid, another's */
        put_raw(out);
    } else {
        put_names(out, source, two_byte, mode == REPAIR_BLOCK);
        if (source->kind == VIDEO)
            put_descriptor(out, encoding, two_byte, key);
    }
    while ((out->size - begin) % 4)
        buffer_put8(out, 0);
    store16(out->data + begin, profile);
    store16(out->data + begin + 2, (uint16_t)((out->size - begin) / 4 - 1));
}

static void put_codec_header(struct buffer *out, enum codec codec, bool key,
                             const struct encoding *encoding) {
    uint16_t picture_id = encoding->picture_id;
    uint8_t high = (uint8_t)(0x80 | picture_id >> 8), low = (uint8_t)picture_id;
    uint8_t temporal = temporal_layer(encoding, key);
    uint8_t sync = (uint8_t)(picture_id << 1 & 0x20), up = (uint8_t)(picture_id & 0x10);
    uint8_t spatial = !key && (picture_id & 0x07) == 7 ? 2 : 0; /* the second layer */
    const uint8_t vp8[] = {0x90, 0xE0, high, low, low, (uint8_t)(temporal << 6 | sync),
                           key ? 0x10 : 0x11};
    const uint8_t vp9[] = {key || spatial ? 0xAC : 0xEC, high, low,
                           (uint8_t)(temporal << 5 | up | spatial), low};
    const uint8_t opus[] = {0x80 | 111, 0, 0x0F, 2, 111, 1, 2}; /* with redundancy */
    const uint8_t h264[] = {key ? 0x65 : 0x41};
    const uint8_t av1[] = {key ? 0x18 : 0x10, 0x30};
    if (codec == VP8)
        buffer_append(out, vp8, sizeof vp8);
    else if (codec == VP9)
        buffer_append(out, vp9, sizeof vp9);
    else if (codec == H264)
        buffer_append(out, h264, sizeof h264);
    else if (codec == AV1)
        buffer_append(out, av1, sizeof av1);
    else if (key)
        buffer_append(out, opus, sizeof opus);
}

/* Up to `end` bytes of packet, the last ones saying whose it is. */
static void put_tail(struct buffer *out, size_t number, size_t end) {
    uint8_t tag[TAG_SIZE];
    size_t fill = out->size + TAG_SIZE < end ? end - TAG_SIZE - out->size : 0;
    memset(buffer_extend(out, fill), 0x30, fill);
    store32(tag, TAG | (uint32_t)number);
    buffer_append(out, tag, sizeof tag);
}

/* Packets of a codec that a sink does not take are lost to it. */
static void miss_at_sinks(size_t number, enum codec codec) {
    for (size_t i = 0; i < SINKS; i++) {
        bool takes = !(meeting.streams[i].showing >> number & 1);
        for (size_t j = 0; j < SHOWN[i].type_count; j++)
            takes |= SHOWN[i].types[j].codec == codec;
        meeting.streams[i].orderly &= takes;
    }
}

static void put_payload(struct buffer *out, size_t number, enum codec codec, uint8_t flags) {
    struct encoding *encoding = &meeting.encodings[number];
    if (flags & IS_EMPTY)
        return;
    if (flags & HAS_RAW_PAYLOAD) {
        mix(); /* what is not of its codec is lost */
        put_raw(out);
        return;
    }
    if (codec == VP8 || codec == VP9)
        encoding->picture_id = (encoding->picture_id + 1) & 0x7FFF;
    put_codec_header(out, codec, flags & IS_KEYFRAME, encoding);
    put_tail(out, number, flags & IS_LARGE ? LARGEST_PACKET - MOST_PADDING : out->size + TAIL);
}

static void put_padding(struct buffer *out) {
    uint8_t count = (uint8_t)(read8(&script) % MOST_PADDING + 1); /* itself included */
    for (uint8_t i = 1; i < count; i++)
        buffer_put8(out, 0);
    buffer_put8(out, count);
    out->data[0] |= 0x20;
}

static void move_on(struct encoding *encoding, bool repair) {
    int8_t step = (int8_t)read8(&script);
    uint8_t ticks = read8(&script);
    if (repair) {
        encoding->rtx_sequence++;
        disorder();
        return;
    }
    if (step != 0 || ticks >= 200)
        disorder();
    encoding->sequence = (uint16_t)(encoding->sequence + 1 + step);
    encoding->timestamp += (uint32_t)(ticks < 200 ? ticks * TICKS : (200 - ticks) * TICKS);
}

/* One packet, as the script has it: which source, how, the codec and the header extension. */
static void media(bool repair) {
    uint8_t who = read8(&script);
    uint8_t flags = read8(&script);
    size_t number = who % SOURCES;
    const struct source_description *source = &DESCRIBED[number];
    struct encoding *encoding = &meeting.encodings[number];
    bool video = source->kind == VIDEO;
    struct codec_types types = video ? PUBLISHED_VIDEO[who / SOURCES % 4] : PUBLISHED_AUDIO[0];
    if (!video && flags & IS_KEYFRAME)
        types.media = types.red;
    enum extension_mode mode = (enum extension_mode)(who / (4 * SOURCES) % EXTENSION_MODES);
    move_on(encoding, repair);
    miss_at_sinks(number, (enum codec)types.codec);
    struct buffer out = {0};
    CHECK(buffer_extend(&out, RTP_HEADER));
    rtp_write_header(out.data, mode != NO_BLOCK, repair ? types.rtx & 0x7F : types.media,
                     flags & HAS_MARKER, repair ? encoding->rtx_sequence : encoding->sequence,
                     encoding->timestamp, repair ? encoding->rtx_ssrc : encoding->ssrc);
    if (flags & HAS_CSRCS) {
        out.data[0] |= 2;
        buffer_put64(&out, 0x0102030405060708);
    }
    put_block(&out, source, encoding, mode, flags & IS_KEYFRAME);
    if (repair) {
        buffer_put8(&out, (uint8_t)(encoding->sequence >> 8));
        buffer_put8(&out, (uint8_t)(encoding->sequence - read8(&script)));
    }
    put_payload(&out, number, (enum codec)types.codec, flags);
    if (flags & (HAS_PADDING | IS_LARGE))
        put_padding(&out);
    uint8_t status = flags & IS_REFUSED ? read8(&script) : 0;
    if (status)
        disorder();
    receive(source->transport, out.data, out.size, status);
    buffer_free(&out);
}

static void lose_packet(void) {
    meeting.encodings[read8(&script) % SOURCES].sequence++;
    disorder();
}

/* The encoder begins afresh: other SSRCs, other numbers. */
static void restart_encoder(void) {
    struct encoding *encoding = &meeting.encodings[read8(&script) % SOURCES];
    encoding->ssrc += 0x10000;
    encoding->rtx_ssrc += 0x10000;
    encoding->sequence = read16();
    encoding->timestamp = (uint32_t)read16() << 16;
}

/* Anything at all, from anybody. */
static void raw_datagram(void) {
    uint64_t transport = 1 + read8(&script) % CLIENTS;
    uint8_t status = read8(&script);
    struct buffer out = {0};
    put_raw(&out);
    if (out.size && out.data[0] >> 6 == 2 && transport <= PUBLISHERS)
        meeting.wild = true;
    disorder();
    if (out.size)
        receive(transport, out.data, out.size, status);
    buffer_free(&out);
}

/* Feedback */

static uint32_t some_ssrc(void) {
    uint8_t which = read8(&script);
    const struct stream *stream = &meeting.streams[which % SINKS];
    return which & 0x80 ? which : which & 0x40 ? stream->rtx_ssrc : stream->ssrc;
}

static size_t write_nack(uint8_t *at, const struct stream *stream) {
    enum { MOST_ASKED = 20 };
    uint16_t lost[MOST_ASKED];
    size_t count = read8(&script) % MOST_ASKED + 1u;
    uint16_t first = (uint16_t)(stream->sequence - read8(&script));
    for (size_t i = 0; i < count; i++)
        lost[i] = (uint16_t)(first + i);
    return rtcp_write_nack(at, 5, stream->ssrc, lost, count);
}

static size_t write_block(uint8_t *at) {
    struct report_block block = {.ssrc = some_ssrc(), .fraction_lost = read8(&script)};
    block.packets_lost = (int8_t)read8(&script);
    block.highest_sequence = read16();
    block.lsr = read32(&script);
    block.dlsr = read32(&script);
    return rtcp_write_receiver_report(at, 5, &block, 1);
}

/* A receiver speaks; any of them about any stream. */
static void feedback(void) {
    uint8_t compound[256];
    uint64_t transport = PUBLISHERS + 1 + read8(&script) % RECEIVERS;
    uint8_t what = read8(&script);
    size_t size = 0;
    if (what & 1)
        size += write_block(compound + size);
    if (what & 2)
        size += write_nack(compound + size, &meeting.streams[what / 16 % SINKS]);
    if (what & 4)
        size += rtcp_write_pli(compound + size, 5, some_ssrc());
    if (what & 8)
        size += rtcp_write_remb(compound + size, 5, read32(&script), NULL, 0);
    if (size)
        receive(transport, compound, size, 0);
}

static void sender_report(void) {
    uint8_t compound[64];
    size_t number = read8(&script) % SOURCES;
    uint64_t ntp = (uint64_t)read32(&script) << 32 | read32(&script);
    size_t size = rtcp_write_sender_report(compound, meeting.encodings[number].ssrc, ntp,
                                           read32(&script), 1, 2);
    receive(DESCRIBED[number].transport, compound, size, 0);
}

/* Commands */

static struct layer read_limits(void) {
    uint8_t byte = read8(&script);
    return (struct layer){byte & 0x80 ? ALL_LAYERS : byte & 0x03,
                          byte & 0x40 ? ALL_LAYERS : byte >> 2 & 0x03};
}

static void route(void) {
    size_t sink = read8(&script) % SINKS;
    uint8_t how = read8(&script);
    size_t source = how / 8 % SOURCES;
    bool has_source = !(how & 1), paused = how & 2;
    enum switch_kind kind = how & 4 ? SWITCH_LAYER : SWITCH_PARTICIPANT;
    if (how & 0x40)
        kind = SWITCH_CUT;
    struct layer limits = how & 0x20 ? read_limits() : (struct layer){ALL_LAYERS, ALL_LAYERS};
    struct stream *stream = &meeting.streams[sink];
    stream->thinned |= how & 0x20;
    put_limited_route(&meeting.commands, SHOWN[sink].id,
                      has_source ? &DESCRIBED[source].id : NULL, kind, paused, limits);
    run_commands_now(); /* what has come before may still show what was shown */
    if (!has_source || paused)
        stream->showing = 0;
    else if (kind == SWITCH_PARTICIPANT)
        stream->showing = 1u << source;
    else
        stream->showing |= 1u << source;
    if (meeting.mixed)
        stream->showing = ~0u;
    take_events();
}

static void put_id_command(enum command kind, uint64_t id) {
    put_about(&meeting.commands, kind, id, NULL);
    run_commands_now();
}

static void reopen_source(void) {
    size_t number = read8(&script) % SOURCES;
    put_id_command(CLOSE_SOURCE, DESCRIBED[number].id);
    open_source_of(number);
}

static void reopen_sink(void) {
    size_t number = read8(&script) % SINKS;
    put_id_command(CLOSE_SINK, SHOWN[number].id);
    end_round(); /* what it was sent is on its way */
    engine_begin(meeting.engine, meeting.now);
    open_sink_of(number);
}

/* A receiver cannot be reached for a while, or moves. */
static void select_path(void) {
    uint64_t transport = 1 + read8(&script) % CLIENTS;
    uint8_t path = read8(&script) % (PATHS + 1);
    put_select_path(&meeting.commands, transport,
                    path < PATHS ? path_of(transport, path) : NULL);
    run_commands_now();
    if (path == PATHS)
        disorder();
}

static void limit(void) {
    size_t body = begin_command(&meeting.commands, SET_RECEIVE_LIMIT);
    buffer_put64(&meeting.commands, 1 + read8(&script) % PUBLISHERS);
    buffer_put64(&meeting.commands, read32(&script));
    end_command(&meeting.commands, body);
    run_commands_now();
}

static void refuse_next(void) {
    meeting.refusals = read8(&script);
    disorder();
}

static void wait(void) {
    static const double seconds[] = {0.0, 0.001, 0.02, 0.1, 0.5, 1.0, 3.5, 70.0, 7200.0};
    let_time_pass(seconds[read8(&script) % COUNT(seconds)]);
}

static void fresh_media(void) {
    media(false);
}

static void repaired_media(void) {
    media(true);
}

static void (*const STEPS[])(void) = {
    fresh_media, repaired_media, lose_packet,   restart_encoder, raw_datagram,
    feedback,    sender_report,  route,         reopen_source,   reopen_sink,
    select_path, limit,          refuse_next,   wait,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    script = (struct reader){data, data + size, true};
    open_meeting();
    for (int i = 0; i < MOST_STEPS && script.at < script.end; i++)
        STEPS[read8(&script) % COUNT(STEPS)]();
    close_meeting();
    return 0;
}
