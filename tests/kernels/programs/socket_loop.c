// SPDX-License-Identifier: LGPL-2.1-or-later
// Opens TCP sockets in threads until it is killed, and counts in a file which protocol they have: socket_loop
// FILE THREADS. The file is a `struct counts`, which a reader may set to zero.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct counts {
    uint64_t tcp, mptcp, failed, error; // error is the last errno
    uint64_t first_tcp, last_tcp;       // CLOCK_MONOTONIC in ns; 0 if no socket was TCP
};
static struct counts* counts;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void count(uint64_t* counter) {
    __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void note_tcp(void) {
    uint64_t none = 0, time = now();
    __atomic_compare_exchange_n(&counts->first_tcp, &none, time, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    __atomic_store_n(&counts->last_tcp, time, __ATOMIC_RELAXED);
    count(&counts->tcp);
}

static void* open_sockets(void* unused) {
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = 25000000};
    for (int number = 0;; number++) {
        int fd = socket(number % 2 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int protocol = 0;
        socklen_t size = sizeof protocol;
        if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0) {
            __atomic_store_n(&counts->error, (uint64_t)errno, __ATOMIC_RELAXED);
            count(&counts->failed);
        } else if (protocol == IPPROTO_TCP) {
            note_tcp();
        } else {
            count(&counts->mptcp);
        }
        close(fd);
        nanosleep(&pause, NULL);
    }
    return unused;
}

int main(int argc, char** argv) {
    int file = argc == 3 ? open(argv[1], O_RDWR | O_CREAT, 0644) : -1;
    if (file < 0 || ftruncate(file, sizeof *counts) != 0) {
        perror("socket_loop FILE THREADS");
        return 1;
    }
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (counts == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    setpriority(PRIO_PROCESS, 0, 10); // what is tested has to run, too
    for (int left = atoi(argv[2]) - 1; left > 0; left--) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, open_sockets, NULL) != 0) {
            perror("pthread_create");
            return 1;
        }
    }
    open_sockets(NULL);
}
