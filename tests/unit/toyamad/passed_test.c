/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors that come along with a packet, and the files behind them.
 */
#include "toyamad/packet.h"
#include "toyamad/passed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 5

static int memory_file(const char *text)
{
    int fd = memfd_create("passed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

/* Opened once more, in another mode. */
static int reopen(int fd, int flags)
{
    char path[64];
    int again;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    again = open(path, flags);
    assert_true(again >= 0);
    return again;
}

static void send_with(int sock, const int *fds, size_t count)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(MANY * sizeof(int))] = {0};
    struct iovec part = {.iov_base = (char[]){'c', 'a', 'l', 'l'}, .iov_len = 4};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
    struct cmsghdr *c = (struct cmsghdr *)control;

    if (count > 0) {
        msg.msg_control = control;
        msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
        *c = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                              .cmsg_type = SCM_RIGHTS,
                              .cmsg_len = CMSG_LEN(count * sizeof(int))};
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    assert_int_equal(sendmsg(sock, &msg, 0), 4);
}

/* A descriptor that a leak would have taken. */
static int lowest_free(void)
{
    int fd = dup(0), number = fd;

    close(fd);
    return number;
}

static void one_descriptor_comes_along(void **state)
{
    int pair[2], fd = memory_file("text"), passed, before;
    uint8_t buf[16];
    size_t len = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    before = lowest_free();
    send_with(pair[0], NULL, 0);
    assert_int_equal(packet_receive_passed(pair[1], buf, sizeof(buf), &len, &passed), PACKET_OK);
    assert_int_equal(len, 4);
    assert_int_equal(passed, -1);
    send_with(pair[0], &fd, 1);
    assert_int_equal(packet_receive_passed(pair[1], buf, sizeof(buf), &len, &passed), PACKET_OK);
    assert_int_equal(passed_readable(passed), PASSED_OK);
    assert_int_equal(fcntl(passed, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(passed);
    send_with(pair[0], &fd, 1); /* where none is wanted */
    assert_int_equal(packet_receive(pair[1], buf, sizeof(buf), &len), PACKET_OK);
    assert_int_equal(lowest_free(), before);
    close(fd);
    close(pair[0]);
    assert_int_equal(packet_receive_passed(pair[1], buf, sizeof(buf), &len, &passed),
                     PACKET_CLOSED);
    close(pair[1]);
}

static void more_than_one_is_an_error_and_leaks_nothing(void **state)
{
    int pair[2], fd = memory_file("text"), passed, before;
    int fds[MANY] = {fd, fd, fd, fd, fd};
    uint8_t buf[16];
    size_t len = 0;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    before = lowest_free();
    for (size_t count = 2; count <= MANY; count++) {
        send_with(pair[0], fds, count);
        assert_int_equal(packet_receive_passed(pair[1], buf, sizeof(buf), &len, &passed),
                         PACKET_PASSED);
        if (passed >= 0)
            close(passed);
        assert_int_equal(lowest_free(), before);
    }
    send_with(pair[0], fds, 1); /* and with a packet that is too long */
    assert_int_equal(packet_receive_passed(pair[1], buf, 2, &len, &passed), PACKET_LENGTH);
    close(passed);
    assert_int_equal(lowest_free(), before);
    close(fd);
    close(pair[0]);
    close(pair[1]);
}

static void only_files_in_the_right_mode(void **state)
{
    int file = memory_file("text"), empty = memory_file(""), pipes[2], fd;

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(passed_readable(pipes[0]), PASSED_KIND);
    assert_int_equal(passed_writable(pipes[1]), PASSED_KIND);
    assert_int_equal(passed_writable(file), PASSED_FULL);
    assert_int_equal(passed_writable(empty), PASSED_OK);
    fd = reopen(empty, O_RDONLY);
    assert_int_equal(passed_readable(fd), PASSED_OK);
    assert_int_equal(passed_writable(fd), PASSED_ACCESS);
    close(fd);
    fd = reopen(file, O_WRONLY);
    assert_int_equal(passed_readable(fd), PASSED_ACCESS);
    close(fd);
    fd = reopen(file, O_PATH);
    assert_int_equal(passed_readable(fd), PASSED_ACCESS);
    close(fd);
    fd = open("/tmp", O_RDONLY);
    assert_int_equal(passed_readable(fd), PASSED_KIND);
    close(fd);
    fd = open("/dev/null", O_RDWR);
    assert_int_equal(passed_writable(fd), PASSED_KIND);
    close(fd);
    close(pipes[0]);
    close(pipes[1]);
    close(file);
    close(empty);
}

static void what_was_mapped_does_not_change(void **state)
{
    int file = memory_file("text"), writer = reopen(file, O_RDWR);
    struct passed_map map;

    (void)state;
    assert_int_equal(passed_map(file, 3, &map), PASSED_LENGTH);
    assert_null(map.octets);
    assert_int_equal(passed_map(file, 4, &map), PASSED_OK);
    assert_int_equal(map.len, 4);
    assert_int_equal(pwrite(writer, "TEXT", 4, 0), 4);
    assert_int_equal(ftruncate(writer, 0), 0);
    assert_memory_equal(map.octets, "text", 4); /* a mapping of the file would end us here */
    passed_unmap(&map);
    assert_null(map.octets);
    assert_int_equal(passed_map(file, 4, &map), PASSED_OK);
    assert_int_equal(map.len, 0);
    close(writer);
    close(file);
}

static void what_is_sealed_is_mapped_as_it_is(void **state)
{
    int file = memory_file("text");
    struct passed_map map;

    (void)state;
    assert_int_equal(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
    assert_int_equal(passed_map(file, 16, &map), PASSED_OK);
    close(file);
    assert_int_equal(map.len, 4);
    assert_memory_equal(map.octets, "text", 4);
    passed_unmap(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_descriptor_comes_along),
        cmocka_unit_test(more_than_one_is_an_error_and_leaks_nothing),
        cmocka_unit_test(only_files_in_the_right_mode),
        cmocka_unit_test(what_was_mapped_does_not_change),
        cmocka_unit_test(what_is_sealed_is_mapped_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
