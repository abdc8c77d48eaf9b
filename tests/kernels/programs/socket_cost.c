// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the protocol of new TCP sockets and the nanoseconds that socket() takes, on average without close():
// socket_cost COUNT [PROTOCOL].
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int main(int argc, char** argv) {
    int count = argc > 1 ? atoi(argv[1]) : 0, asked = argc > 2 ? atoi(argv[2]) : 0, protocol = 0;
    int64_t spent = 0;
    for (int number = 0; number < count; number++) {
        int64_t start = now();
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, asked);
        spent += now() - start;
        socklen_t size = sizeof protocol;
        if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0) {
            perror("socket");
            return 1;
        }
        close(fd);
    }
    printf("%d %lld\n", protocol, (long long)(spent / (count > 0 ? count : 1)));
    return 0;
}
