/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/handover.h"

#include "tests/unit/enroll/unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char dir[64];
    char file[80], other[80];
};

static int make_place(void **state)
{
    static struct place p;

    snprintf(p.dir, sizeof(p.dir), "/tmp/handover.XXXXXX");
    if (mkdtemp(p.dir) == NULL)
        return -1;
    snprintf(p.file, sizeof(p.file), "%s/file", p.dir);
    snprintf(p.other, sizeof(p.other), "%s/other", p.dir);
    *state = &p;
    return 0;
}

static int remove_place(void **state)
{
    struct place *p = *state;

    unlink(p->file);
    unlink(p->other);
    return rmdir(p->dir);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void an_input_is_a_file(void **state)
{
    struct place *p = *state;
    struct handover h;

    assert_int_equal(handover_input(p->file, &h), HANDOVER_MISSING);
    assert_int_equal(h.fd, -1);
    assert_int_equal(handover_input(p->dir, &h), HANDOVER_KIND);
    assert_int_equal(mkfifo(p->file, 0600), 0);
    assert_int_equal(handover_input(p->file, &h), HANDOVER_KIND); /* and does not wait */
    unlink(p->file);
    write_file(p->file, "text");
    assert_int_equal(handover_input(p->file, &h), HANDOVER_OK);
    assert_int_equal(fcntl(h.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    assert_true(handover_end(&h, false));
    assert_int_equal(access(p->file, F_OK), 0); /* an input is never removed */
}

static void an_output_overwrites_nothing(void **state)
{
    struct place *p = *state;
    struct handover h;

    write_file(p->file, "text");
    assert_int_equal(handover_output(p->file, &h), HANDOVER_EXISTS);
    assert_int_equal(h.fd, -1);
    assert_int_equal(symlink("/tmp/handover.nowhere", p->other), 0);
    assert_int_equal(handover_output(p->other, &h), HANDOVER_EXISTS);
    assert_int_not_equal(access("/tmp/handover.nowhere", F_OK), 0);
    assert_int_equal(handover_output("/tmp/handover.absent/file", &h), HANDOVER_MISSING);
}

static void a_failed_output_is_removed(void **state)
{
    struct place *p = *state;
    struct handover h;
    struct stat st;

    assert_int_equal(handover_output(p->file, &h), HANDOVER_OK);
    assert_int_equal(stat(p->file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(handover_end(&h, false));
    assert_int_not_equal(access(p->file, F_OK), 0);

    assert_int_equal(handover_output(p->file, &h), HANDOVER_OK);
    assert_true(handover_end(&h, true));
    assert_int_equal(access(p->file, F_OK), 0);
}

static void what_took_its_place_stays(void **state)
{
    struct place *p = *state;
    struct handover h;

    assert_int_equal(handover_output(p->file, &h), HANDOVER_OK);
    assert_int_equal(rename(p->file, p->other), 0);
    write_file(p->file, "somebody else's");
    assert_true(handover_end(&h, false));
    assert_int_equal(access(p->file, F_OK), 0);
}

/* How many descriptors come with the packet; `fd` is the first. */
static size_t receive(int sock, int *fd)
{
    _Alignas(struct cmsghdr) char control[256];
    char text[8];
    struct iovec part = {.iov_base = text, .iov_len = sizeof(text)};
    struct msghdr msg = {.msg_iov = &part,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof(control)};
    struct cmsghdr *c;

    assert_int_equal(recvmsg(sock, &msg, 0), 4);
    assert_memory_equal(text, "call", 4);
    if ((c = CMSG_FIRSTHDR(&msg)) == NULL)
        return 0;
    memcpy(fd, CMSG_DATA(c), sizeof(*fd));
    return (c->cmsg_len - CMSG_LEN(0)) / sizeof(*fd);
}

static void a_file_goes_along_with_a_packet(void **state)
{
    struct place *p = *state;
    struct handover h;
    struct stat st;
    int pair[2], fd = -1;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_int_equal(handover_output(p->file, &h), HANDOVER_OK);
    assert_true(handover_send(pair[0], "call", 4, h.fd));
    assert_int_equal(receive(pair[1], &fd), 1);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_ino, h.ino);
    close(fd);
    assert_true(handover_send(pair[0], "call", 4, -1));
    assert_int_equal(receive(pair[1], &fd), 0);
    close(pair[1]);
    assert_false(handover_send(pair[0], "call", 4, h.fd));
    close(pair[0]);
    handover_end(&h, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_input_is_a_file, make_place, remove_place),
        cmocka_unit_test_setup_teardown(an_output_overwrites_nothing, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_failed_output_is_removed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_took_its_place_stays, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_file_goes_along_with_a_packet, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
