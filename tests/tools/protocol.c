// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the protocol of a new TCP socket, 6 for TCP or 262 for MPTCP, and exits with 3. With the arguments
// "exec PROGRAM", executes that program instead.
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
    int protocol = 0;
    socklen_t size = sizeof(protocol);
    if (argc > 2 && strcmp(argv[1], "exec") == 0)
        return execv(argv[2], argv + 2);
    int one = socket(AF_INET, SOCK_STREAM, 0);
    if (one < 0 || getsockopt(one, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0)
        return 1;
    printf("%d\n", protocol);
    return 3;
}
