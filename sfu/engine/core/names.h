/* The vocabulary that both sides of the border share. The numbers are those of `wire.py`. */
#ifndef TERTULIA_NAMES_H
#define TERTULIA_NAMES_H

#include <stdint.h>

enum { MAX_DATAGRAM = 1500, MAX_SSRCS_PER_TRANSPORT = 32 };

enum codec { OPUS, VP8, VP9, H264, AV1, CODECS, NO_CODEC = 0xFF };

enum kind { AUDIO, VIDEO };

/* RTP header extensions the engine knows (RFC 8285). Those before FORWARDED are written for sinks,
 * TRANSPORT_CC as the first, where `transport_send_rtp` finds it. */
enum extension {
    TRANSPORT_CC,
    AUDIO_LEVEL,
    ABS_SEND_TIME,
    VIDEO_ORIENTATION,
    DEPENDENCY_DESCRIPTOR,
    FORWARDED,
    MID = FORWARDED,
    RID,
    REPAIRED_RID,
    EXTENSIONS,
    NO_EXTENSION = 0xFF
};

enum switch_kind { SWITCH_LAYER, SWITCH_PARTICIPANT, SWITCH_CUT, SWITCHES };

enum { ALL_LAYERS = 0xFF }; /* a route without a limit */

/* Who says what the way to a receiver carries. */
enum bandwidth_source { BY_TRANSPORT_CC, BY_REMB };

/* Why a datagram or packet went no further, in the order of `interface.Drop`. */
enum drop {
    DROP_EMPTY,
    DROP_OVERSIZED,
    DROP_UNKNOWN_PROTOCOL,
    DROP_STUN_MALFORMED,
    DROP_STUN_UNKNOWN_UFRAG,
    DROP_UNVALIDATED_PATH,
    DROP_NO_KEYS,
    DROP_SRTP_AUTHENTICATION,
    DROP_SRTP_REPLAY,
    DROP_RTP_MALFORMED,
    DROP_RTCP_MALFORMED,
    DROP_UNKNOWN_SSRC,
    DROP_TOO_MANY_SSRCS,
    DROP_UNKNOWN_PAYLOAD_TYPE,
    DROP_RTX_MALFORMED,
    DROP_RTX_UNKNOWN,
    DROP_DUPLICATE,
    DROP_TOO_OLD,
    DROP_CODEC_NOT_NEGOTIATED,
    DROP_AWAITING_KEYFRAME,
    DROP_ABOVE_LAYER,
    DROP_QUEUE_FULL,
    DROP_NO_PATH,
    DROP_SEND_BUFFER_FULL,
    DROP_SEND_FAILED,
    DROPS,
    NO_DROP = DROPS
};

#endif
