/* How soon a thread runs once it has something to do. */
#ifndef TERTULIA_PRIORITY_H
#define TERTULIA_PRIORITY_H

/* The calling thread would rather run often than long: packets must not wait until a handler on the
 * same processor has used up its time. Best effort: it takes what the kernel and the privileges of
 * the process give. */
void prefer_latency(void);

#endif
