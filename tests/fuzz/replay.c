/* Runs a target over files instead of under libFuzzer: with any compiler, for the tests. */
#include "fuzz.h"

enum { LARGEST_INPUT = 1 << 20 };

static void replay(const char *path) {
    FILE *file = fopen(path, "rb");
    CHECK(file);
    uint8_t *data = malloc(LARGEST_INPUT);
    CHECK(data);
    size_t size = fread(data, 1, LARGEST_INPUT, file);
    CHECK(!ferror(file) && feof(file));
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int count, char **paths) {
    for (int i = 1; i < count; i++) {
        fprintf(stderr, "%s\n", paths[i]);
        replay(paths[i]);
    }
    return 0;
}
