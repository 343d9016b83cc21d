#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pam_toyama.so as a file: what a hardened build (no sanitizer) may hold and call.

    pam_module_static_test.py BUILD_DIR [unittest arguments]
"""

import os
import re
import subprocess
import sys
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODULE = os.path.join(os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "", "pam_toyama", "pam_toyama.so")


def tool(*command):
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


class Statics(unittest.TestCase):
    """What the file may hold, whatever the host does with it."""

    def setUp(self):
        self.module = MODULE

    def test_exports(self):
        names = {line.split()[-1] for line in tool("nm", "-D", "--defined-only", self.module).splitlines()}
        self.assertEqual(names, {f"pam_sm_{name}" for name in ("authenticate", "setcred", "acct_mgmt", "open_session",
                                                              "close_session", "chauthtok")})

    def test_libraries(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", tool("readelf", "-d", self.module))
        self.assertEqual(set(needed), {"libc.so.6", "libpam.so.0"})

    def test_no_writable_data(self):
        """Only what the loader makes read-only again, and no code before or after ours."""
        row = r"^\s*\[\s*\d+\]\s+(\S+)(?:\s+\S+){5}\s+\S*W"
        sections = re.findall(row, tool("readelf", "-SW", self.module), re.M)
        self.assertTrue(sections)
        for name in sections:
            self.assertIn(name, (".data.rel.ro", ".dynamic", ".got"))
        self.assertIn("GNU_RELRO", tool("readelf", "-lW", self.module))
        self.assertIn("BIND_NOW", tool("readelf", "-d", self.module))
        for tag in ("INIT", "FINI", "TEXTREL", "RUNPATH", "RPATH"):
            self.assertNotIn(f"({tag}", tool("readelf", "-d", self.module))

    def test_no_environment_function_is_called(self):
        undefined = tool("nm", "-D", "--undefined-only", self.module)
        for name in ("getenv", "secure_getenv", "setlocale", "dlopen", "fork", "system", "popen", "exec", "signal",
                     "sigaction", "pthread_create", "atexit", "setenv", "strerror", "localtime", "gettext", "pam_getenv",
                     "pam_get_user", "pam_get_authtok", "environ"):
            self.assertNotRegex(undefined, rf"\bU (__)?{name}(_r|64|@|$)", name)

    def test_stack_is_not_executable(self):
        self.assertRegex(tool("readelf", "-lW", self.module), r"GNU_STACK.* RW ")

    def functions(self):
        """{name: disassembly} of the module."""
        text = tool("objdump", "-d", "--no-show-raw-insn", self.module)
        return dict(re.findall(r"^[0-9a-f]+ <([^>]+)>:\n((?:.+\n)*)", text, re.M))

    def reachable(self, functions, start):
        seen, pending = set(), [start]
        while pending:
            name = pending.pop()
            if name in seen or name not in functions:
                continue
            seen.add(name)
            pending += re.findall(r"(?:call|jmp|j[a-z]+)\s+[0-9a-f]+ <([^>+]+)(?:\+[^>]*)?>", functions[name])
            pending += re.findall(r"lea .*# [0-9a-f]+ <([^>+]+)>", functions[name])
        return seen

    def test_no_ignore_from_authenticate(self):
        """T-02: PAM_IGNORE stands in one function, and nothing that authenticates reaches it or makes a 25."""
        ignore = re.compile(r"mov\s+\$0x19,%(?:eax|e[a-z]{2}|r\d+d)\b")
        functions = self.functions()
        self.assertRegex(functions["pam_sm_chauthtok"], ignore)
        reached = self.reachable(functions, "pam_sm_authenticate")
        self.assertGreater(len(reached), 20)
        self.assertNotIn("pam_sm_chauthtok", reached)
        for name in reached | self.reachable(functions, "pam_sm_acct_mgmt"):
            self.assertNotRegex(functions[name], ignore, name)

    def test_source(self):
        """PAM_IGNORE once, PAM_SUCCESS of an authentication in one place, no environment."""
        folder = os.path.join(SOURCE, "pam_toyama")
        code = {}
        for name in os.listdir(folder):
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    code[name] = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        self.assertEqual(sum(text.count("PAM_IGNORE") for text in code.values()), 1)
        self.assertIn("PAM_IGNORE", code["module.c"].split("pam_sm_chauthtok")[1])
        self.assertEqual(code["authenticate.c"].count("return PAM_SUCCESS"), 1)
        self.assertEqual(sum(text.count("return PAM_SUCCESS") for text in code.values()), 2)  # and the session's
        for text in code.values():
            self.assertNotRegex(text, r"\b(getenv|secure_getenv|environ|setlocale|static (?!const)\w+ \w+( =|;))")


if __name__ == "__main__":
    if not os.path.exists(MODULE):
        sys.exit(__doc__)
    del sys.argv[1]
    unittest.main()
