/* SPDX-License-Identifier: Apache-2.0
 *
 * The area is an anonymous file whose descriptor goes over the socket.
 */
#define _GNU_SOURCE
#include "explore/peers_area.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Words of a round to all processes, and the least for one. */
enum { ROUND_WORDS = 1 << 20, PEER_WORDS_MIN = 1024 };

static struct peers_area *map(int file, size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static size_t bytes_of(uint32_t size, uint32_t capacity)
{
    return sizeof(struct peers_area) + 2 * (size_t)size * capacity * sizeof(uint32_t);
}

/* The message that carries a descriptor. */
struct envelope {
    struct msghdr header;
    struct iovec vector;
    char byte;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
};

static void envelope_open(struct envelope *envelope)
{
    memset(envelope, 0, sizeof(*envelope));
    envelope->vector = (struct iovec){ &envelope->byte, 1 };
    envelope->header = (struct msghdr){ .msg_iov = &envelope->vector,
                                        .msg_iovlen = 1,
                                        .msg_control = envelope->control,
                                        .msg_controllen = sizeof(envelope->control) };
}

static bool send_file(int socket, int file)
{
    struct envelope envelope;
    struct cmsghdr *control;

    envelope_open(&envelope);
    control = CMSG_FIRSTHDR(&envelope.header);
    *control = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
    memcpy(CMSG_DATA(control), &file, sizeof(file));
    return sendmsg(socket, &envelope.header, MSG_NOSIGNAL) == 1;
}

static int receive_file(int socket)
{
    struct envelope envelope;
    int file = -1;

    envelope_open(&envelope);
    if (recvmsg(socket, &envelope.header, MSG_WAITALL | MSG_CMSG_CLOEXEC) != 1)
        return -1;
    const struct cmsghdr *control = CMSG_FIRSTHDR(&envelope.header);
    if (control != NULL && control->cmsg_type == SCM_RIGHTS)
        memcpy(&file, CMSG_DATA(control), sizeof(file));
    return file;
}

struct peers_area *peers_area_offer(int socket, uint32_t size, uint32_t self)
{
    uint32_t capacity = ROUND_WORDS / size > PEER_WORDS_MIN ? ROUND_WORDS / size : PEER_WORDS_MIN;
    int file = memfd_create("irqpath-peers", MFD_CLOEXEC);
    struct peers_area *area = NULL;

    if (file < 0)
        return NULL;
    if (size <= PEERS_MAX && ftruncate(file, (off_t)bytes_of(size, capacity)) == 0)
        area = map(file, bytes_of(size, capacity));
    if (area != NULL) {
        area->size = size;
        area->self = self;
        area->capacity = capacity;
        if (!send_file(socket, file)) {
            peers_area_unmap(area);
            area = NULL;
        }
    }
    (void)close(file);
    return area;
}

struct peers_area *peers_area_accept(int socket)
{
    int file = receive_file(socket);
    struct peers_area *area = NULL;
    struct stat status;

    if (file < 0)
        return NULL;
    if (fstat(file, &status) == 0)
        area = map(file, (size_t)status.st_size);
    (void)close(file);
    return area;
}

void peers_area_unmap(struct peers_area *area) { (void)munmap(area, bytes_of(area->size, area->capacity)); }
