#include "egress.h"

void egress_keep_together(struct egress *egress, size_t count) {
    if (egress->count + count > EGRESS_DATAGRAMS)
        egress_flush(egress);
}

uint8_t *egress_reserve(struct egress *egress) {
    if (egress->count == EGRESS_DATAGRAMS)
        egress_flush(egress);
    return egress->slots[egress->count];
}

void egress_commit(struct egress *egress, const struct address *to, size_t size) {
    uint8_t *data = egress->slots[egress->count];
    egress->burst[egress->count++] = (struct outgoing){to, data, size};
}

void egress_flush(struct egress *egress) {
    size_t count = egress->count;
    egress->count = 0;
    if (count && egress->send)
        egress->send(egress->context, egress->burst, count);
}
