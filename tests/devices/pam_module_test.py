#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pam_toyama.so: what it grants, refuses, shows and sends.

    pam_module_test.py BUILD_DIR [unittest arguments]

Needs root and CAP_SYS_ADMIN.
"""

import signal
import subprocess
import time

import modulerig
from modulerig import CLIENT, LIES, ModuleTest

import fake_broker
from fake_broker import ACCOUNT, ANSWER, CANCEL, SESSION, START, Broker

CONTROLS = ["required", "requisite", "[success=ok default=bad]", "[success=ok ignore=ignore default=bad]",
            "[success=done ignore=ignore default=die]", "[success=ok new_authtok_reqd=ok ignore=ignore default=die]"]


class Grant(ModuleTest):
    def test_all_phases(self):
        outcome = self.ask("account", "auth", "acct", "setcred", "open", "setcred-reinit", "close", "setcred-delete")
        self.assertEqual({code for _, code in outcome.results}, {"PAM_SUCCESS"})
        self.assertEqual([kind for kind, _ in outcome.frames], [START, ACCOUNT, SESSION, SESSION])
        for _, fields in outcome.frames[1:]:
            self.assertEqual(fields[fake_broker.TICKET], fake_broker.TICKET_VALUE)
        self.assertEqual([fields[fake_broker.OPEN] for kind, fields in outcome.frames if kind == SESSION], [b"\1", b"\0"])
        nonces = {fields[fake_broker.NONCE] for _, fields in outcome.frames}
        self.assertEqual(len(nonces), 4)

    def test_items_are_sent(self):
        items = ["tty=/dev/pts/3", "rhost=10.0.0.9", "ruser=jiro"]
        fields = self.ask("grant", items=items).frames[0][1]
        self.assertEqual(fields, {**fields, fake_broker.SERVICE: b"t", fake_broker.USER: b"taro",
                                  fake_broker.TTY: b"/dev/pts/3", fake_broker.RHOST: b"10.0.0.9",
                                  fake_broker.RUSER: b"jiro", fake_broker.VERSION: b"\1"})

    def test_empty_items_are_left_out(self):
        fields = self.ask("grant", items=["tty=", "rhost=", "ruser="]).frames[0][1]
        self.assertEqual(set(fields), {fake_broker.NONCE, fake_broker.VERSION, fake_broker.SERVICE, fake_broker.USER})

    def test_card_names_the_user_where_none_is_set(self):
        outcome = self.ask("account", "auth", "acct", user=None)
        self.assertEqual(outcome.results, [("auth", "PAM_SUCCESS"), ("acct", "PAM_SUCCESS")])
        self.assertEqual(outcome.user, "taro")
        self.assertNotIn(fake_broker.USER, outcome.frames[0][1])
        self.assertEqual(outcome.frames[1][1][fake_broker.USER], b"taro")

    def test_empty_user_is_a_user(self):
        outcome = self.ask("grant", user="")
        self.assertEqual(outcome.frames[0][1][fake_broker.USER], b"")
        self.refused(outcome)
        self.assertEqual(outcome.user, "")

    def test_pin(self):
        outcome = self.ask("pin", answers=["123456"])
        self.assertEqual(outcome.code(), "PAM_SUCCESS")
        self.assertEqual(outcome.messages, [("info", "ICカードをカードリーダーに置いてください。"),
                                            ("secret", "ICカードの暗証番号を入力してください：")])
        self.assertEqual(self.ask("pin", answers=["654321"]).code(), "PAM_AUTH_ERR")

    def test_in_a_thread(self):
        self.assertEqual(self.ask("pin", answers=["123456"], options=["--thread"]).code(), "PAM_SUCCESS")

    def test_two_people_on_one_handle(self):
        """The first succeeds, the second does not: nothing of the first is left."""
        with Broker(self.socket, "account", card_user="taro"):
            outcome = self.client("auth", "user=hanako", "acct", "setcred")
        self.assertEqual(outcome.results[2:], [("acct", "PAM_PERM_DENIED"), ("setcred", "PAM_SUCCESS")])
        with Broker(self.socket, "grant-other-user"):
            outcome = self.client("auth", "user=hanako", "auth", "user=taro", "auth", "setcred")
        self.assertEqual([code for name, code in outcome.results if name == "auth"],
                         ["PAM_AUTH_ERR", "PAM_SUCCESS", "PAM_AUTH_ERR"])
        self.assertEqual(outcome.code("setcred"), "PAM_CRED_ERR")


class Words(ModuleTest):
    greeting = ("info", "砺波 太郎さん、おはようございます。\n前回のログイン：9月30日（水）17時02分　shimin-03")
    plain = ("info", "Good morning.\nLast login: Wed Sep 30, 17:02, shimin-03")

    def last(self, **keywords):
        return self.ask("greet", **keywords).messages[-1]

    def test_japanese(self):
        for items in ([], ["tty=/dev/pts/0"], ["tty=:0"], ["tty=ssh"], ["tty=/dev/tty7", "xdisplay=:0"]):
            self.assertEqual(self.last(items=items), self.greeting, items)

    def test_english_ascii_on_a_bare_terminal(self):
        for tty in ("tty1", "/dev/tty1", "/dev/console", "ttyS0", "/dev/ttyUSB0", "hvc0"):
            outcome = self.ask("greet", items=[f"tty={tty}"])
            self.assertEqual(outcome.messages[-1], self.plain, tty)
            self.assertTrue(all(text.isascii() for _, text in outcome.messages))

    def test_english_where_the_broker_says_so(self):
        for lang in ("en", "", "ja_JP", "jax", "JA"):
            self.assertEqual(self.last(lang=lang), self.plain)

    def test_arguments(self):
        outcome = self.ask("locked")
        self.assertEqual(outcome.messages, [("error", "続けて一致しなかったため、10分間ログインできません。\n"
                                                      "お急ぎのときは情報担当（内線2345）へ。")])

    def test_unknown_message_is_left_out(self):
        outcome = self.ask("unknown-info")
        self.assertEqual((outcome.code(), outcome.messages), ("PAM_SUCCESS", []))

    def test_silent(self):
        self.assertEqual(self.ask("greet", flags="silent").messages, [])
        self.assertEqual(self.ask("deny", flags="silent").messages, [])
        outcome = self.ask("pin", flags="silent,disallow-null", answers=["123456"])
        self.assertEqual((outcome.code(), [style for style, _ in outcome.messages]), ("PAM_SUCCESS", ["secret"]))

    def test_silent_ignored(self):
        """sudo before 1.9.16 always says PAM_SILENT, and shows what it is given."""
        self.stack("t", arguments=f"socket={self.socket} silent=ignore")
        self.assertEqual(self.ask("greet", flags="silent").messages[-1], Words.greeting)
        self.assertEqual(self.ask("deny", flags="silent").messages[0][0], "error")
        self.assertEqual(self.client("open", "close").messages, [])

    def test_absent_broker_in_the_language_of_the_line(self):
        self.assertEqual(self.client("auth").messages,
                         [("error", "ただいまログインの確認ができません。\n情報担当へご連絡ください。")])
        self.stack("t", arguments=f"socket={self.socket}")
        self.assertEqual(self.client("auth").messages,
                         [("error", "Login cannot be checked at the moment.\nPlease contact the IT desk.")])


class Refusals(ModuleTest):
    def test_codes(self):
        """T-09, T-11: wrong, replayed, early, mangled or missing answers never let in."""
        for scenario, code in LIES.items():
            with self.subTest(scenario):
                outcome = self.ask(scenario, "auth", "setcred", answers=["123456"])
                self.assertEqual(outcome.code(), code)
                self.assertEqual(outcome.code("setcred"), "PAM_CRED_ERR")
                self.assertEqual(outcome.user, "taro")
                self.assertLess(outcome.seconds, 5)

    def test_codes_without_user(self):
        named = {name for name in LIES if name.startswith("grant-user-")} | {"grant-other-user"}
        for scenario in sorted(LIES.keys() - named):
            with self.subTest(scenario):
                outcome = self.ask(scenario, user=None, answers=["123456"])
                self.refused(outcome)
                self.assertIsNone(outcome.user)

    def test_stacks(self):
        """T-01: no failure becomes a success by a permit line behind it."""
        for control in CONTROLS:
            self.stack("permit", control, ["auth required pam_permit.so"], phases=("auth",))
            for scenario in LIES:
                with self.subTest(control=control, scenario=scenario):
                    self.refused(self.ask(scenario, service="permit", answers=["123456"]))
            with self.subTest(control=control, scenario="no broker"):
                self.refused(self.client("auth", service="permit"))
            with self.subTest(control=control, scenario="root"):
                self.refused(self.ask("deny", service="permit", user="root"))
            with self.subTest(control=control, scenario="conversation fails"):
                self.refused(self.ask("pin-then-grant-anyway", service="permit", answers=["CONV_ERR"]))
            self.stack("permit", control, ["auth required pam_permit.so"], arguments="debug", phases=("auth",))
            with self.subTest(control=control, scenario="bad argument"):
                self.refused(self.client("auth", service="permit"))

    def test_stacks_let_in(self):
        """The same stacks are open to a good verdict, so that the test above means something."""
        for control in CONTROLS:
            self.stack("permit", control, ["auth required pam_permit.so"], phases=("auth",))
            self.assertEqual(self.ask("grant", service="permit").code(), "PAM_SUCCESS", control)

    def test_replay(self):
        with Broker(self.socket, "replay"):
            self.assertEqual(self.client("auth").code(), "PAM_SUCCESS")
            self.assertEqual(self.client("auth").code(), "PAM_AUTHINFO_UNAVAIL")

    def test_user_swapped_in_the_conversation(self):
        """T-05: the application's user changes while the card is read."""
        self.assertEqual(self.ask("greet", options=["--set-user", "hanako"]).code(), "PAM_AUTH_ERR")
        self.assertEqual(self.ask("greet", user=None, options=["--set-user", "taro"]).code(), "PAM_AUTH_ERR")
        self.assertEqual(self.ask("grant-other-user", options=["--set-user", "hanako"]).code(), "PAM_AUTH_ERR")
        self.assertEqual(self.ask("greet", options=["--set-user", "taro"]).code(), "PAM_SUCCESS")

    def test_hostile_names(self):
        """T-23: what can be sent is sent as it is; the rest is refused here, as an unknown person is."""
        for user in ("-x", "--", "a/../b", "%n%s", "砺波", "x" * 255):
            with self.subTest(user):
                outcome = self.ask("grant", user=user)
                self.assertEqual(outcome.frames[0][1][fake_broker.USER], user.encode())
                self.assertEqual(outcome.user, user)
        for user in ("a\nb", "\x1b[2J", "x" * 256, "x" * 5000, b"\xff\xfe", b"\xc0\xaf"):
            with self.subTest(user):
                outcome = self.ask("grant", user=user)
                self.assertEqual((outcome.code(), outcome.frames), ("PAM_AUTH_ERR", []))

    def test_remote_host_is_never_dropped(self):
        for rhost in ("x" * 256, "a\nb", b"\xff"):
            item = b"rhost=" + (rhost if isinstance(rhost, bytes) else rhost.encode())
            outcome = self.ask("grant", items=[item])
            self.assertEqual((outcome.code(), outcome.frames), ("PAM_AUTH_ERR", []))


