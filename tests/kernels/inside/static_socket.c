/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the protocol of a new TCP socket. Static, so that no library can have changed it. */
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
    int protocol = 0;
    socklen_t size = sizeof(protocol);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0) {
        return 1;
    }
    printf("%d\n", protocol);
    return 0;
}
