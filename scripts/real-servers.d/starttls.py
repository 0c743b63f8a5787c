"""A mail server in front of programs that speak TLS but no SMTP: `openssl s_server` and `gnutls-serv`.

Reads lines "HOST ADDRESS PORT SOFTWARE PEM SETTING..." and starts each program on that port of
127.0.0.1. On port 25 of the address it greets, answers EHLO and STARTTLS, and from then on only
passes bytes on. What was said inside TLS the program prints, and the answer is typed into it.
"""

import asyncio
import sys


async def main(table, tree):
    with open(table, encoding="ascii") as lines:
        fronts = [Front(tree, *line.split()) for line in lines]
    await asyncio.gather(*(front.run() for front in fronts))


class Front:
    def __init__(self, tree, host, address, port, software, pem, *settings):
        self.host, self.address, self.port = host, address, port
        # These programs talk to one client at a time.
        self.turn = asyncio.Lock()
        if software == "s_server":
            self.command = ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{port}", "-cert", pem, "-key", pem, *settings]
        else:
            # gnutls-serv has no way to listen at one address; nobody comes to the others.
            self.command = [f"{tree}/usr/bin/gnutls-serv", "--quiet", "--echo", "--port", port, "--x509certfile", pem,
                            "--x509keyfile", pem, "--priority", *settings]

    async def run(self):
        program = await asyncio.create_subprocess_exec(
            *self.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        await asyncio.start_server(self.serve, self.address, 25)
        while line := await program.stdout.readline():
            program.stdin.write(self.answer(line, inside=True))

    def answer(self, line, inside=False):
        verb = line.strip().upper().split(b" ")[0]
        if verb == b"EHLO":
            more = b"" if inside else f"250-{self.host}\r\n250 STARTTLS\r\n".encode()
            return more or f"250 {self.host}\r\n".encode()
        return {b"STARTTLS": b"220 go on\r\n", b"QUIT": b"221 goodbye\r\n"}.get(verb, b"502 no\r\n")

    async def serve(self, reader, writer):
        try:
            writer.write(f"220 {self.host} ESMTP\r\n".encode())
            while line := await reader.readline():
                writer.write(self.answer(line))
                if line.upper().startswith(b"QUIT"):
                    break
                if line.upper().startswith(b"STARTTLS"):
                    async with self.turn:
                        await self.join(reader, writer)
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def join(self, reader, writer):
        """Passes bytes in both directions until one side ends."""
        to, back = await asyncio.open_connection("127.0.0.1", self.port)
        pumps = [asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(to, writer))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        back.close()
        await asyncio.wait(pumps)


async def pump(source, sink):
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
        sink.write_eof()
    except (ConnectionError, OSError):
        sink.close()


asyncio.run(main(*sys.argv[1:]))