class Conversation(ModuleTest):
    def test_no_usable_answer(self):
        """T-07: nothing but CANCEL reaches the broker."""
        for answer, code in {"NULL": "PAM_CONV_ERR", "EMPTY": "PAM_CONV_ERR", "CONV_ERR": "PAM_CONV_ERR",
                             "CONV_AGAIN": "PAM_CONV_ERR", "LONG": "PAM_AUTH_ERR", "HUGE": "PAM_AUTH_ERR",
                             "1" * 65: "PAM_AUTH_ERR"}.items():
            with self.subTest(answer[:12]):
                outcome = self.ask("pin-then-grant-anyway", answers=[answer])
                self.assertEqual(outcome.code(), code)
                self.assertEqual([kind for kind, _ in outcome.frames], [START, CANCEL])

    def test_longest_answer(self):
        outcome = self.ask("pin-then-grant-anyway", answers=["1" * 64])
        self.assertEqual(outcome.code(), "PAM_SUCCESS")
        self.assertEqual(outcome.frames[1], (ANSWER, {**outcome.frames[1][1], fake_broker.SECRET: b"1" * 64}))

    def test_conversation_that_cannot_show(self):
        outcome = self.ask("pin-then-grant-anyway", options=["--fail-info"], answers=["123456"])
        self.assertEqual(outcome.code(), "PAM_SUCCESS")
        outcome = self.ask("pin", options=["--fail-info"], answers=["123456"])
        self.assertEqual(outcome.code(), "PAM_CONV_ERR")
        self.assertEqual([kind for kind, _ in outcome.frames][:2], [START, CANCEL])

    def test_no_conversation_function(self):
        for scenario in ("pin", "pin-then-grant-anyway"):
            self.assertEqual(self.ask(scenario, options=["--no-conversation"]).code(), "PAM_CONV_ERR")

    def test_verdict_while_the_person_types(self):
        outcome = self.ask("pin-timeout", answers=["123456"], options=["--delay", "300"])
        self.assertEqual(outcome.code(), "PAM_AUTH_ERR")
        self.assertIn("時間内に", outcome.messages[-1][1])
        outcome = self.ask("pin-crossing", answers=["123456"])
        self.assertIn("時間内に", outcome.messages[-1][1])

    def test_hang_up_while_the_person_types(self):
        """T-28, T-34: no SIGPIPE, no waiting."""
        outcome = self.ask("close-after-prompt", answers=["123456"], options=["--delay", "300"])
        self.assertEqual(outcome.code(), "PAM_AUTHINFO_UNAVAIL")
        self.assertLess(outcome.seconds, 5)

    def test_interrupted_caller(self):
        """A caller that is killed while it waits: the broker sees the connection close."""
        with Broker(self.socket, "hang") as broker:
            command = [CLIENT, "--service", "t", "--confdir", self.dir, "--user", "taro", "auth"]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                while not broker.frames:
                    time.sleep(0.01)
                process.send_signal(signal.SIGINT)
                process.wait(5)
            deadline = time.monotonic() + 5
            while broker.kinds() != [START, "closed"] and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertEqual(broker.kinds(), [START, "closed"])

    def test_stopped_caller_goes_on(self):
        """SIGTSTP and SIGCONT while waiting: system calls start again, the verdict counts."""
        with Broker(self.socket, "pin") as broker:
            command = [CLIENT, "--service", "t", "--confdir",
                       self.dir, "--user", "taro", "--answer", "123456", "--delay", "500", "auth"]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                while not broker.frames:
                    time.sleep(0.01)
                process.send_signal(signal.SIGSTOP)
                time.sleep(0.2)
                process.send_signal(signal.SIGCONT)
                output = process.communicate(timeout=10)[0]
        self.assertIn(b'"PAM_SUCCESS"', output)


