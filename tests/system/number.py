# SPDX-License-Identifier: Apache-2.0
"""Real logins in the individual-number zone: the card and the finger of one person, in every program, and
nothing else. Part of logins_test.py."""
import re

import host
import zone

PLACE_FINGER = "続けて、登録した指をセンサーに置いてください。"
NO_MATCH = r"指紋が一致しません。別の登録済みの指でもお試しください。（あと(\d)回）"
WRONG_FINGER = "指紋が一致しませんでした。もう一度はじめからお試しください。"
CARD_GONE = "カードが外されました。もう一度はじめからお試しください。"
NOT_THIS_WAY = "この方法ではログインできません。ICカードと指紋でログインしてください。"
LOCKED = "続けて一致しなかったため"


class Number(zone.Common):
    """What else has to hold there."""

    def press(self, person):
        """The right index finger of that person, as it never was before."""
        self.desk.sensor.press(host.FINGERS[person][0], host.FRESH)

    def prove(self, caller, card):
        super().prove(caller, card)
        caller.expect(PLACE_FINGER)
        self.press(card)

    def test_greeting(self):
        """What the person sees from the first line to the last."""
        caller = self.su("taro")
        self.prove(caller, "taro")
        self.in_shell(caller, "taro")
        self.assertRegex(caller.text, f"\\A{zone.PLACE_CARD}\\n{PLACE_FINGER}\\n砺波 太郎さん、(こんにちは|おはようございます|こんばんは)。"
                         "(\\n?前回のログイン：.*)?\\nshell of taro\\n\\Z")
        self.assertRegex(self.logged(), "result=granted cause= service=su user=taro tty=/dev/pts/[0-9]+ person=012346 "
                         "card=[0-9a-f]{8} factors=\"card finger\" finger=2 ")

    def test_english(self):
        self.restart(language="en")
        caller = self.su("hanako")
        caller.expect("^Place your IC card on the card reader.$")
        self.place("hanako")
        caller.expect("^Next, place a registered finger on the sensor.$")
        self.press("hanako")
        self.in_shell(caller, "hanako")
        self.assertTrue(re.sub("砺波 花子", "", caller.text).isascii())

    def test_bare_console(self):
        """The kernel's console draws no Japanese, whatever the host's language."""
        caller = self.login("hanako", tty="tty1")
        caller.expect("^Place your IC card on the card reader.$")
        self.place("hanako")
        caller.expect("^Next, place a registered finger on the sensor.$")
        self.press("hanako")
        caller.expect(r"\$ $")
        caller.send("tty; " + zone.WHO)
        caller.expect("^/dev/tty1$")
        self.in_shell(caller, "hanako")
        self.assertTrue(caller.text.isascii(), caller.text)

    def test_card_gives_the_name(self):
        """T-06: no name is asked for; both factors are that person's."""
        host.install_stacks(self.zone, without="pam_nologin")
        self.addCleanup(host.install_stacks, self.zone)
        caller = self.login()
        self.prove(caller, "taro")
        caller.expect(r"\$ $")
        caller.send(zone.WHO)
        self.in_shell(caller, "taro")

    def test_finger_of_somebody_else(self):
        caller = self.su("hanako")
        zone.Zone.prove(self, caller, "hanako")
        caller.expect(PLACE_FINGER)
        for left in ("2", "1"):
            self.press("taro")
            self.assertEqual(caller.expect(NO_MATCH).group(1), left)
        self.press("taro")
        self.turned_away(caller, WRONG_FINGER)
        self.assertRegex(self.logged(), "result=denied cause=finger-wrong .*person=012345 .*factors=card ")
        self.host.must("lockout.clear", person="hanako")

    def test_locked(self):
        """After the fifth wrong finger the right one does not help, until an operator says so."""
        for _ in range(2):
            caller = self.su("hanako")
            zone.Zone.prove(self, caller, "hanako")
            caller.expect(PLACE_FINGER)
            while not re.search(f"{WRONG_FINGER}|{LOCKED}", caller.text):
                self.press("taro")
                caller.expect(f"{NO_MATCH}|{WRONG_FINGER}|{LOCKED}")
            self.turned_away(caller)
            self.take()
        caller = self.su("hanako")
        zone.Zone.prove(self, caller, "hanako")
        self.turned_away(caller, LOCKED)
        self.assertIn("cause=locked", self.logged())
        self.take()
        self.host.must("lockout.clear", person="hanako")
        self.test_su()

    def test_card_taken_away(self):
        """Before the finger, and with the finger already on its way."""
        caller = self.su("hanako")
        zone.Zone.prove(self, caller, "hanako")
        caller.expect(PLACE_FINGER)
        self.take()
        self.turned_away(caller, CARD_GONE)
        self.assertRegex(self.logged(), "result=denied cause=card-removed .*factors=card ")

    def test_ssh_key(self):
        """sshd is content with the key; the account phase is not."""
        caller = self.ssh("hanako", "publickey")
        self.turned_away(caller)
        self.assertRegex(self.sshd.log(), "Accepted key ED25519|Postponed publickey|Accepted publickey")
        self.assertIn("Access denied for user hanako by PAM account configuration", self.sshd.log())
        self.assertIn("account: refused, not authenticated by an IC card: service=sshd user=hanako rhost=127.0.0.1",
                      self.logged())

    def test_ssh_key_where_exempt(self):
        """The refusal is the account phase's and nothing else's."""
        self.restart(account_exempt="sshd")
        self.in_shell(self.ssh("hanako", "publickey"), "hanako")

    def test_no_password(self):
        """Neither at the console nor for the break-glass group: the clause knows no exception here."""
        host.run("groupadd", "--system", "toyama-breakglass")
        self.addCleanup(host.run, "groupdel", "toyama-breakglass")
        host.run("usermod", "-aG", "toyama-breakglass", "hanako")
        caller = self.login("hanako", tty="tty1")
        caller.expect("^Place your IC card on the card reader.$")
        caller.send(host.PASSWORD)
        self.turned_away(caller, "Nothing was placed in time. Please start again.", end=False)

    def test_sensor_gone(self):
        """The right card alone is not enough."""
        self.desk.sensor.end()
        try:
            caller = self.su("hanako")
            zone.Zone.prove(self, caller, "hanako")
            self.turned_away(caller)
            self.assertIn("result=denied", self.logged())
        finally:
            self.desk.open_sensor()
