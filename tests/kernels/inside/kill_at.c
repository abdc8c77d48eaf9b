/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A preloaded library that kills its process at the call $KILL_CALL number $KILL_NUMBER, before the call is
 * made. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void count(const char* call) {
    static int calls;
    const char* wanted = getenv("KILL_CALL");
    if (wanted && strcmp(wanted, call) == 0 && ++calls == atoi(getenv("KILL_NUMBER"))) {
        raise(SIGKILL);
    }
}

int renameat(int from, const char* old, int to, const char* new) {
    count("renameat");
    return (int)syscall(SYS_renameat, from, old, to, new);
}

int unlinkat(int folder, const char* name, int flags) {
    count("unlinkat");
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

int rename(const char* old, const char* new) {
    count("rename");
    return (int)syscall(SYS_rename, old, new);
}
