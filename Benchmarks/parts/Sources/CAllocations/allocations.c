// Counts what each thread asks for: malloc, calloc, realloc and the aligned kinds, of Swift and of C alike. A program's own
// definitions come before those of the C library, which still does the work, and frees what it has given.
//
// A count of calls, not of bytes, and only of the thread that asks: it is the same whatever else the machine does.
#include "allocations.h"

#include <errno.h>
#include <stddef.h>

#ifdef __GLIBC__
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static _Thread_local unsigned long count;

void *malloc(size_t size) {
    count += 1;
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count += 1;
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count += 1;
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count += 1;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count += 1;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    count += 1;
    void *given = __libc_memalign(alignment, size);
    if (given == NULL) return ENOMEM;
    *block = given;
    return 0;
}

unsigned long allocations_of_thread(void) { return count; }
#else
// Only glibc can be asked by another name.
unsigned long allocations_of_thread(void) { return 0; }
#endif
