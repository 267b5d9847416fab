/* What Python decides, decoded as wire.py encodes it. */
#ifndef TERTULIA_COMMANDS_H
#define TERTULIA_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;

enum command {
    OPEN_TRANSPORT = 1,
    SET_UFRAGS,
    SET_EXTENSIONS,
    EXPECT_STUN,
    VALIDATE_PATH,
    SELECT_PATH,
    START_SRTP,
    CLOSE_TRANSPORT,
    OPEN_SOURCE,
    CLOSE_SOURCE,
    OPEN_SINK,
    CLOSE_SINK,
    ROUTE,
    SET_RECEIVE_LIMIT,
    SEND,
    SET_TARGET,
};

/* In order. One that names what is closed is ignored: closing crosses other commands on the way.
 * False for bytes that are no commands; what came before them has been done. */
bool run_commands(struct engine *engine, const uint8_t *commands, size_t size);

#endif
