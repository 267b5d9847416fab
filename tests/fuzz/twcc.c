/* Transport-wide feedback: the input is the body of one such RTCP packet. What was read of it is
 * written by our own writer, and must then be read as before. */
#include "twcc.h"
#include "bytes.h"
#include "fuzz.h"

enum { RTCP_HEADER = 4, MOST = 2048 };

/* What the statuses say: when each of `count` packets came; 0 for those that did not. */
struct told {
    size_t count;
    uint32_t ticks[0x10000];
};

static bool read_all(const uint8_t *body, size_t size, struct told *told) {
    struct twcc_reader reader;
    struct twcc_status status;
    uint8_t *copy = exact_copy(body, size);
    told->count = 0;
    bool good = twcc_read(copy, size, &reader);
    uint16_t base = good ? reader.base : 0;
    uint16_t count = good ? reader.count : 0;
    while (good && twcc_next(&reader, &status)) {
        CHECK(status.sequence == (uint16_t)(base + told->count));
        CHECK(status.count == 1 || (status.count && !status.received));
        for (int i = 0; i < status.count; i++, told->count++) {
            CHECK(told->count < count);
            uint32_t ticks = status.ticks ? status.ticks : 1;
            told->ticks[told->count] = status.received ? ticks : 0;
        }
    }
    CHECK(told->count == count);
    free(copy);
    return good;
}

/* Writes some of it; how many statuses it were. */
static size_t write_some(const uint32_t *ticks, size_t count) {
    static struct told again;
    uint8_t packet[TWCC_MAX_SIZE + 1];
    size_t told;
    packet[TWCC_MAX_SIZE] = 0xA5;
    size_t size = twcc_write(packet, 1, 2, 3, 0xFFF0, ticks, count, &told);
    CHECK(size <= TWCC_MAX_SIZE && packet[TWCC_MAX_SIZE] == 0xA5);
    CHECK(size == RTCP_HEADER + 4 * (size_t)load16(packet + 2));
    CHECK(told <= count);
    if (told == 0)
        return 0;
    CHECK(read_all(packet + RTCP_HEADER, size - RTCP_HEADER, &again));
    CHECK(again.count == told && ticks[told - 1]);
    CHECK(memcmp(again.ticks, ticks, told * sizeof *ticks) == 0);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct told told;
    if (!read_all(data, size, &told))
        return 0;
    size_t count = told.count < MOST ? told.count : MOST;
    while (count && !told.ticks[count - 1])
        count--;
    for (size_t done = 0, some; done < count; done += some) {
        some = write_some(told.ticks + done, count - done);
        CHECK(some);
    }
    return 0;
}
