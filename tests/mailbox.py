"""A real mail server on this machine, which keeps what it is given: it can be stopped, and can refuse a recipient."""

import email
import email.policy
import socketserver
import threading
import time


class Mailbox:
    """`letters` holds every message that was taken, in order. `refused` holds addresses that it does not take."""

    def __init__(self):
        self.letters = []
        self.refused = set()
        self._server = None
        self.port = 0

    @property
    def url(self):
        """The address for SPEAKUP_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self):
        """Listen, on the same port as before if it was stopped."""
        box = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                box._talk(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self._server = Server(("127.0.0.1", self.port), Session)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        """Nothing answers any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def to(self, address):
        """The letters to an address."""
        return [letter for letter in self.letters if address in letter["To"]]

    def wait_for(self, address, count=1, *, seconds=30):
        """Wait until an address has had so many letters; gives those it has had by then."""
        until = time.monotonic() + seconds
        while len(self.to(address)) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.to(address)

    def _talk(self, lines, out):
        """One session by RFC 5321, as far as a client that sends one letter needs it."""

        def say(text):
            out.write(text.encode() + b"\r\n")

        say("220 mailbox ready")
        while line := lines.readline():
            order = line.decode().strip()
            verb = order.partition(" ")[0].upper()
            if verb == "RCPT" and any(address in order for address in self.refused):
                say("550 no such mailbox")
            elif verb == "DATA":
                say("354 go on")
                self._take(lines)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 OK" if verb in ("HELO", "EHLO", "MAIL", "RCPT", "RSET", "NOOP") else "500 what?")

    def _take(self, lines):
        taken = []
        while (line := lines.readline()) not in (b".\r\n", b""):
            taken.append(line[1:] if line.startswith(b"..") else line)
        self.letters.append(email.message_from_bytes(b"".join(taken), policy=email.policy.default))
