# SPDX-License-Identifier: Apache-2.0
"""The few PC/SC calls that a test needs when it plays another program beside the worker."""
import ctypes

SHARE_EXCLUSIVE, SHARE_SHARED = 1, 2
LEAVE_CARD, RESET_CARD = 0, 1
PROTOCOL_ANY = 3
STATE_PRESENT = 0x20
E_TIMEOUT = 0x8010000A

_lib = ctypes.CDLL("libpcsclite.so.1")
_long, _dword = ctypes.c_long, ctypes.c_ulong


class SCardError(OSError):
    """A call failed; `code` is its return value."""

    def __init__(self, call, code):
        super().__init__(f"{call}: {code:#010x}")
        self.code = code


def _call(name, *args):
    function = getattr(_lib, name)
    function.restype = _long
    code = function(*args) & 0xFFFFFFFF
    if code != 0:
        raise SCardError(name, code)


class _IoRequest(ctypes.Structure):
    _fields_ = [("protocol", _dword), ("length", _dword)]


class _ReaderState(ctypes.Structure):
    _fields_ = [("reader", ctypes.c_char_p), ("user", ctypes.c_void_p), ("current", _dword),
                ("event", _dword), ("atr_len", _dword), ("atr", ctypes.c_ubyte * 33)]


class Context:
    """A PC/SC context of this process."""

    def __init__(self):
        self.handle = _long()
        _call("SCardEstablishContext", _dword(2), None, None, ctypes.byref(self.handle))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _lib.SCardReleaseContext(self.handle)

    def readers(self):
        """Names of all readers."""
        size = _dword(4096)
        names = ctypes.create_string_buffer(4096)
        try:
            _call("SCardListReaders", self.handle, None, names, ctypes.byref(size))
        except SCardError as error:
            if error.code == 0x8010002E:
                return []
            raise
        return [name.decode() for name in names.raw[:size.value].split(b"\0") if name]

    def state(self, reader):
        """dwEventState of a reader, event counter included."""
        state = _ReaderState(reader=reader.encode())
        _call("SCardGetStatusChange", self.handle, _dword(0), ctypes.byref(state), _dword(1))
        return state.event

    def connect(self, reader, share=SHARE_SHARED):
        """A Card."""
        return Card(self, reader, share)


class Card:
    """A connection to the card in a reader."""

    def __init__(self, context, reader, share):
        self.handle = _long()
        self.protocol = _dword()
        _call("SCardConnect", context.handle, reader.encode(), _dword(share), _dword(PROTOCOL_ANY),
              ctypes.byref(self.handle), ctypes.byref(self.protocol))

    def begin(self):
        """Opens a transaction."""
        _call("SCardBeginTransaction", self.handle)

    def end(self, disposition=LEAVE_CARD):
        """Closes the transaction."""
        _call("SCardEndTransaction", self.handle, _dword(disposition))

    def disconnect(self, disposition=LEAVE_CARD):
        """Closes the connection."""
        _call("SCardDisconnect", self.handle, _dword(disposition))

    def reset(self):
        """A warm reset through SCardReconnect."""
        _call("SCardReconnect", self.handle, _dword(SHARE_SHARED), _dword(PROTOCOL_ANY), _dword(RESET_CARD),
              ctypes.byref(self.protocol))

    def transmit(self, command):
        """The whole answer, status word included; `command` bytes or hex."""
        if isinstance(command, str):
            command = bytes.fromhex(command)
        request = _IoRequest(self.protocol.value, ctypes.sizeof(_IoRequest))
        answer = ctypes.create_string_buffer(65538)
        size = _dword(len(answer))
        _call("SCardTransmit", self.handle, ctypes.byref(request), command, _dword(len(command)), None,
              answer, ctypes.byref(size))
        return answer.raw[:size.value]
