// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the protocol of a new TCP socket: 6, or 262 for MPTCP. Options: 6 for IPv6; wait to keep it open.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
    int family = AF_INET, waits = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "6") == 0)
            family = AF_INET6;
        if (strcmp(argv[i], "wait") == 0)
            waits = 1;
    }
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int protocol = 0;
    socklen_t size = sizeof protocol;
    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0) {
        perror("socket");
        return 1;
    }
    printf("%d\n", protocol);
    fflush(stdout);
    while (waits)
        pause();
    return 0;
}
