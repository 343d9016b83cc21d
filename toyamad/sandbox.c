/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

bool sandbox_lookup(const char *name, struct sandbox_user *out)
{
    struct passwd pw, *found = NULL;
    char buf[4096];

    if (getpwnam_r(name, &pw, buf, sizeof(buf), &found) != 0 || found == NULL || pw.pw_uid == 0)
        return false;
    out->uid = pw.pw_uid;
    out->gid = pw.pw_gid;
    return true;
}

static bool arrange_descriptors(int channel)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        return false;
    if (channel == 3)
        return fcntl(3, F_SETFD, 0) == 0 && close_range(4, ~0u, 0) == 0;
    return dup2(channel, 3) == 3 && close_range(4, ~0u, 0) == 0;
}

static bool set_limits(void)
{
    const struct rlimit none = {0, 0}, files = {64, 64}, processes = {64, 64};

    return setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_NOFILE, &files) == 0 &&
           setrlimit(RLIMIT_NPROC, &processes) == 0;
}

static bool become(const struct sandbox_user *user)
{
    return setgroups(0, NULL) == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

static void default_signals(void)
{
    sigset_t none;

    for (int n = 1; n < NSIG; n++)
        signal(n, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* What neither PC/SC nor libfprint has a use for and an intruder would: other processes, mounts,
 * keys, modules, tracing, new programs' privileges. */
static const int forbidden[] = {SCMP_SYS(fork),
                                SCMP_SYS(vfork),
                                SCMP_SYS(ptrace),
                                SCMP_SYS(process_vm_readv),
                                SCMP_SYS(process_vm_writev),
                                SCMP_SYS(mount),
                                SCMP_SYS(umount2),
                                SCMP_SYS(pivot_root),
                                SCMP_SYS(chroot),
                                SCMP_SYS(setns),
                                SCMP_SYS(unshare),
                                SCMP_SYS(bpf),
                                SCMP_SYS(perf_event_open),
                                SCMP_SYS(userfaultfd),
                                SCMP_SYS(add_key),
                                SCMP_SYS(request_key),
                                SCMP_SYS(keyctl),
                                SCMP_SYS(init_module),
                                SCMP_SYS(finit_module),
                                SCMP_SYS(delete_module),
                                SCMP_SYS(kexec_load),
                                SCMP_SYS(kexec_file_load),
                                SCMP_SYS(reboot),
                                SCMP_SYS(open_by_handle_at),
                                SCMP_SYS(name_to_handle_at),
                                SCMP_SYS(acct),
                                SCMP_SYS(swapon),
                                SCMP_SYS(swapoff),
                                SCMP_SYS(settimeofday),
                                SCMP_SYS(clock_settime),
                                SCMP_SYS(clock_adjtime),
                                SCMP_SYS(adjtimex),
                                SCMP_SYS(sethostname),
                                SCMP_SYS(setdomainname),
                                SCMP_SYS(syslog),
                                SCMP_SYS(quotactl),
                                SCMP_SYS(io_uring_setup),
                                SCMP_SYS(fanotify_init),
                                SCMP_SYS(pidfd_getfd),
                                SCMP_SYS(personality)};

static int forbid_networks(scmp_filter_ctx filter)
{
    static const int families[] = {AF_INET, AF_INET6, AF_PACKET, AF_BLUETOOTH, AF_VSOCK, AF_ALG};
    int r = 0;

    for (size_t n = 0; n < sizeof(families) / sizeof(families[0]) && r == 0; n++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                             SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[n]));
    return r;
}

/* Threads only: a child of its own would outlive the worker's end. No filter can see the flags of
 * clone3, and the C library takes clone where there is none. */
static int forbid_processes(scmp_filter_ctx filter)
{
    int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    return r;
}

static bool filter_system_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int r = filter == NULL ? -1 : 0;

    for (size_t n = 0; n < sizeof(forbidden) / sizeof(forbidden[0]) && r == 0; n++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden[n], 0);
    if (r == 0)
        r = forbid_networks(filter);
    if (r == 0)
        r = forbid_processes(filter);
    if (r == 0)
        r = seccomp_load(filter);
    if (filter != NULL)
        seccomp_release(filter);
    return r == 0;
}

bool sandbox_enter(int channel, const struct sandbox_user *user)
{
    default_signals();
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && setsid() >= 0 && arrange_descriptors(channel) &&
           set_limits() && become(user) && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter_system_calls();
}
