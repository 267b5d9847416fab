/* Audio levels, a few times a second for all sources together. */
#ifndef TERTULIA_AUDIO_H
#define TERTULIA_AUDIO_H

struct engine;

void audio_init(struct engine *engine);
/* Runs only while there are sources with sound. */
void audio_source_opened(struct engine *engine);

#endif
