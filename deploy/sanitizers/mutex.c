// Tells ThreadSanitizer of the mutexes of Swift's library Synchronization. Their way without contention is compiled into the program,
// where it is seen; the slow one is in the library, which isn't instrumented, and without this each lock that had to be waited for
// would look like none. Preloaded by deploy/sanitize; in a program without ThreadSanitizer it does nothing more than the library.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void Lock(uint32_t thread, SELF void *mutex);
typedef SWIFT bool TryLock(SELF void *mutex);
typedef SWIFT void Unlock(SELF void *mutex);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

static void *library(void **known, const char *name) {
    void *found = __atomic_load_n(known, __ATOMIC_ACQUIRE);
    if (!found) {
        found = dlsym(RTLD_NEXT, name);
        __atomic_store_n(known, found, __ATOMIC_RELEASE);
    }
    return found;
}

SWIFT void baton_lock(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void baton_lock(uint32_t thread, SELF void *mutex) {
    static void *known;
    ((Lock *)library(&known, LOCK))(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool baton_try_lock(SELF void *mutex) __asm__(TRY_LOCK);
SWIFT bool baton_try_lock(SELF void *mutex) {
    static void *known;
    bool isLocked = ((TryLock *)library(&known, TRY_LOCK))(mutex);
    if (isLocked && __tsan_acquire) __tsan_acquire(mutex);
    return isLocked;
}

SWIFT void baton_unlock(SELF void *mutex) __asm__(UNLOCK);
SWIFT void baton_unlock(SELF void *mutex) {
    static void *known;
    if (__tsan_release) __tsan_release(mutex);
    ((Unlock *)library(&known, UNLOCK))(mutex);
}
