# SPDX-License-Identifier: Apache-2.0
"""A DNS server over UDP that misbehaves by name. usage: responder.py ADDRESS

slowNNN...  answers after NNN milliseconds
never...    does not answer
twice...    answers twice, the second time with another address (as a spoofer would)
echo...     answers twice, both times the same
else        answers at once
"""

import asyncio
import re
import socket
import sys

import dns.message
import dns.rrset


class Responder(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def answer(self, query, peer, address):
        response = dns.message.make_response(query)
        name = query.question[0].name
        response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", address))
        self.transport.sendto(response.to_wire(), peer)

    def datagram_received(self, data, peer):
        query = dns.message.from_wire(data)
        label = query.question[0].name.labels[0].decode()
        slow = re.match(r"slow(\d+)", label)
        if label.startswith("never"):
            return
        if slow:
            loop = asyncio.get_running_loop()
            loop.call_later(int(slow[1]) / 1000, self.answer, query, peer, "192.0.2.2")
            return
        self.answer(query, peer, "192.0.2.1")
        if label.startswith("twice"):
            self.answer(query, peer, "203.0.113.66")
        elif label.startswith("echo"):
            self.answer(query, peer, "192.0.2.1")


async def main(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    await asyncio.get_running_loop().create_datagram_endpoint(
        Responder, local_addr=(address, 53), family=family)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
