/*
 * For tests, loaded before the C library: `sendmmsg` as the variable FAULTS says for one call after the other, then as it
 * is. "EPERM" is that error; "3" sends three datagrams and no more. What the kernel does seldom is seen each time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
    const char *name;
    int code;
} codes[] = {{"EAGAIN", EAGAIN},   {"ENOBUFS", ENOBUFS}, {"EPERM", EPERM},
             {"EINTR", EINTR},     {"ECONNREFUSED", ECONNREFUSED}, {"EHOSTUNREACH", EHOSTUNREACH}};

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
    static char *faults;
    int (*real)(int, struct mmsghdr *, unsigned, int);
    *(void **)&real = dlsym(RTLD_NEXT, "sendmmsg");
    if (faults == NULL) faults = strdup(getenv("FAULTS"));
    char *fault = strsep(&faults, ",");
    if (faults == NULL) faults = "";
    if (fault == NULL || *fault == 0) return real(fd, messages, count, flags);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (strcmp(fault, codes[i].name) == 0) return errno = codes[i].code, -1;
    }
    unsigned most = (unsigned)atoi(fault);
    return real(fd, messages, most < count ? most : count, flags);
}
