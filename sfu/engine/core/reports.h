/* What we tell a peer about once a second: sender reports of its sinks, receiver reports and the
 * bitrate limit of its sources (RFC 3550, section 6; draft-alvestrand-rmcat-remb-03). */
#ifndef TERTULIA_REPORTS_H
#define TERTULIA_REPORTS_H

struct transport;

void reports_init(struct transport *transport);
void reports_start(struct transport *transport);
void reports_stop(struct transport *transport);
/* The last time up to `moment` (seconds) at which reports leave. */
double reports_on_time(double moment);
/* The limit or what it covers is new: tell it in this round, but once. */
void reports_limit_changed(struct transport *transport);

#endif