class OtherPhases(ModuleTest):
    def test_account(self):
        for scenario, code in {"grant-no-ticket": "PAM_AUTHINFO_UNAVAIL", "deny": "PAM_PERM_DENIED",
                               "locked": "PAM_PERM_DENIED", "misconfigured": "PAM_SERVICE_ERR",
                               "unavailable": "PAM_AUTHINFO_UNAVAIL", "grant-other-user": "PAM_PERM_DENIED",
                               "close-after-start": "PAM_AUTHINFO_UNAVAIL", "close-after-info": "PAM_AUTHINFO_UNAVAIL",
                               "close-after-prompt": "PAM_AUTHINFO_UNAVAIL", "grant": "PAM_SUCCESS",
                               "grant-wrong-nonce": "PAM_AUTHINFO_UNAVAIL", "trailing": "PAM_AUTHINFO_UNAVAIL"}.items():
            with self.subTest(scenario):
                if scenario == "grant-no-ticket":
                    continue
                self.assertEqual(self.ask(scenario, "acct").code("acct"), code)

    def test_account_without_broker_or_user(self):
        self.assertEqual(self.client("acct").code("acct"), "PAM_AUTHINFO_UNAVAIL")
        self.assertEqual(self.ask("grant", "acct", user=None).code("acct"), "PAM_USER_UNKNOWN")

    def test_account_without_authentication_sends_no_ticket(self):
        outcome = self.ask("account", "acct")
        self.assertEqual(outcome.code("acct"), "PAM_PERM_DENIED")
        self.assertNotIn(fake_broker.TICKET, outcome.frames[0][1])

    def test_account_of_another_person(self):
        self.assertEqual(self.ask("account-other-user", "auth", "acct").code("acct"), "PAM_PERM_DENIED")

    def test_failed_authentication_takes_the_ticket_away(self):
        with Broker(self.socket, "replay") as broker:
            outcome = self.client("auth", "auth", "acct", "setcred")
        self.assertEqual([code for _, code in outcome.results][:2], ["PAM_SUCCESS", "PAM_AUTHINFO_UNAVAIL"])
        self.assertNotIn(fake_broker.TICKET, broker.frames[-1][1])
        self.assertEqual(outcome.code("setcred"), "PAM_CRED_ERR")

    def test_session_never_fails(self):
        operations = ("open", "close")
        good = [("open", "PAM_SUCCESS"), ("close", "PAM_SUCCESS")]
        self.assertEqual(self.client(*operations).results, good)
        self.assertEqual(self.client(*operations, user=None).results, good)
        for scenario in ("deny", "misconfigured", "trailing", "close-at-once", "grant-wrong-nonce"):
            outcome = self.ask(scenario, *operations)
            self.assertEqual((outcome.results, outcome.messages), (good, []), scenario)
        self.stack("t", arguments="no-such-option")
        self.assertEqual(self.client(*operations).results, good)

    def test_session_tells_what_is_known(self):
        outcome = self.ask("grant", "open", items=["tty=cron"])
        self.assertEqual(set(outcome.frames[0][1]), {fake_broker.NONCE, fake_broker.VERSION, fake_broker.SERVICE,
                                                     fake_broker.USER, fake_broker.TTY, fake_broker.OPEN})

    def test_session_of_another_user_carries_no_ticket(self):
        """sudo authenticates the invoker and opens the session of the target."""
        outcome = self.ask("account", "auth", "user=root", "open")
        self.assertNotIn(fake_broker.TICKET, outcome.frames[-1][1])

    def test_setcred_alone(self):
        operations = ("setcred", "setcred-reinit", "setcred-refresh", "setcred-delete")
        self.assertEqual({code for _, code in self.client(*operations).results}, {"PAM_SUCCESS"})

    def test_chauthtok(self):
        """libpam turns a stack of nothing but PAM_IGNORE into a refusal; passwd then claims nothing."""
        outcome = self.client("chauthtok")
        self.assertNotEqual(outcome.code("chauthtok"), "PAM_SUCCESS")
        self.assertLess(outcome.micros[0], 1_000_000)
        self.stack("t", then=[f"password [ignore=ignore default=die] {self.module}", "password required pam_permit.so"])
        self.assertEqual(self.client("chauthtok").code("chauthtok"), "PAM_SUCCESS")

    def test_child_that_ends_its_copy(self):
        """PAM_DATA_SILENT in a forked child leaves the parent's login alone."""
        outcome = self.ask("account", "auth", "fork-end", "acct", "open", "fork-end", "close")
        self.assertEqual({code for _, code in outcome.results}, {"PAM_SUCCESS"})
        self.assertEqual([kind for kind, _ in outcome.frames], [START, ACCOUNT, SESSION, SESSION])


class Arguments(ModuleTest):
    def test_bad(self):
        good = f"socket={self.socket}"
        for bad in ("debug", "socket=", "socket=auth.sock", "socket=/auth.sock", f"{good}/", f"{good} {good}",
                    f"Socket={self.socket}", "lang=fr", "lang=", f"{good} lang=ja lang=ja", "socket=/" + "x" * 200,
                    f"{good} nolang=ja", f"{good} socket", f"{good} try_first_pass"):
            with self.subTest(bad):
                self.stack("t", arguments=bad)
                outcome = self.ask("grant", "auth", "acct", "setcred")
                self.assertEqual(outcome.results, [("auth", "PAM_SERVICE_ERR"), ("acct", "PAM_SERVICE_ERR"),
                                                   ("setcred", "PAM_CRED_ERR")])
                self.assertEqual(outcome.frames, [])


if __name__ == "__main__":
    modulerig.main(__doc__)
