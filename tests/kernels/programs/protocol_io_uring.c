// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints the protocol of a TCP socket that io_uring creates: 6, or 262 for MPTCP. Requires Linux 5.19.
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void* map(int ring, size_t size, off_t offset) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

int main(void) {
    struct io_uring_params params;
    memset(&params, 0, sizeof params);
    int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
    if (ring < 0) {
        perror("io_uring_setup");
        return 1;
    }
    char* sq = map(ring, params.sq_off.array + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
    char* cq =
        map(ring, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
    struct io_uring_sqe* sqe = map(ring, params.sq_entries * sizeof *sqe, IORING_OFF_SQES);
    if (sq == MAP_FAILED || cq == MAP_FAILED || sqe == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = IORING_OP_SOCKET;
    sqe->fd = AF_INET;
    sqe->off = SOCK_STREAM;
    sqe->len = 0;
    *(unsigned*)(sq + params.sq_off.array) = 0;
    __atomic_store_n((unsigned*)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) {
        perror("io_uring_enter");
        return 1;
    }
    int fd = ((struct io_uring_cqe*)(cq + params.cq_off.cqes))->res;
    if (fd < 0) {
        fprintf(stderr, "socket: %s\n", strerror(-fd));
        return 1;
    }
    int protocol = 0;
    socklen_t size = sizeof protocol;
    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0) {
        perror("getsockopt");
        return 1;
    }
    printf("%d\n", protocol);
    return 0;
}
