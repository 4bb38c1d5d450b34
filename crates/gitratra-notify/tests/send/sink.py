"""A mail server on a free port of 127.0.0.1: prints the port, then each mail as a line of JSON.

The arguments choose how it speaks: plain | starttls | wrapped, then the certificate and its key.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keep:
    async def handle_DATA(self, server, session, envelope):
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "is_tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data,
            "content": envelope.content.decode("utf-8"),
        }
        print(json.dumps(mail), flush=True)
        return "250 kept"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_known = (data.login, data.password) == (b"me", b"hunter2hunter2")
    return AuthResult(success=is_known, handled=is_known, auth_data=data.login.decode())


async def main():
    way = sys.argv[1]
    context = None
    if way != "plain":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(sys.argv[2], sys.argv[3])

    def speak():
        return SMTP(
            Keep(),
            hostname="sink",
            enable_SMTPUTF8=False,
            authenticator=authenticate,
            auth_require_tls=False,
            tls_context=context if way == "starttls" else None,
            require_starttls=way == "starttls",
        )

    loop = asyncio.get_running_loop()
    wrap = context if way == "wrapped" else None
    server = await loop.create_server(speak, "127.0.0.1", 0, ssl=wrap)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with the test that started it.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
