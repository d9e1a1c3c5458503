/* Loaded before everything else (LD_PRELOAD): counts what a process writes to database files and forces to disk, before and after, and kills
   the process at one of these points. The same for whatever library does the writing. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long passed = 0;
static long kill_at = 0;
static int is_counting = 0;

void begin_counting(long point) {
    __atomic_store_n(&passed, 0, __ATOMIC_SEQ_CST);
    kill_at = point;
    is_counting = 1;
}

long points_passed(void) { return __atomic_load_n(&passed, __ATOMIC_SEQ_CST); }

void pass_point(void) {
    if (is_counting && __atomic_add_fetch(&passed, 1, __ATOMIC_SEQ_CST) == kill_at) kill(getpid(), SIGKILL);
}

static int is_database(int file) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length <= 0) return 0;
    name[length] = 0;
    return strstr(name, ".db") != NULL;
}

#define WATCHED(result, name, parameters, arguments)                       \
    result name parameters {                                               \
        static result(*real) parameters = NULL;                            \
        if (!real) real = dlsym(RTLD_NEXT, #name);                         \
        if (!is_counting || !is_database(file)) return real arguments;     \
        pass_point();                                                      \
        result done = real arguments;                                      \
        pass_point();                                                      \
        return done;                                                       \
    }

WATCHED(ssize_t, write, (int file, const void *data, size_t size), (file, data, size))
WATCHED(ssize_t, pwrite, (int file, const void *data, size_t size, off_t offset), (file, data, size, offset))
WATCHED(ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t offset), (file, data, size, offset))
WATCHED(int, fsync, (int file), (file))
WATCHED(int, fdatasync, (int file), (file))
WATCHED(int, ftruncate, (int file, off_t size), (file, size))
WATCHED(int, ftruncate64, (int file, off64_t size), (file, size))
