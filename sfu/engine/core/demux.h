/* What a datagram is, seen from its first bytes (RFC 7983), and whose STUN message it is. Only bytes
 * are looked at: nothing is authenticated yet. */
#ifndef TERTULIA_DEMUX_H
#define TERTULIA_DEMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum protocol { PROTOCOL_UNKNOWN, PROTOCOL_STUN, PROTOCOL_DTLS, PROTOCOL_RTP, PROTOCOL_RTCP };

/* `size` is at least 1. RTP and RTCP share a port by their second byte (RFC 5761, section 4). */
enum protocol classify(const uint8_t *data, size_t size);

/* The receiver's half of USERNAME (RFC 8445, section 7.2.2); `*ufrag` is NULL for a message without
 * one. False if malformed as far as it was read: up to USERNAME, or to the end. */
bool stun_ufrag(const uint8_t *data, size_t size, const uint8_t **ufrag, size_t *ufrag_size);

#endif
