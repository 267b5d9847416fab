#include "keyframes.h"

#include "rtcp.h"
#include "sink.h"
#include "source.h"
#include "state.h"
#include "transport.h"

/* Seconds between two requests; an encoder's answer and a round trip fit into it. */
static const double KEYFRAME_INTERVAL = 0.5;

bool keyframes_needed(const struct source *source) {
    if (!source_is_active(source) || source->parameters.kind != VIDEO)
        return false;
    for (size_t i = 0; i < source->sinks.count; i++)
        if (sink_waits_for(source->sinks.items[i], source->codec))
            return true;
    for (size_t i = 0; i < source->followers.count; i++)
        if (sink_accepts(source->followers.items[i], source->codec))
            return true;
    return false;
}

/* A silent encoding is not asked: nobody may be there for hours. */
static bool send_pli(struct source *source) {
    uint8_t pli[12];
    if (!source->stream || !source_is_active(source))
        return false;
    rtcp_write_pli(pli, RTCP_OUR_SSRC, source->stream->ssrc);
    if (!transport_send_rtcp(source->transport, pli, sizeof pli))
        return false;
    source->stats.keyframe_requests_sent++;
    return true;
}

static void run(void *owner, double now) {
    struct source *source = owner;
    struct keyframe_requester *keyframes = &source->keyframes;
    bool needed = keyframes_needed(source);
    if (!(keyframes->asked || needed) || !send_pli(source))
        return;
    keyframes->asked = false;
    keyframes->has_sent = true;
    keyframes->sent_at = now;
    if (needed)
        timers_set(&source->engine->timers, &keyframes->timer, now + KEYFRAME_INTERVAL);
}

void keyframes_init(struct source *source) {
    source->keyframes = (struct keyframe_requester){.timer = {.run = run, .owner = source}};
}

void keyframes_request(struct source *source, double now) {
    struct keyframe_requester *keyframes = &source->keyframes;
    keyframes->asked = true;
    if (timer_is_set(&keyframes->timer))
        return;
    double due = keyframes->sent_at + KEYFRAME_INTERVAL;
    if (keyframes->has_sent && due > now)
        timers_set(&source->engine->timers, &keyframes->timer, due);
    else
        run(source, now);
}

void keyframes_arrived(struct source *source) {
    source->keyframes.asked = false;
}
